package mail_test

import (
	"bytes"
	"mime"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/mail"
)

// A name is what its reader sees, however much it looks like something encoded.
func TestLiteralNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"=?utf-8?b?4oCuZXZpbOKArA0KQmNjOiB4QHkueg==?=",
		"Plan =?utf-8?q?x=0D=0ABcc:?= for two",
		"Mug=?iso-8859-1?q?=E4?=",
		"Größe =?utf-8?q?x?=",
		"=?utf-8?q?x?= Größe",
		"=?utf-8?q?" + strings.Repeat("ab", 20) + "?=",
		"حرفه\u200cای", "👩\u200d💻 Developer", "מוצר",
	} {
		n := sample(mail.Scheduled)
		n.Product = name
		m := render(t, n)
		parsed, err := netmail.ReadMessage(bytes.NewReader(raw(t, m)))
		if err != nil {
			t.Fatal(err)
		}
		shown, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
		if err != nil || !strings.Contains(shown, name) || shown != m.Subject {
			t.Errorf("%q is shown as %q, %v", name, shown, err)
		}
		calendar := strings.ReplaceAll(string(m.Calendar), "\r\n ", "")
		if !strings.Contains(calendar, "SUMMARY:Go-live: "+name+"\r\n") {
			t.Errorf("%q: the calendar has\n%s", name, calendar)
		}
	}
}

// The sender's name is its operator's, and stands as it was given.
func TestLiteralSender(t *testing.T) {
	t.Parallel()
	n := sample(mail.Scheduled)
	n.From = `"=?x=?" <golive@example.com>`
	parsed, err := netmail.ReadMessage(bytes.NewReader(raw(t, render(t, n))))
	if err != nil {
		t.Fatal(err)
	}
	if from, err := parsed.Header.AddressList("From"); err != nil || from[0].Name != "=?x=?" {
		t.Errorf("%v, %v", from, err)
	}
}

// What mails show of a name is neutral, and whole where it is honest.
func TestLiteralTextOfMails(t *testing.T) {
	t.Parallel()
	n := sample(mail.Scheduled)
	n.Product, n.Reason = "حرفه\u200cای \u202eevil\u2066", "one\x1b[31m\ntwo\u2028three"
	m := render(t, n)
	for _, part := range []string{m.Subject, m.Plain, m.HTML, string(m.Calendar)} {
		if strings.ContainsAny(part, "\u202e\u2066\x1b\u2028") {
			t.Errorf("%q", part)
		}
	}
	if !strings.Contains(m.Plain, "حرفه\u200cای evil") {
		t.Error(m.Plain)
	}
}
