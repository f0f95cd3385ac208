package domaintest

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
)

// Postman is a mail server that does as it is told.
type Postman struct {
	t    *testing.T
	addr string

	mu     sync.Mutex
	server *smtp.Server
	got    []Arrived
	// answers are what recipients are answered to RCPT, by address.
	answers map[string]int
	conns   []net.Conn
	listens net.Listener
	// answering is called before a mail is accepted; its error is the answer.
	answering func(to string) error
}

// Arrived is a mail that a Postman took.
type Arrived struct {
	To, Subject, ID string
	// Unsubscribe is the link of its header, "" where there is none.
	Unsubscribe string
	// Data is all of it, as it came.
	Data string
}

// NewPostman opens a mail server until the test ends.
func NewPostman(t *testing.T) *Postman {
	t.Helper()
	p := &Postman{t: t, addr: "127.0.0.1:0", answers: map[string]int{}}
	p.Open()
	t.Cleanup(p.Close)
	return p
}

// Open lets it answer, at the address that it had before. A call of somebody else may
// have that as its own end for a moment.
func (p *Postman) Open() {
	p.t.Helper()
	var listener net.Listener
	Until(p.t, "the address "+p.addr, func() bool {
		var err error
		listener, err = net.Listen("tcp", p.addr)
		if !errors.Is(err, syscall.EADDRINUSE) {
			Must(p.t, err)
		}
		return err == nil
	})
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.conns = append(p.conns, c.Conn())
		return &errand{Postman: p}, nil
	}))
	server.Domain = "localhost"
	p.mu.Lock()
	p.addr, p.server, p.listens = listener.Addr().String(), server, listener
	p.mu.Unlock()
	go func() { _ = server.Serve(listener) }() // ends with Close
}

// Close ends it, connections in use among it.
func (p *Postman) Close() {
	p.mu.Lock()
	server, listener := p.server, p.listens
	p.mu.Unlock()
	_ = server.Close()   // it may be closed already
	_ = listener.Close() // where Serve has not taken it yet, that did not
}

// HangUp ends all connections, and takes new ones.
func (p *Postman) HangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		_ = conn.Close() // it may be closed already
	}
}

// Take returns what has arrived since it was last asked.
func (p *Postman) Take() []Arrived {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := p.got
	p.got = nil
	return got
}

// Answer lets RCPT for an address fail with a code; 0 takes that back.
func (p *Postman) Answer(to string, code int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[to] = code
}

// Answering is called before each mail is accepted, with who is to get it; its error is
// the answer. nil accepts all.
func (p *Postman) Answering(answer func(to string) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answering = answer
}

// errand is one connection.
type errand struct {
	*Postman
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

func read(t *testing.T, to string, data []byte) Arrived {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Errorf("%v: %s", err, data)
		return Arrived{}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Error(err)
	}
	return Arrived{
		To: to, Subject: subject, ID: m.Header.Get("Message-ID"),
		Unsubscribe: strings.Trim(m.Header.Get("List-Unsubscribe"), "<>"), Data: string(data),
	}
}

func (a Arrived) String() string { return a.To + ": " + a.Subject }
