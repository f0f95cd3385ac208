package mail

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"

	"github.com/golive-hq/golive/internal/mailbox"
)

// RefusedError is a mail that the server did not take, or that it may or may not
// have taken where the connection broke.
type RefusedError struct {
	// Server tells that the trouble is the server's, the connection's or the
	// configuration's: other mails meet it, too. Else it is this mail's.
	Server bool
	// Begun tells that the connection broke, or the server hung up, after it had
	// agreed to hear this mail: it may have it or not, and it may be this very mail
	// that makes it hang up.
	Begun bool
	// Unanswered tells that the whole mail had left when that happened: the server
	// probably has it.
	Unanswered bool
	// Temporary is false where trying again is of no use.
	Temporary bool
	// Code is the server's reply, 0 where it gave none.
	Code int
	// Text is a sentence with the server's address and its own words, without any
	// password: for those who run the service. The cause itself is not kept: nobody has
	// looked through that.
	Text string
	// Told is a sentence for everybody else, with no word of the server's.
	Told string
}

func (e *RefusedError) Error() string { return e.Text }

// trouble is an error of the server; cause may be nil. It always is temporary: a
// password can be mended, and the mail then sent.
func (s server) trouble(what string, cause error) *RefusedError {
	e := &RefusedError{Server: true, Temporary: true, Told: "The mail server " + what + "."}
	e.Text = fmt.Sprintf("The mail server %s %s", s.addr, what)
	if cause != nil {
		e.Code = replyCode(cause)
		e.Text += " (" + s.words(cause) + ")"
	}
	e.Text += "."
	return e
}

// broken is trouble that came with one mail, perhaps from it.
func (s server) broken(what string, cause error) *RefusedError {
	e := s.trouble(what, cause)
	e.Begun = true
	return e
}

// refusal is the server's answer to one mail; a lost connection is none.
func (s server) refusal(m *Message, cause error) *RefusedError {
	code := replyCode(cause)
	switch {
	case code == 0:
		return s.broken("closed the connection while receiving an email", cause)
	case code == leaving:
		return s.broken("hung up while receiving an email", cause)
	case asksForLogin(code):
		return s.trouble("requires a user and password in GOLIVE_SMTP_URL", cause)
	}
	e := &RefusedError{Temporary: code < 500, Code: code}
	verb := "refused"
	if e.Temporary {
		verb = "temporarily refused"
	}
	e.Text = fmt.Sprintf("The mail server %s %s an email to %s (%s).", s.addr, verb, m.To, s.words(cause))
	e.Told = fmt.Sprintf("The mail server %s it (%s).", verb, codes(cause))
	return e
}

// unsupported is what a server that offers no SMTPUTF8 would answer, asked or not. Where
// it is the sender that needs it, all mails do.
func (s server) unsupported(m *Message) *RefusedError {
	if !mailbox.IsASCII(m.From) {
		return s.trouble("doesn't support addresses such as "+m.From+" (SMTPUTF8)", nil)
	}
	e := &RefusedError{Code: 553}
	e.Text = fmt.Sprintf("The mail server %s can't deliver to %s: it doesn't support SMTPUTF8.", s.addr, m.To)
	e.Told = "The mail server can't deliver to addresses with letters such as these before the @ (it doesn't support SMTPUTF8)."
	return e
}

// leaving is the reply of a server that closes the connection for reasons of its own.
const leaving = 421

func asksForLogin(code int) bool { return code == 530 || code == 535 || code == 538 }

func replyCode(err error) int {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code
	}
	return 0
}

// codes are what a reply says in numbers, "550 5.1.1", and in our words where they are
// known (RFC 3463). The server's own words may name machines.
func codes(cause error) string {
	var reply *textproto.Error
	if !errors.As(cause, &reply) {
		return "no answer"
	}
	text := strconv.Itoa(reply.Code)
	enhanced := enhancedCode.FindString(reply.Msg)
	if enhanced == "" {
		return text
	}
	text += " " + enhanced
	_, detail, _ := strings.Cut(enhanced, ".")
	if meaning := meanings[detail[:1]]; meaning != "" {
		text += ", " + meaning
	}
	return text
}

var enhancedCode = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// meanings are those of an enhanced code's second number.
var meanings = map[string]string{
	"1": "a problem with the address", "2": "a problem with the mailbox", "4": "a problem on the way there",
	"6": "a problem with the email's content", "7": "not allowed by its rules",
}

// words are the cause's, cut and without what a server may have echoed.
func (s server) words(cause error) string {
	text := cause.Error()
	var reply *textproto.Error
	if errors.As(cause, &reply) {
		text = fmt.Sprintf("%d %s", reply.Code, reply.Msg)
	}
	if s.password != "" {
		for _, secret := range []string{
			s.password,
			base64.StdEncoding.EncodeToString([]byte(s.password)),
			base64.StdEncoding.EncodeToString([]byte("\x00" + s.user + "\x00" + s.password)),
		} {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return clean(text, short)
}
