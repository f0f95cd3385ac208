package chaos_test

import (
	"bytes"
	"net"
	"net/mail"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/smtpsim"
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
	m := &mailbox{got: map[string][]string{}, answered: map[string]time.Time{}}
	server, err := smtpsim.Start(t.Context(), "127.0.0.1:0", smtpsim.Rules{
		Mail:     func(string) error { m.pass(atGreeting); return nil },
		Rcpt:     func(string) error { m.pass(atAddress); return nil },
		Data:     m.take,
		Answered: m.said,
	})
	must(t, err)
	t.Cleanup(server.Close)
	m.url = "smtp://" + server.Addr + "?tls=none"
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

func (m *mailbox) take(_ net.Conn, arrived smtpsim.Message) error {
	read, err := mail.ReadMessage(bytes.NewReader(arrived.Data))
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.got[arrived.To[0]] = append(m.got[arrived.To[0]], read.Header.Get("Message-ID"))
	m.mu.Unlock()
	m.pass(atTaken)
	return nil
}

func (m *mailbox) said(arrived smtpsim.Message) {
	m.mu.Lock()
	m.answered[arrived.To[0]] = time.Now()
	m.mu.Unlock()
	m.pass(atAnswer)
}
