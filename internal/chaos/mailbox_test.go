package chaos_test

import (
	"io"
	"log/slog"
	"net"
	"net/mail"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Where a mail is on its way when its sender dies.
const (
	atGreeting = "before it is begun"
	atAddress  = "before its text is sent"
	atTaken    = "when the server has it and has not said so"
	atAnswer   = "when the server has said so"
)

// mailbox is a mail server that stops mails on their way.
type mailbox struct {
	url string

	mu sync.Mutex
	// got are the Message-IDs by recipient, in order of arrival.
	got map[string][]string
	// answered is when the last mail to a recipient was answered.
	answered map[string]time.Time
	trap     string
	reached  chan struct{}
	goOn     chan struct{}
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	m := &mailbox{url: "smtp://" + listener.Addr().String() + "?tls=none", got: map[string][]string{}, answered: map[string]time.Time{}}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &visit{box: m, conn: c.Conn().(*watchedConn)}, nil
	}))
	server.Domain = "localhost"
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // connections end with their senders
	go func() { _ = server.Serve(watchedListener{listener}) }()               // ends with Close
	t.Cleanup(func() { _ = server.Close() })                                  // it has nothing to lose
	return m
}

// set lets the next mail stop there.
func (m *mailbox) set(trap string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.trap, m.reached, m.goOn = trap, make(chan struct{}), make(chan struct{})
}

// pass stops the mail that walks into the trap, until release.
func (m *mailbox) pass(where string) {
	m.mu.Lock()
	caught, goOn := m.trap == where, m.goOn
	if caught {
		m.trap = ""
		close(m.reached)
	}
	m.mu.Unlock()
	if caught {
		<-goOn
	}
}

func (m *mailbox) arrivals(to string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.got[to]
}

// visit is one connection.
type visit struct {
	box  *mailbox
	conn *watchedConn
	to   string
}

func (v *visit) Mail(string, *smtp.MailOptions) error { v.box.pass(atGreeting); return nil }

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.to = to
	v.box.pass(atAddress)
	return nil
}

func (v *visit) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, m.Body); err != nil {
		return err // it ends with its sender
	}
	v.box.mu.Lock()
	v.box.got[v.to] = append(v.box.got[v.to], m.Header.Get("Message-ID"))
	v.box.mu.Unlock()
	v.box.pass(atTaken)
	to := v.to
	v.conn.onWrite(func() {
		v.box.mu.Lock()
		v.box.answered[to] = time.Now()
		v.box.mu.Unlock()
		v.box.pass(atAnswer)
	})
	return nil
}

func (v *visit) Reset()        { v.to = "" }
func (v *visit) Logout() error { return nil }

type watchedListener struct{ net.Listener }

func (l watchedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return &watchedConn{Conn: c}, err
}

// watchedConn tells when the next answer has been written.
type watchedConn struct {
	net.Conn
	mu   sync.Mutex
	then func()
}

func (c *watchedConn) onWrite(then func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.then = then
}

func (c *watchedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.mu.Lock()
	then := c.then
	c.then = nil
	c.mu.Unlock()
	if then != nil {
		then()
	}
	return n, err
}
