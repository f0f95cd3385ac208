package inbox

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"
)

const (
	secretOne = "whsec_one"
	secretTwo = "whsec_two"
)

var signedAt = time.Unix(1_700_000_000, 0)

// v1 is what Stripe's own library makes of a body.
func v1(secret string, body string) string {
	return "v1=" + hex.EncodeToString(webhook.ComputeSignature(signedAt, []byte(body), secret))
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const body = `{"id":"evt_1"}`
	at, one, two := fmt.Sprintf("t=%d", signedAt.Unix()), v1(secretOne, body), v1(secretTwo, body)
	bogus := "v1=" + strings.Repeat("ab", 32)
	for name, c := range map[string]struct {
		header string
		off    time.Duration
		want   proof
	}{
		"as Stripe sends it":            {at + "," + one, 0, genuine},
		"spaces":                        {" " + at + " , " + one + " ", 0, genuine},
		"by the other secret":           {at + "," + two, 0, genuine},
		"the second of two":             {at + "," + bogus + "," + one, 0, genuine},
		"beside another scheme":         {at + ",v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39," + one, 0, genuine},
		"the time last":                 {one + "," + at, 0, genuine},
		"beside what is no hex":         {at + ",v1=zz," + one, 0, genuine},
		"the sixteenth":                 {at + strings.Repeat(","+bogus, 15) + "," + one, 0, genuine},
		"the seventeenth":               {at + strings.Repeat(","+bogus, 16) + "," + one, 0, forged},
		"five minutes old":              {at + "," + one, 300 * time.Second, genuine},
		"older":                         {at + "," + one, 301 * time.Second, skewed},
		"five minutes ahead":            {at + "," + one, -300 * time.Second, genuine},
		"further ahead":                 {at + "," + one, -301 * time.Second, skewed},
		"nothing":                       {"", 0, forged},
		"no time":                       {one, 0, forged},
		"two times":                     {"t=1," + at + "," + one, 0, forged},
		"another time than was signed":  {fmt.Sprintf("t=%d,", signedAt.Unix()+1) + one, 0, forged},
		"a time with a sign":            {fmt.Sprintf("t=+%d,", signedAt.Unix()) + one, 0, forged},
		"a time without end":            {"t=" + strings.Repeat("9", 30) + "," + one, 0, forged},
		"no signature":                  {at, 0, forged},
		"the old scheme alone":          {at + "," + strings.Replace(one, "v1", "v0", 1), 0, forged},
		"a signature cut short":         {at + "," + one[:len(one)-2], 0, forged},
		"somebody else's":               {at + "," + v1("whsec_three", body), 0, forged},
		"of another body":               {at + "," + v1(secretOne, body+" "), 0, forged},
		"with what is longer than 4 KB": {at + "," + one + strings.Repeat(" ", mostHeader), 0, forged},
	} {
		if got := verify(c.header, []byte(body), []string{secretOne, secretTwo}, signedAt.Add(c.off)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if got := verify(at+","+v1("", body), []byte(body), nil, signedAt); got != forged {
		t.Errorf("without any secret: %s", got)
	}
}

func TestSignedAsStripeSigns(t *testing.T) {
	t.Parallel()
	header := sign(secretOne, []byte("{}"), signedAt)
	if err := webhook.ValidatePayloadIgnoringTolerance([]byte("{}"), header, secretOne); err != nil {
		t.Error(err)
	}
}

// Whatever comes, what nobody signed is no genuine event, and nothing panics.
func FuzzSignature(f *testing.F) {
	const body = `{"id":"evt_1"}`
	good := sign(secretOne, []byte(body), signedAt)
	for _, header := range []string{good, " " + good, good + ",v1=", "t=,v1=", "t=1=2,v1=00", strings.ReplaceAll(good, ",", ", "), ",,,,"} {
		f.Add(header, body)
	}
	f.Fuzz(func(t *testing.T, header, sent string) {
		got := verify(header, []byte(sent), []string{secretOne}, signedAt)
		signed := strings.Contains(header, good[len(good)-64:]) || strings.Contains(strings.ToLower(header), good[len(good)-64:])
		if got != forged && (sent != body || !signed) {
			t.Errorf("%q with %q is %s", header, sent, got)
		}
	})
}
