package deployment_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/localtime"
)

// Christmas morning in New York: a reminder half an hour before, the go-live at its
// time, and the mail that it is done; in calendars one entry.
func TestChristmasMorning(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	st.at(t, time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))
	d := st.schedule(t, st.christmas(t, simple))
	st.deliver(t)
	invited := post.take()
	for _, step := range []struct{ at, told string }{
		{"2026-12-25T13:29:00Z", ""}, {"2026-12-25T13:30:01Z", "Reminder"}, {"2026-12-25T13:59:00Z", ""}, {"2026-12-25T14:00:01Z", "Live"},
	} {
		at, err := time.Parse(time.RFC3339, step.at)
		must(t, err)
		st.at(t, at)
		n, err := st.StartDue(t.Context())
		must(t, err)
		if n == 1 {
			if end := st.carryOut(t, d.ID); end.Status != deployment.Completed {
				t.Fatal(end.Status)
			}
		}
		st.deliver(t)
		got := post.take()
		if subjects(got) != step.told {
			t.Errorf("at %s told %v", step.at, got)
		}
		for _, m := range got {
			if !strings.Contains(m.data, "25 December 2026") && !strings.Contains(m.data, "25 Dec 2026") {
				t.Errorf("%v tells no day", m)
			}
		}
	}
	if len(invited) != 1 || !strings.Contains(invited[0].subject, "Fri 25 Dec 2026, 09:00 UTC-05:00") {
		t.Errorf("%v", invited)
	}
}

func (st *stack) christmas(t *testing.T, stripeID string) deployment.ScheduleInput {
	t.Helper()
	local := localtime.Date(2026, 12, 25, 9, 0, 0)
	return deployment.ScheduleInput{
		ProductID: st.product(t, stripeID).ID, When: deployment.When{Local: &local, Zone: "America/New_York"},
		Notifications: deployment.NotificationSettings{Email: true, RemindBeforeMinutes: []int{30}},
	}
}

// In a calendar the go-live is one entry, whose numbers count up through request,
// move and cancel, and whose mails are one thread.
func TestOneEntryInCalendars(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.withMail(t)
	st.at(t, time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))
	d := st.schedule(t, st.christmas(t, simple))
	var mails []arrived
	next := func() { st.deliver(t); mails = append(mails, post.take()...) }
	next()
	st.reschedule(t, d.ID, d.DueAt.Add(12*time.Hour))
	next()
	st.cancel(t, d.ID)
	next()
	if len(mails) != 3 {
		t.Fatalf("%v", mails)
	}
	for i, want := range []struct{ method, due string }{
		{"REQUEST", "20261225T140000Z"}, {"REQUEST", "20261226T020000Z"}, {"CANCEL", "20261226T020000Z"},
	} {
		entry := calendarOf(t, mails[i])
		for property, value := range map[string]string{
			"METHOD": want.method, "UID": "deployment-" + d.ID + "@golive", "SEQUENCE": string(rune('0' + i)), "DTSTART": want.due,
		} {
			if entry[property] != value {
				t.Errorf("%v: %s is %q, not %q", mails[i], property, entry[property], value)
			}
		}
		if i > 0 && !strings.Contains(mails[i].data, "In-Reply-To: "+mails[0].id) {
			t.Errorf("%v answers not the first", mails[i])
		}
	}
}

// calendarOf reads the properties of a mail's text/calendar part.
func calendarOf(t *testing.T, a arrived) map[string]string {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(a.data))
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
