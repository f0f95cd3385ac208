package mail

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	netmail "net/mail"
	"slices"
	"strings"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"github.com/golive-hq/golive/internal/mailbox"
)

// Message is a mail that is ready to be sent.
type Message struct {
	// ID is the Message-ID, with its angle brackets.
	ID string
	// From and To are bare addresses, their domains in A-labels.
	From, To string
	Subject  string
	// Plain and HTML say the same.
	Plain, HTML string
	// Calendar is the invitation or its end as an iCalendar object, nil for none.
	Calendar []byte

	msg *gomail.Msg
}

// WriteTo writes the message as it travels: header, then MIME parts.
func (m *Message) WriteTo(w io.Writer) (int64, error) { return m.msg.WriteTo(w) }

// Render makes the mail that a notice asks for. It fails only where the notice
// can never become one: an address that is none, a link that is none, an unknown
// kind; trying again is of no use then.
func Render(n Notice) (*Message, error) {
	from, err := parsePerson(n.From)
	if err != nil {
		return nil, err
	}
	to, err := parsePerson(n.To)
	if err != nil {
		return nil, err
	}
	l, err := compose(n)
	if err != nil {
		return nil, err
	}
	m := &Message{From: from.Address, To: to.Address, Subject: l.Subject, Plain: l.plain()}
	if m.HTML, err = l.html(); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	m.ID = "<" + messageID(n.Key, from) + ">"
	method := method(n)
	if method != "" {
		m.Calendar = invite(method, event(n, l), from, to)
	}
	m.msg = assemble(n, m, from, to)
	attach(m.msg, method, m.Calendar)
	return m, nil
}

// person is one end of a mail.
type person = netmail.Address

// parsePerson refuses addresses that would break a header or a calendar line.
func parsePerson(text string) (person, error) {
	p, err := netmail.ParseAddress(text)
	if err != nil || strings.ContainsAny(p.Address, "\r\n\"<>(),:; ") {
		return person{}, fmt.Errorf("mail: %q is not an email address", clean(text, short))
	}
	p.Address = mailbox.Wire(p.Address)
	return *p, nil
}

// messageID derives from the key alone, so that a mail which is sent again has
// the id that it had.
func messageID(key string, from person) string {
	sum := sha256.Sum256([]byte(key))
	_, domain, _ := strings.Cut(from.Address, "@")
	return hex.EncodeToString(sum[:16]) + "@" + domain
}

// assemble makes header and text.
func assemble(n Notice, m *Message, from, to person) *gomail.Msg {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&from)
	msg.ToMailAddress(&to)
	msg.SetGenHeaderPreformatted(gomail.HeaderSubject, encodeSubject(m.Subject))
	msg.SetDateWithValue(n.Now)
	msg.SetMessageIDWithValue(strings.Trim(m.ID, "<>"))
	if n.Thread != "" && n.Thread != n.Key {
		first := "<" + messageID(n.Thread, from) + ">"
		msg.SetGenHeader(gomail.HeaderInReplyTo, first)
		msg.SetGenHeader(gomail.HeaderReferences, first)
	}
	// Absence notes and ticket systems are asked to keep still.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	unsubscribe(msg, n.UnsubscribeURL)
	msg.SetBodyString(gomail.TypeTextPlain, m.Plain)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg
}

// encodeSubject leaves the words before the first that is not ASCII as they are:
// every subject begins with some. Encoded from its beginning, a long one would start
// on the second line of its header, which readers take for a space. A name that looks
// encoded is encoded, too, else readers would show what it decodes to.
func encodeSubject(subject string) string {
	beyond := strings.IndexFunc(subject, func(r rune) bool { return r > unicode.MaxASCII })
	looks := strings.Index(subject, "=?")
	if beyond < 0 && looks < 0 {
		return subject
	}
	first := beyond
	if beyond < 0 || looks >= 0 && looks < beyond {
		first = looks
	}
	cut := strings.LastIndex(subject[:first], " ") + 1
	encoded := mime.QEncoding.Encode("utf-8", subject[cut:])
	if beyond < 0 {
		encoded = encodeASCII(subject[cut:])
	}
	return strings.TrimSuffix(subject[:cut], " ") + "\r\n " + strings.ReplaceAll(encoded, "?= =?", "?=\r\n =?")
}

// encodeASCII encodes what mime would leave as it is, in words of at most 75 octets.
func encodeASCII(plain string) string {
	var words []string
	for octets := range slices.Chunk([]byte(plain), 45) {
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString(octets)+"?=")
	}
	return strings.Join(words, " ")
}

// unsubscribe offers one click (RFC 8058), which mail programs only take where
// it goes by https.
func unsubscribe(msg *gomail.Msg, address string) {
	if address == "" {
		return
	}
	if msg.SetListUnsubscribeOneClick(address) != nil {
		msg.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribe, "<"+address+">")
	}
}

// attach adds the calendar twice: as an alternative, which mail programs act on,
// and as a file for those that only show it (RFC 6047).
func attach(msg *gomail.Msg, method string, calendar []byte) {
	if calendar == nil {
		return
	}
	// Base64: nothing on the way may touch the line ends.
	kind := gomail.ContentType("text/calendar; method=" + method)
	msg.AddAlternativeString(kind, string(calendar), gomail.WithPartEncoding(gomail.EncodingB64))
	// A reader that is in memory does not fail.
	_ = msg.AttachReader("invite.ics", strings.NewReader(string(calendar)), gomail.WithFileContentType("application/ics"))
}
