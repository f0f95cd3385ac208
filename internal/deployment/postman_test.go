package deployment_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net"
	"net/mail"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/emersion/go-smtp"

	gomail "github.com/golive-hq/golive/internal/mail"
)

// postman is a mail server that does as it is told.
type postman struct {
	t    *testing.T
	addr string

	mu     sync.Mutex
	server *smtp.Server
	got    []arrived
	// answers are what recipients are answered to RCPT, by address.
	answers map[string]int
	conns   []net.Conn
	listens net.Listener
	// answering is called before a mail is accepted; its error is the answer.
	answering func(to string) error
}

// arrived is a mail that a postman took.
type arrived struct {
	to, subject, id, unsubscribe string
	data                         string
}

// withMail lets st send mails, to a postman of its own.
func (st *stack) withMail(t *testing.T) *postman {
	t.Helper()
	p := &postman{t: t, addr: "127.0.0.1:0", answers: map[string]int{}}
	p.open()
	t.Cleanup(p.close)
	sender, err := gomail.NewSender("smtp://" + p.addr + "?tls=none")
	must(t, err)
	t.Cleanup(sender.Close)
	st.outbox.Mail = sender
	return p
}

// open lets it answer, at the address that it had before. A call of somebody else may
// have that as its own end for a moment.
func (p *postman) open() {
	p.t.Helper()
	listener, err := net.Listen("tcp", p.addr)
	for errors.Is(err, syscall.EADDRINUSE) && p.t.Context().Err() == nil {
		listener, err = net.Listen("tcp", p.addr)
	}
	must(p.t, err)
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.conns = append(p.conns, c.Conn())
		return &errand{postman: p}, nil
	}))
	server.Domain = "localhost"
	p.mu.Lock()
	p.addr, p.server, p.listens = listener.Addr().String(), server, listener
	p.mu.Unlock()
	go func() { _ = server.Serve(listener) }() // ends with close
}

// close ends it, connections in use among it.
func (p *postman) close() {
	p.mu.Lock()
	server, listener := p.server, p.listens
	p.mu.Unlock()
	_ = server.Close()   // it may be closed already
	_ = listener.Close() // where Serve has not taken it yet, that did not
}

// hangUp ends all connections, and takes new ones.
func (p *postman) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		_ = conn.Close() // it may be closed already
	}
}

// take returns what has arrived since it was last asked.
func (p *postman) take() []arrived {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := p.got
	p.got = nil
	return got
}

// answer lets RCPT for an address fail with a code; 0 takes that back.
func (p *postman) answer(to string, code int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[to] = code
}

// errand is one connection.
type errand struct {
	*postman
	to string
}

func (e *errand) Mail(string, *smtp.MailOptions) error { return nil }

func (e *errand) Rcpt(to string, _ *smtp.RcptOptions) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if code := e.answers[to]; code != 0 {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "not that one"}
	}
	e.to = to
	return nil
}

func (e *errand) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	e.mu.Lock()
	answering := e.answering
	e.mu.Unlock()
	if answering != nil {
		if err := answering(e.to); err != nil {
			return err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.got = append(e.got, read(e.t, e.to, data))
	return nil
}

func (e *errand) Reset()        { e.to = "" }
func (e *errand) Logout() error { return nil }

func read(t *testing.T, to string, data []byte) arrived {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Errorf("%v: %s", err, data)
		return arrived{}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Error(err)
	}
	return arrived{
		to: to, subject: subject, id: m.Header.Get("Message-ID"),
		unsubscribe: strings.Trim(m.Header.Get("List-Unsubscribe"), "<>"), data: string(data),
	}
}

func (a arrived) String() string { return a.to + ": " + a.subject }
