package mail_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/golive-hq/golive/internal/mail"
)

// story is a go-live at Christmas: scheduled, moved by a day, cancelled.
func story() []mail.Notice {
	scheduled, moved, cancelled := sample(mail.Scheduled), sample(mail.Rescheduled), sample(mail.Cancelled)
	scheduled.Thread = scheduled.Key
	moved.Thread, cancelled.Thread = scheduled.Key, scheduled.Key
	moved.Now, cancelled.Now = scheduled.Now.Add(time.Hour), scheduled.Now.Add(2*time.Hour)
	cancelled.Due = moved.Due
	return []mail.Notice{scheduled, moved, cancelled}
}

// What Python's mail parser and icalendar read out of our bytes.
func TestInvitationsAsOthersReadThem(t *testing.T) {
	t.Parallel()
	var messages []*mail.Message
	var calendars [][]byte
	for _, n := range story() {
		messages = append(messages, render(t, n))
	}
	mails := readMails(t, messages...)
	for i, m := range mails {
		if len(m.Defects) > 0 {
			t.Errorf("defects %q", m.Defects)
		}
		var types []string
		for _, p := range m.Parts {
			types = append(types, p.Type)
		}
		if got := strings.Join(types, " "); got != "multipart/mixed multipart/alternative text/plain text/html text/calendar application/ics" {
			t.Fatalf("parts %s", got)
		}
		plain, html, part, file := m.Parts[2], m.Parts[3], m.Parts[4], m.Parts[5]
		if strings.ReplaceAll(plain.Text, "\r\n", "\n") != messages[i].Plain || strings.ReplaceAll(html.Text, "\r\n", "\n") != messages[i].HTML {
			t.Error("the texts arrive as others")
		}
		if part.Charset != "utf-8" || part.Text != file.Text || part.Text != string(messages[i].Calendar) {
			t.Errorf("the calendar arrives as %+v and %+v", part, file)
		}
		if file.Disposition != "attachment" || file.Filename != "invite.ics" {
			t.Errorf("the file is %+v", file)
		}
		calendars = append(calendars, []byte(part.Text))
	}

	for i, c := range readCalendars(t, calendars...) {
		want := readEvent{
			UID: "deployment-" + sampleDeployment + "@golive", Sequence: i,
			Stamp:  []string{"2026-12-18T10:12:03", "2026-12-18T11:12:03", "2026-12-18T12:12:03"}[i] + "+00:00",
			Start:  []string{"2026-12-25T14:00:00", "2026-12-26T02:00:00", "2026-12-26T02:00:00"}[i] + "+00:00",
			End:    []string{"2026-12-25T14:15:00", "2026-12-26T02:15:00", "2026-12-26T02:15:00"}[i] + "+00:00",
			Status: []string{"CONFIRMED", "CONFIRMED", "CANCELLED"}[i], Summary: "Go-live: Pine Storage",
			URL: sample(mail.Scheduled).URL, Organizer: "mailto:golive@example.com", Attendee: "mailto:ada@harbour.example",
		}
		method := []string{"REQUEST", "REQUEST", "CANCEL"}[i]
		got := c.Events[0]
		if got.AttendeeParameters["RSVP"] != "FALSE" {
			t.Errorf("answers are asked for: %v", got.AttendeeParameters)
		}
		if !strings.Contains(got.Description, "Goes live: ") && !strings.Contains(got.Description, "Scheduled for: ") {
			t.Errorf("described as %q", got.Description)
		}
		if len(got.Errors)+len(c.Defects) > 0 || c.Method != method || mails[i].Parts[4].Method != method || c.Version != "2.0" {
			t.Errorf("%d: %+v in a part with method %s", i, c, mails[i].Parts[4].Method)
		}
		got.Description, got.AttendeeParameters, got.Errors = "", nil, nil
		if !equal(got, want) {
			t.Errorf("%d:\n got %+v\nwant %+v", i, got, want)
		}
	}
}

func equal(a, b readEvent) bool {
	return a.UID == b.UID && a.Sequence == b.Sequence && a.Stamp == b.Stamp && a.Start == b.Start && a.End == b.End &&
		a.Status == b.Status && a.Summary == b.Summary && a.URL == b.URL && a.Organizer == b.Organizer && a.Attendee == b.Attendee
}

func TestHeadersAsOthersReadThem(t *testing.T) {
	t.Parallel()
	notices := story()
	mandatory := sample(mail.Failed)
	insecure := sample(mail.Started)
	insecure.UnsubscribeURL = "http://127.0.0.1:8080/unsubscribe/x"
	notices = append(notices, mandatory, insecure)
	var messages []*mail.Message
	for _, n := range notices {
		messages = append(messages, render(t, n))
	}
	read := readMails(t, messages...)
	one := func(i int, name string) string { return strings.Join(read[i].Headers[name], "|") }
	for i, n := range notices {
		for name, want := range map[string]string{
			"from": "Golive <golive@example.com>", "to": "ada@harbour.example", "subject": messages[i].Subject,
			"message-id": messages[i].ID, "auto-submitted": "auto-generated",
			"date": n.Now.Format("Mon, 02 Jan 2006 15:04:05 +0000"), "user-agent": "",
		} {
			if got := one(i, name); got != want {
				t.Errorf("%s: %s is %q, not %q", n.Kind, name, got, want)
			}
		}
	}
	if one(0, "in-reply-to") != "" || one(1, "in-reply-to") != messages[0].ID || one(2, "references") != messages[0].ID {
		t.Errorf("no thread: %q %q %q", one(0, "in-reply-to"), one(1, "in-reply-to"), one(2, "references"))
	}
	if one(0, "list-unsubscribe") != "<"+notices[0].UnsubscribeURL+">" || one(0, "list-unsubscribe-post") != "List-Unsubscribe=One-Click" {
		t.Errorf("no one-click: %q %q", one(0, "list-unsubscribe"), one(0, "list-unsubscribe-post"))
	}
	if one(3, "list-unsubscribe") != "" || one(3, "list-unsubscribe-post") != "" || strings.Contains(messages[3].Plain, "Unsubscribe") {
		t.Error("a mail that cannot be switched off offers to be")
	}
	if one(4, "list-unsubscribe") == "" || one(4, "list-unsubscribe-post") != "" {
		t.Errorf("one click without https: %q", one(4, "list-unsubscribe-post"))
	}
}

