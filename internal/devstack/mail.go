package devstack

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/mail"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Mail is a mail server that delivers nothing: it keeps the newest messages in
// memory and logs a line for each.
type Mail struct {
	// URL is the value for GOLIVE_SMTP_URL.
	URL string

	server *smtp.Server
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

const (
	mostMessages = 1000
	mostBytes    = 10 << 20
)

// StartMail starts a sink on a free port of this machine.
func StartMail(ctx context.Context, log *slog.Logger) (*Mail, error) {
	return startMailAt(ctx, "127.0.0.1:0", log)
}

func startMailAt(ctx context.Context, addr string, log *slog.Logger) (*Mail, error) {
	listener, err := listenAt(ctx, addr)
	if err != nil {
		return nil, err
	}
	m := &Mail{URL: "smtp://" + listener.Addr().String() + "?tls=none", log: log}
	m.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{mail: m}, nil }))
	m.server.Domain = "localhost"
	m.server.MaxMessageBytes = mostBytes
	m.server.ReadTimeout, m.server.WriteTimeout = time.Minute, time.Minute
	m.server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	go func() {
		if err := m.server.Serve(listener); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			log.ErrorContext(ctx, "mail sink stopped", "error", err)
		}
	}()
	return m, nil
}

// Stop ends the sink and forgets its messages.
func (m *Mail) Stop() { _ = m.server.Close() } // it has nothing to lose

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

// delivery is one connection's session.
type delivery struct {
	mail *Mail
	now  Message
}

func (d *delivery) Mail(from string, _ *smtp.MailOptions) error { d.now.From = from; return nil }

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.now.To = append(d.now.To, to)
	return nil
}

func (d *delivery) Data(r io.Reader) (err error) {
	if d.now.Data, err = io.ReadAll(r); err == nil {
		d.mail.keep(d.now)
	}
	return err
}

func (d *delivery) Reset() { d.now = Message{} }

func (d *delivery) Logout() error { return nil }
