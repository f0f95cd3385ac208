package mail_test

import (
	"bytes"
	"maps"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/mail"
)

func TestTimesAreToldInTheirZoneAndInUTC(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		due           mail.Moment
		text, subject string
	}{
		"behind":   {at("2026-12-25T14:00:00Z", newYork, "-05:00"), "Friday 25 December 2026, 09:00 America/New_York (UTC-05:00), which is 14:00 UTC", "Fri 25 Dec 2026, 09:00 UTC-05:00"},
		"tomorrow": {at("2026-12-31T23:30:00Z", "Asia/Kolkata", "+05:30"), "Friday 1 January 2027, 05:00 Asia/Kolkata (UTC+05:30), which is Thursday 31 December 2026, 23:30 UTC", "Fri 1 Jan 2027, 05:00 UTC+05:30"},
		"seconds":  {at("2026-07-01T10:00:30Z", "Europe/Berlin", "+02:00"), "Wednesday 1 July 2026, 12:00:30 Europe/Berlin (UTC+02:00), which is 10:00:30 UTC", "Wed 1 Jul 2026, 12:00:30 UTC+02:00"},
		"utc":      {at("2026-07-01T10:00:00Z", "UTC", "+00:00"), "Wednesday 1 July 2026, 10:00 UTC", "Wed 1 Jul 2026, 10:00 UTC"},
		"london":   {at("2026-12-01T10:00:00Z", "Europe/London", "+00:00"), "Tuesday 1 December 2026, 10:00 Europe/London (UTC+00:00), which is 10:00 UTC", "Tue 1 Dec 2026, 10:00 UTC+00:00"},
	} {
		n := sample(mail.Scheduled)
		n.Due = c.due
		m := render(t, n)
		if !strings.Contains(strings.Join(strings.Fields(m.Plain), " "), c.text) || !strings.Contains(m.HTML, strings.ReplaceAll(c.text, "+", "&#43;")) {
			t.Errorf("%s: no %q in\n%s", name, c.text, m.Plain)
		}
		if !strings.HasSuffix(m.Subject, c.subject) {
			t.Errorf("%s: subject %q", name, m.Subject)
		}
	}
}

func TestReminderSaysHowLong(t *testing.T) {
	t.Parallel()
	for left, want := range map[time.Duration]string{
		30 * time.Minute: "in 30 minutes", time.Minute: "in 1 minute", 24 * time.Hour: "in 1 day",
		90*time.Minute + 2*time.Second: "in 1 hour 30 minutes", 59*time.Minute + 58*time.Second: "in 1 hour",
		10 * time.Second: "in 10 seconds", -time.Second: "now",
	} {
		n := sample(mail.Reminder)
		n.Now = n.Due.At.Add(-left)
		if m := render(t, n); m.Subject != "Reminder: Pine Storage goes live "+want {
			t.Errorf("%v: %q", left, m.Subject)
		}
	}
}

// Whoever names a product must not write headers, markup or calendar lines.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	const evil = "<script>alert(1)</script>\r\nBcc: all@example.com\r\n\r\n.\r\nEND:VEVENT\x00\u202e\"><a href=\"javascript:x\">;,\\n"
	for _, kind := range mail.Kinds {
		n := sample(kind)
		n.Tenant, n.Product, n.By, n.Reason, n.Detail, n.Hint, n.Key, n.Thread = evil, evil, evil, evil, evil, evil, evil, evil+"x"
		n.Due.Zone, n.Person = evil, evil
		for i := range n.Items {
			n.Items[i].Product, n.Items[i].Detail = evil, evil
		}
		m := render(t, n)
		if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, `href="javascript`) {
			t.Errorf("%s: markup came through:\n%s", kind, m.HTML)
		}
		if strings.ContainsAny(m.Subject, "\r\n\x00\u202e") || strings.ContainsAny(m.Plain, "\r\x00\u202e") {
			t.Errorf("%s: control characters came through: %q", kind, m.Subject)
		}
		parsed, err := netmail.ReadMessage(bytes.NewReader(raw(t, m)))
		if err != nil {
			t.Fatal(err)
		}
		plainNotice := sample(kind)
		want, err := netmail.ReadMessage(bytes.NewReader(raw(t, render(t, plainNotice))))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := slices.Sorted(maps.Keys(parsed.Header)), slices.Sorted(maps.Keys(want.Header)); !slices.Equal(got, want) {
			t.Errorf("%s: headers %q instead of %q", kind, got, want)
		}
		if n := bytes.Count(m.Calendar, []byte("\nEND:VEVENT")); m.Calendar != nil && n != 1 {
			t.Errorf("%s: %d events:\n%s", kind, n, m.Calendar)
		}
	}
}

