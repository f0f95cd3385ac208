package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"github.com/golive-hq/golive/internal/mailbox"
)

// How long a server may take. Scanning a mail takes many servers seconds; one
// that is given up too early has often taken the mail, and gets it twice.
const (
	toConnect = 15 * time.Second
	toBegin   = 15 * time.Second // answer to MAIL FROM
	toTake    = time.Minute      // the recipient and the text
	toAnswer  = 10 * time.Minute // to the text's end: RFC 5321, 4.5.3.2.6
	toFinish  = 10 * time.Second // what is left of all that once the process stops
	toQuit    = 2 * time.Second
)

// session is one connection to a server that has let us in.
type session struct {
	conn   net.Conn
	client *smtp.Client
	used   bool
}

// open connects, encrypts and logs in. Its errors are *RefusedError of the server.
func (s server) open(ctx context.Context) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, toConnect)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.addr)
	if err != nil {
		return nil, s.trouble("can't be reached", err)
	}
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline) // a connection that has none fails at once
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	client, err := s.enter(ctx, conn)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &session{conn: conn, client: client}, nil
}

func (s server) enter(ctx context.Context, conn net.Conn) (*smtp.Client, error) {
	if s.encryption == fromTLS {
		secure := tls.Client(conn, s.tls())
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, s.trouble(tlsTrouble(err), err)
		}
		conn = secure
	}
	client, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return nil, s.greetingTrouble(err)
	}
	name := nameFor(conn)
	if err := client.Hello(name); err != nil {
		if replyCode(err) == 0 {
			return nil, s.trouble("doesn't answer EHLO", err)
		}
		return nil, s.trouble("doesn't accept EHLO "+name, err)
	}
	if s.encryption == startTLS {
		if offered, _ := client.Extension("STARTTLS"); !offered {
			return nil, s.trouble("doesn't support STARTTLS: use smtps:// if it encrypts from the start, or tls=none if you trust the network", nil)
		}
		if err := client.StartTLS(s.tls()); err != nil {
			return nil, s.trouble(tlsTrouble(err), err)
		}
	}
	return client, s.login(client)
}

// greetingTrouble tells a server that has no time for us from one that is none.
func (s server) greetingTrouble(err error) *RefusedError {
	if replyCode(err) == leaving {
		return s.trouble("takes no connection at the moment", err)
	}
	return s.trouble("doesn't respond like a mail server", err)
}

func tlsTrouble(err error) string {
	var unknown *tls.CertificateVerificationError
	if errors.As(err, &unknown) {
		return "has a certificate this machine doesn't trust: check the host in the URL, or add its certificate authority to the system"
	}
	return "failed the TLS handshake"
}

// login uses what proves the password without showing it where there is a choice.
func (s server) login(client *smtp.Client) error {
	if s.user == "" {
		return nil
	}
	_, offered := client.Extension("AUTH")
	ways := strings.Fields(offered)
	clear := s.encryption == noTLS // asked for by the URL
	for _, way := range []struct {
		name string
		auth smtp.Auth
	}{
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(s.user, s.password)},
		{"PLAIN", smtp.PlainAuth("", s.user, s.password, s.host, clear)},
		{"LOGIN", smtp.LoginAuth(s.user, s.password, s.host, clear)},
	} {
		for _, has := range ways {
			if has != way.name {
				continue
			}
			if err := client.Auth(way.auth); err != nil {
				return s.trouble("rejected the user and password", err)
			}
			return nil
		}
	}
	return s.trouble("supports none of our login methods (PLAIN, LOGIN, SCRAM-SHA-256)", nil)
}

// send hands a mail over. begun tells that the server may have it.
func (c *session) send(ctx context.Context, s server, m *Message) (begun bool, err error) {
	if err := c.announce(s, m); err != nil {
		return false, err
	}
	_ = c.conn.SetDeadline(time.Now().Add(toBegin))
	if err := c.client.Mail("<" + m.From + ">"); err != nil {
		return false, s.trouble("doesn't accept email from "+m.From, err)
	}
	_ = c.conn.SetDeadline(time.Now().Add(toTake))
	// To cut it now would leave unknown whether the server took the mail.
	stop := context.AfterFunc(ctx, func() { c.hurry(ctx) })
	defer stop()
	if err := c.client.Rcpt("<" + m.To + ">"); err != nil {
		return false, s.refusal(m, err)
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	body, err := c.client.Data()
	if err != nil {
		return false, s.refusal(m, err)
	}
	if _, err := m.WriteTo(body); err != nil {
		return true, s.broken("closed the connection while receiving an email", err)
	}
	_ = c.conn.SetDeadline(time.Now().Add(toAnswer))
	c.hurry(ctx) // it may have ended right before, and then that was undone
	if err := body.Close(); err != nil {
		e := s.refusal(m, err)
		e.Unanswered = replyCode(err) == 0
		return true, e
	}
	return true, nil
}

// announce asks for SMTPUTF8 only where an address needs it: servers further on may not
// take a mail that does.
func (c *session) announce(s server, m *Message) error {
	needed := !mailbox.IsASCII(m.From + m.To)
	c.client.SkipSMTPUTF8(!needed)
	if offered, _ := c.client.Extension("SMTPUTF8"); needed && !offered {
		return s.unsupported(m)
	}
	return nil
}

// hurry leaves a mail under way a few seconds where the process stops. Where only
// the time to begin is over, the mail keeps its own.
func (c *session) hurry(ctx context.Context) {
	if errors.Is(ctx.Err(), context.Canceled) {
		_ = c.conn.SetDeadline(time.Now().Add(toFinish))
	}
}

// reset makes the session fit for another mail, or says that it is not.
func (c *session) reset() error {
	_ = c.conn.SetDeadline(time.Now().Add(toQuit))
	return c.client.Reset()
}

// close says goodbye where somebody listens.
func (c *session) close() {
	_ = c.conn.SetDeadline(time.Now().Add(toQuit))
	if c.client.Quit() != nil {
		_ = c.conn.Close()
	}
}
