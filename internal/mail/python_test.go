package mail_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/golive-hq/golive/internal/mail"
)

// readMail is what Python's mail parser makes of a message.
type readMail struct {
	Headers map[string][]string
	Parts   []readPart
	Defects []string
}

type readPart struct{ Type, Method, Charset, Disposition, Filename, Text string }

// readCalendar is what icalendar makes of an iCalendar object.
type readCalendar struct {
	Method, Version, Name string
	Events                []readEvent
	Defects               []string
}

type readEvent struct {
	UID                                  string
	Sequence                             int
	Stamp, Start, End, Status            string
	Summary, Description, URL, Organizer string
	Attendee                             string
	AttendeeParameters                   map[string]string
	Errors                               []string
}

// readMails lets another program read the messages.
func readMails(t *testing.T, messages ...*mail.Message) []readMail {
	t.Helper()
	var items []map[string][]byte
	for _, m := range messages {
		items = append(items, map[string][]byte{"mail": raw(t, m)})
	}
	var read []readMail
	python(t, items, &read)
	return read
}

// readCalendars lets another program read the iCalendar objects.
func readCalendars(t *testing.T, calendars ...[]byte) []readCalendar {
	t.Helper()
	var items []map[string][]byte
	for _, c := range calendars {
		items = append(items, map[string][]byte{"calendar": c})
	}
	var read []readCalendar
	python(t, items, &read)
	return read
}

func python(t *testing.T, items, read any) {
	t.Helper()
	input, err := json.Marshal(items)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), interpreter(t), "testdata/read.py")
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	if err := json.Unmarshal(out, read); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
}

// interpreter is a Python that has icalendar. Debian's own has what apt installs;
// one that stands before it in PATH may not.
func interpreter(t *testing.T) string {
	t.Helper()
	for _, path := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), path, "-c", "import icalendar").Run() == nil {
			return path
		}
	}
	t.Fatal("calendars are read back by Python's icalendar: apt-get install python3-icalendar, or pip install icalendar")
	return ""
}

// raw is the message as it travels.
func raw(t *testing.T, m *mail.Message) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