func TestNoNoticeFromWhatIsNone(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*mail.Notice){
		"to":          func(n *mail.Notice) { n.To = "nobody" },
		"two":         func(n *mail.Notice) { n.To = "a@b.example, c@d.example" },
		"header":      func(n *mail.Notice) { n.To = "a@b.example\r\nBcc: c@d.example" },
		"quoted":      func(n *mail.Notice) { n.To = "\"a\r\nX: y\"@b.example" },
		"from":        func(n *mail.Notice) { n.From = "" },
		"kind":        func(n *mail.Notice) { n.Kind = "party" },
		"offset":      func(n *mail.Notice) { n.Due.Offset = "EST" },
		"link":        func(n *mail.Notice) { n.URL = "javascript:alert(1)" },
		"unsubscribe": func(n *mail.Notice) { n.UnsubscribeURL = "https://x.example/>\r\nX: y" },
		"item":        func(n *mail.Notice) { n.Items = []mail.Item{{URL: "ftp://x.example"}} },
	} {
		n := sample(mail.Scheduled)
		spoil(&n)
		if m, err := mail.Render(n); err == nil {
			t.Errorf("%s: became %q", name, m.Subject)
		}
	}
}

func TestLongTextsAreCut(t *testing.T) {
	t.Parallel()
	n := sample(mail.Failed)
	n.Product, n.Detail = strings.Repeat("ß", 1000), strings.Repeat("line\n", 10000)
	m := render(t, n)
	if len(m.Plain) > 5000 || len([]rune(m.Subject)) > 120 {
		t.Errorf("%d bytes, subject %q", len(m.Plain), m.Subject)
	}
}

// A mail that had to be sent twice is one to every mail program.
func TestMessageIDComesFromTheKey(t *testing.T) {
	t.Parallel()
	first, again := sample(mail.Reminder), sample(mail.Reminder)
	again.Now = again.Now.Add(time.Hour)
	other := sample(mail.Reminder)
	other.Key += "x"
	if a, b, c := render(t, first).ID, render(t, again).ID, render(t, other).ID; a != b || a == c || !strings.HasSuffix(a, "@example.com>") {
		t.Errorf("%s, %s, %s", a, b, c)
	}
}

func TestAllOutcomesOfAFailure(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[mail.Outcome]string{
		mail.Unchanged: "Nothing was changed", mail.Restored: "as it was before", mail.Partial: "couldn't be undone",
	} {
		n := sample(mail.Failed)
		n.Outcome = outcome
		if m := render(t, n); !strings.Contains(strings.Join(strings.Fields(m.Plain), " "), want) {
			t.Errorf("%s:\n%s", outcome, m.Plain)
		}
	}
	for _, kind := range []mail.Kind{mail.Failed, mail.Started, mail.Cancelled} {
		n := sample(kind)
		n.Rollback = true
		if m := render(t, n); !strings.Contains(m.Subject, "rolled back") {
			t.Errorf("the rollback's mail says %q", m.Subject)
		}
	}
}

func TestDigestSaysWhatItsItemsHaveInCommon(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kinds []mail.Kind
		want  string
	}{
		{[]mail.Kind{mail.Held, mail.Missed}, "Needs you: 2 go-lives need your decision"},
		{[]mail.Kind{mail.Missed}, "Needs you: 1 go-live needs your decision"},
		{[]mail.Kind{mail.Failed, mail.Failed}, "Failed: 2 go-lives did not complete"},
		{[]mail.Kind{mail.Completed, mail.Completed}, "Live: 2 go-lives completed"},
		{[]mail.Kind{mail.Completed, mail.Failed}, "2 go-lives have updates"},
		{[]mail.Kind{mail.Scheduled, mail.Scheduled}, "2 go-lives have updates"},
	} {
		n := sample(mail.Digest)
		n.Items = nil
		for _, kind := range c.kinds {
			n.Items = append(n.Items, mail.Item{Kind: kind, Product: "Oak Table"})
		}
		if got := render(t, n).Subject; got != c.want {
			t.Errorf("%q instead of %q", got, c.want)
		}
	}
}

// The outbox fills in what it knows, whatever the kind.
func TestOnlyWhatMattersIsTold(t *testing.T) {
	t.Parallel()
	for kind, unwanted := range map[mail.Kind][]string{
		mail.Scheduled: {"Previously:", "Delayed by:", "\n:"}, mail.Reminder: {"Previously:", "Delayed by:"}, mail.Cancelled: {"Previously:", "Delayed by:"},
	} {
		n := sample(kind)
		n.Happened, n.Before, n.Late = at("2026-12-20T16:45:00Z", newYork, "-05:00"), n.Due, time.Hour
		m := render(t, n)
		for _, text := range unwanted {
			if strings.Contains(m.Plain, text) {
				t.Errorf("%s says %q:\n%s", kind, text, m.Plain)
			}
		}
	}
}
