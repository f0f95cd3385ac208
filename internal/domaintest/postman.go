package domaintest

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/golive-hq/golive/internal/smtpsim"
)

// Postman is a mail server that does as it is told.
type Postman struct {
	t    *testing.T
	addr string

	mu     sync.Mutex
	server *smtpsim.Server
	got    []Arrived
	// answers are what recipients are answered to RCPT, by address.
	answers map[string]int
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
	Until(p.t, "the address "+p.addr, func() bool {
		server, err := smtpsim.Start(p.t.Context(), p.addr, smtpsim.Rules{Rcpt: p.rcpt, Data: p.take})
		if !errors.Is(err, syscall.EADDRINUSE) {
			Must(p.t, err)
		}
		if err == nil {
			p.mu.Lock()
			p.addr, p.server = server.Addr, server
			p.mu.Unlock()
		}
		return err == nil
	})
}

// Close ends it, connections in use among it.
func (p *Postman) Close() { p.now().Close() }

// HangUp ends all connections, and takes new ones.
func (p *Postman) HangUp() { p.now().HangUp() }

func (p *Postman) now() *smtpsim.Server {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.server
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

func (p *Postman) rcpt(to string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if code := p.answers[to]; code != 0 {
		return smtpsim.Reply{Code: code, Text: fmt.Sprintf("%d.1.1 not that one", code/100)}
	}
	return nil
}

func (p *Postman) take(_ net.Conn, m smtpsim.Message) error {
	p.mu.Lock()
	answering := p.answering
	p.mu.Unlock()
	if answering != nil {
		if err := answering(m.To[0]); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, read(p.t, m.To[0], m.Data))
	return nil
}

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
