package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/mail"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/devstack"
)

// post is the mail server of a stack, with a bell that rings for each mail.
type post struct {
	*devstack.Mail
	bell *bell
}

func startPost(t *testing.T) *post {
	t.Helper()
	bell := &bell{rings: make(chan struct{}, 1)}
	sink, err := devstack.StartMail(t.Context(), slog.New(bell))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sink.Stop)
	return &post{sink, bell}
}

func (p *post) env() []string { return []string{"GOLIVE_SMTP_URL=" + p.URL} }

// heading is how the subject of a kind of mail begins, as docs/mail shows it.
func heading(t testing.TB, kind string) string {
	t.Helper()
	sample, err := os.ReadFile("../../docs/mail/" + kind + ".txt")
	_, subject, found := bytes.Cut(sample, []byte("Subject: "))
	begin, _, whole := bytes.Cut(subject, []byte(":"))
	if err != nil || !found || !whole {
		t.Fatalf("no subject of a mail that is %s: %v", kind, err)
	}
	return string(begin) + ": "
}

// await returns the first mail of a kind about the product Plans, once it is there.
func (p *post) await(t testing.TB, kind string) []byte {
	t.Helper()
	subject := heading(t, kind) + "Plans"
	for {
		for _, m := range p.Messages() {
			if strings.HasPrefix(subjectOf(m.Data), subject) {
				return m.Data
			}
		}
		select {
		case <-p.bell.rings:
		case <-time.After(time.Minute):
			t.Fatalf("no mail %q, only %q", subject, p.subjects())
		}
	}
}

// arrived counts the mails whose subject begins as that of a kind.
func (p *post) arrived(t testing.TB, kind string) (n int) {
	t.Helper()
	for _, s := range p.subjects() {
		if strings.HasPrefix(s, heading(t, kind)) {
			n++
		}
	}
	return n
}

func (p *post) subjects() (all []string) {
	for _, m := range p.Messages() {
		all = append(all, subjectOf(m.Data))
	}
	return all
}

func subjectOf(data []byte) string {
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return err.Error()
	}
	return m.Header.Get("Subject")
}

// bell is a log whose every line rings.
type bell struct{ rings chan struct{} }

func (b *bell) Enabled(context.Context, slog.Level) bool { return true }
func (b *bell) WithAttrs([]slog.Attr) slog.Handler       { return b }
func (b *bell) WithGroup(string) slog.Handler            { return b }

func (b *bell) Handle(context.Context, slog.Record) error {
	select {
	case b.rings <- struct{}{}:
	default:
	}
	return nil
}

// invitation is what Python's icalendar makes of a mail's calendar part.
type invitation struct {
	Method string
	Events []struct {
		UID           string
		Sequence      int
		Start, Status string
	}
	Defects []string
}

// invitations lets another program read the mails and their calendar parts.
func invitations(t *testing.T, mails ...[]byte) []invitation {
	t.Helper()
	var letters []struct {
		Parts []struct{ Type, Method, Text string }
	}
	readByPython(t, "mail", mails, &letters)
	var calendars [][]byte
	for _, l := range letters {
		for _, part := range l.Parts {
			if part.Type == "text/calendar" {
				calendars = append(calendars, []byte(part.Text))
			}
		}
	}
	if len(calendars) != len(mails) {
		t.Fatalf("%d calendar parts in %d mails", len(calendars), len(mails))
	}
	var read []invitation
	readByPython(t, "calendar", calendars, &read)
	return read
}

func readByPython(t *testing.T, what string, data [][]byte, into any) {
	t.Helper()
	var items []map[string][]byte
	for _, d := range data {
		items = append(items, map[string][]byte{what: d})
	}
	input, err := json.Marshal(items)
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	// Debian's own Python has the icalendar that apt installs; one before it in PATH
	// may not.
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		cmd := exec.CommandContext(t.Context(), python, "../mail/testdata/read.py")
		cmd.Stdin = bytes.NewReader(input)
		if out, err = cmd.Output(); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatalf("read back by Python's icalendar (apt-get install python3-icalendar): %v", err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatal(err)
	}
}
