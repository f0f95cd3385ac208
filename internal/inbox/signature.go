package inbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// What a signature header may be, and how far its time may be from ours, either way: a
// request that somebody recorded is worth nothing after that, nor is one dated ahead.
const (
	mostHeader     = 4 << 10
	mostSignatures = 16
	tolerance      = 300 * time.Second
)

// signature is what a Stripe-Signature header says.
type signature struct {
	// at is the Unix time as it was written, for that text is what was signed.
	at   string
	unix int64
	v1   [][]byte
}

// parseSignature reads t=UNIX,v1=HEX[,v1=HEX], with spaces wherever a proxy may put them.
// What it does not know, such as v0, says nothing.
func parseSignature(header string) (s signature, ok bool) {
	if len(header) > mostHeader {
		return s, false
	}
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(part, "=")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(name) {
		case "t":
			if s.at != "" {
				return s, false // two times would let the signer of one be taken for that of the other
			}
			s.at = value
		case "v1":
			if len(s.v1) == mostSignatures {
				return s, false
			}
			if sum, err := hex.DecodeString(value); err == nil && len(sum) == sha256.Size {
				s.v1 = append(s.v1, sum)
			}
		}
	}
	if strings.Trim(s.at, "0123456789") != "" || len(s.at) > 12 {
		return s, false
	}
	var err error
	s.unix, err = strconv.ParseInt(s.at, 10, 64)
	return s, err == nil && len(s.v1) > 0
}

// HasSignature tells whether a header has the form that Stripe's have.
func HasSignature(header string) bool {
	_, ok := parseSignature(header)
	return ok
}

// proof is what a signature proves.
type proof string

const (
	genuine proof = "genuine"
	// skewed is signed as it should be, at another time.
	skewed proof = "skewed"
	forged proof = "forged"
)

// verify holds a body to its signature, by any of the secrets.
func verify(header string, body []byte, secrets []string, now time.Time) proof {
	s, ok := parseSignature(header)
	if !ok || !s.signedBy(secrets, body) {
		return forged
	}
	if off := now.Sub(time.Unix(s.unix, 0)); off < -tolerance || off > tolerance {
		return skewed
	}
	return genuine
}

func (s signature) signedBy(secrets []string, body []byte) (is bool) {
	for _, secret := range secrets {
		want := sum(secret, s.at, body)
		for _, got := range s.v1 {
			is = hmac.Equal(got, want) || is
		}
	}
	return is
}

// sum is what Stripe signs a body with at a time.
func sum(secret, at string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// sign makes the header that Stripe would send with a body.
func sign(secret string, body []byte, now time.Time) string {
	at := strconv.FormatInt(now.Unix(), 10)
	return "t=" + at + ",v1=" + hex.EncodeToString(sum(secret, at, body))
}