func TestNamesInAllScriptsArrive(t *testing.T) {
	t.Parallel()
	n := sample(mail.Scheduled)
	n.From, n.Product = "Gölive für Ünal <golive@example.com>", "Größe für übermorgen 漢字漢字漢字漢字漢字 👩‍🚀 עברית"
	m := render(t, n)
	if read := readMails(t, m)[0]; read.Headers["subject"][0] != m.Subject || read.Headers["from"][0] != n.From || len(read.Defects) > 0 {
		t.Errorf("%q, %q, %q", read.Headers["subject"], read.Headers["from"], read.Defects)
	}
	for line := range strings.SplitSeq(string(raw(t, m)), "\r\n") {
		if len(line) > 998 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("not every server takes %q", line)
		}
	}
	if e := readCalendars(t, m.Calendar)[0].Events[0]; e.Summary != "Go-live: "+n.Product {
		t.Errorf("%q", e.Summary)
	}
}

// Whoever lets a scheduled one go live early has it in the calendar when it was.
func TestCalendarFollowsAnEarlyStart(t *testing.T) {
	t.Parallel()
	n := sample(mail.Completed)
	if m := render(t, n); m.Calendar != nil {
		t.Errorf("in time, and the calendar is touched:\n%s", m.Calendar)
	}
	n.Sequence, n.Happened = 1, at("2026-12-24T18:00:00Z", newYork, "-05:00")
	read := readCalendars(t, render(t, n).Calendar)[0]
	if e := read.Events[0]; read.Method != "REQUEST" || e.Start != "2026-12-24T18:00:00+00:00" || e.Sequence != 1 {
		t.Errorf("%+v", read)
	}
}

// Names in all scripts, and what would end a line or a value in a calendar.
func TestCalendarTextsSurvive(t *testing.T) {
	t.Parallel()
	names := []string{
		strings.Repeat("é", 37) + "a" + strings.Repeat("é", 60), strings.Repeat("漢字", 50), strings.Repeat("👩‍🚀", 20),
		`semi;colon, comma \ backslash "quoted" BEGIN:VEVENT: end`, strings.Repeat("x", 200),
	}
	var events []mail.Event
	for i, name := range names {
		events = append(events, mail.Event{
			UID: mail.UID(string(rune('a' + i))), Sequence: i, Start: sample(mail.Scheduled).Due.At, Changed: sample(mail.Scheduled).Now,
			Summary: name, Description: "first\nsecond, " + name, OnHold: i == 0,
		})
	}
	feed := mail.Feed("Go-lives; of, all", events)
	for line := range strings.SplitSeq(strings.TrimSuffix(string(feed), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
			t.Errorf("not a content line: %q", line)
		}
	}
	read := readCalendars(t, feed)[0]
	if read.Method != "" || read.Name != "Go-lives; of, all" || len(read.Events) != len(names) || len(read.Defects) > 0 {
		t.Fatalf("%+v", read)
	}
	for i, e := range read.Events {
		if e.Summary != names[i] || e.Description != "first\nsecond, "+names[i] || len(e.Errors) > 0 {
			t.Errorf("%q arrives as %q, %q", names[i], e.Summary, e.Description)
		}
	}
	if read.Events[0].Status != "TENTATIVE" || read.Events[1].Status != "CONFIRMED" {
		t.Errorf("%s, %s", read.Events[0].Status, read.Events[1].Status)
	}
}

// A feed that publishes nothing to anybody is a calendar all the same, whose components
// are as many as the standard wants.
func TestFeedIsACalendarHoweverEmpty(t *testing.T) {
	t.Parallel()
	one := mail.Event{UID: mail.UID("d"), Start: time.Unix(0, 0), Changed: time.Unix(0, 0), Summary: "Go-live: One"}
	for name, c := range map[string]struct {
		feed                  []byte
		events, zones, method int
	}{
		"of nobody": {mail.Feed("", nil), 0, 1, 0},
		"empty":     {mail.Feed("Nothing", []mail.Event{}), 0, 1, 0},
		"of one":    {mail.Feed("Something", []mail.Event{one}), 1, 0, 0},
	} {
		for what, want := range map[string]int{"BEGIN:VEVENT": c.events, "BEGIN:VTIMEZONE": c.zones, "METHOD:": c.method} {
			if got := bytes.Count(c.feed, []byte(what)); got != want {
				t.Errorf("%s: %d times %s, not %d", name, got, what, want)
			}
		}
		if read := readCalendars(t, c.feed)[0]; len(read.Events) != c.events || len(read.Defects) != 0 || read.Version != "2.0" {
			t.Errorf("%s: %+v", name, read)
		}
	}
}
