package devstack

import (
	"bytes"
	"context"
	"log/slog"
	"mime"
	"net"
	"net/mail"
	"slices"
	"sync"

	"github.com/golive-hq/golive/internal/smtpsim"
)

// Mail is a mail server that delivers nothing: it keeps the newest messages in
// memory and logs a line for each.
type Mail struct {
	// URL is the value for GOLIVE_SMTP_URL.
	URL string

	server *smtpsim.Server
	log    *slog.Logger

	mu       sync.Mutex
	messages []Message
	caught   func(Message)
}

// Message is a mail as it arrived.
type Message struct {
	From string
	To   []string
	// Data is header and body.
	Data []byte
}

const mostMessages = 1000

// StartMail starts a sink on a free port of this machine.
func StartMail(ctx context.Context, log *slog.Logger) (*Mail, error) {
	return startMailAt(ctx, "127.0.0.1:0", log)
}

func startMailAt(ctx context.Context, addr string, log *slog.Logger) (*Mail, error) {
	m := &Mail{log: log}
	var err error
	m.server, err = smtpsim.Start(ctx, addr, smtpsim.Rules{Data: func(_ net.Conn, message smtpsim.Message) error {
		m.keep(Message(message))
		return nil
	}})
	if err != nil {
		return nil, err
	}
	m.URL = "smtp://" + m.server.Addr + "?tls=none"
	return m, nil
}

// Stop ends the sink and forgets its messages.
func (m *Mail) Stop() { m.server.Close() } // it has nothing to lose

// Messages returns what arrived, the newest last.
func (m *Mail) Messages() []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.messages)
}

// tell has every message handed over from now on, one at a time.
func (m *Mail) tell(caught func(Message)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.caught = caught
}

func (m *Mail) keep(message Message) {
	m.mu.Lock()
	if m.caught != nil {
		m.caught(message)
	}
	if len(m.messages) == mostMessages {
		m.messages = slices.Delete(m.messages, 0, 1)
	}
	m.messages = append(m.messages, message)
	m.mu.Unlock()
	// Whoever waits for this line finds the message.
	m.log.Info("mail caught", "from", message.From, "to", message.To, "subject", subject(message.Data))
}

func subject(data []byte) string {
	message, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return "(unreadable)"
	}
	decoded, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		return message.Header.Get("Subject")
	}
	return decoded
}
