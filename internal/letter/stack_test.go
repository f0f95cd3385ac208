package letter_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"regexp"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/moment"
	"github.com/golive-hq/golive/internal/notify"
)

const (
	simple = domaintest.Simple
	coffee = domaintest.Coffee
	admin  = domaintest.Admin
)

var (
	must     = domaintest.Must
	subjects = domaintest.Subjects
	byMail   = domaintest.ByMail
)

type (
	postman = domaintest.Postman
	arrived = domaintest.Arrived
)

// stack is the whole domain, as these tests use it.
type stack struct{ *domaintest.Stack }

func newStack(t *testing.T) *stack {
	t.Helper()
	return &stack{domaintest.New(t)}
}

func (st *stack) christmas(t *testing.T, stripeID string) deployment.ScheduleInput {
	t.Helper()
	local := localtime.Date(2026, 12, 25, 9, 0, 0)
	return deployment.ScheduleInput{
		ProductID: st.Product(t, stripeID).ID, When: moment.When{Local: &local, Zone: "America/New_York"},
		Notifications: notify.Settings{Email: true, RemindBeforeMinutes: []int{30}},
	}
}

// calendarOf reads the properties of a mail's text/calendar part.
func calendarOf(t *testing.T, a arrived) map[string]string {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(a.Data))
	must(t, err)
	text := calendarIn(t, m.Header.Get("Content-Type"), m.Body)
	out := map[string]string{}
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n ", "")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		out[name] = value
	}
	return out
}

// calendarIn finds it in the tree of parts, "" where there is none.
func calendarIn(t *testing.T, contentType string, body io.Reader) string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	must(t, err)
	if kind == "text/calendar" {
		text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, body))
		must(t, err)
		return string(text)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return ""
	}
	for parts := multipart.NewReader(body, params["boundary"]); ; {
		part, err := parts.NextPart()
		if err != nil {
			return ""
		}
		var raw bytes.Buffer
		_, err = raw.ReadFrom(part)
		must(t, err)
		if text := calendarIn(t, part.Header.Get("Content-Type"), &raw); text != "" {
			return text
		}
	}
}

// whom finds the line of a mail's plain text that names a person.
var whom = regexp.MustCompile(`\n(?:Scheduled|Rescheduled|Cancelled|Requested) by: +\S+`)

// wantWho sends what is due, and expects subjects with the lines that name persons.
func (st *stack) wantWho(t *testing.T, post *postman, want ...string) {
	t.Helper()
	st.Deliver(t)
	mails := post.Take()
	if len(mails) != len(want) {
		t.Fatalf("%v, not %q", mails, want)
	}
	for i, m := range mails {
		word, _, _ := strings.Cut(m.Subject, ":")
		if got := word + ": " + strings.Join(strings.Fields(whom.FindString(m.Data)), " "); got != want[i] {
			t.Errorf("%q, not %q", got, want[i])
		}
	}
}

const bob = "bob@acme.example"
