package mail_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/smtpsim"
)

const (
	sinkUser     = "golive"
	sinkPassword = "hunter2 & co"
)

// sink is a mail server that keeps what it gets, and behaves as a test wants.
type sink struct {
	addr  string
	roots *x509.CertPool

	// Set before it starts.
	tls      string // "", "STARTTLS" or "TLS"
	login    bool
	rules    smtpsim.Rules
	mailFrom func() error
	rcpt     func(to string) error
	data     func(conn net.Conn) error // after the mail has come, before the answer

	mu       sync.Mutex
	kept     []received
	sessions int
	conns    []net.Conn
	left     chan struct{} // one for each session that ends
}

type received struct {
	from, to string
	data     []byte
}

// start runs the sink until t ends.
func (s *sink) start(t *testing.T) *sink {
	t.Helper()
	s.left = make(chan struct{}, 1000)
	s.rules.Opened, s.rules.Closed = s.open, func(net.Conn) { s.left <- struct{}{} }
	s.rules.Rcpt, s.rules.Data = s.rcpt, s.keep
	if s.mailFrom != nil {
		s.rules.Mail = func(string) error { return s.mailFrom() }
	}
	if s.login {
		s.rules.User, s.rules.Password = sinkUser, sinkPassword
	}
	if s.tls != "" {
		s.rules.TLS, s.roots = certificate(t)
		s.rules.TLSFirst = s.tls == "TLS"
	}
	server, err := smtpsim.Start(t.Context(), "127.0.0.1:0", s.rules)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	s.addr = server.Addr
	return s
}

func (s *sink) open(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions++
	s.conns = append(s.conns, conn)
}

func (s *sink) keep(conn net.Conn, m smtpsim.Message) error {
	s.mu.Lock()
	s.kept = append(s.kept, received{m.From, m.To[0], m.Data})
	s.mu.Unlock()
	if s.data != nil {
		return s.data(conn)
	}
	return nil
}

// url is the sink's address; userinfo ends with @ or is "".
func (s *sink) url(userinfo string) string {
	switch s.tls {
	case "TLS":
		return "smtps://" + userinfo + s.addr
	case "STARTTLS":
		return "smtp://" + userinfo + s.addr + "?tls=mandatory"
	default:
		return "smtp://" + userinfo + s.addr + "?tls=none"
	}
}

// sender is one that the sink lets in.
func (s *sink) sender(t *testing.T) *mail.Sender {
	t.Helper()
	userinfo := ""
	if s.login {
		userinfo = "golive:hunter2%20%26%20co@"
	}
	sender := newSender(t, s.url(userinfo))
	sender.Trust(s.roots)
	return sender
}

func newSender(t *testing.T, url string) *mail.Sender {
	t.Helper()
	sender, err := mail.NewSender(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	return sender
}

func (s *sink) mails() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.kept...)
}

func (s *sink) opened() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

// each does something to all connections that there have been.
func (s *sink) each(do func(net.Conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.conns {
		do(conn)
	}
}

// certificate is one for this machine, and the authority that signed it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	ca, caKey := issue(t, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, nil)
	leaf, key := issue(t, &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, ca, caKey)
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}}}, roots
}

func issue(t *testing.T, template, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.Subject = pkix.Name{CommonName: "golive test"}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made, key
}

// rude is a server that says one thing to whoever connects, and hangs up.
func rude(t *testing.T, says string) (addr string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			_, _ = io.WriteString(conn, says)
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

// talking is a server that answers each line by itself.
func talking(t *testing.T, answer func(line string) string) (addr string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, "220 well\r\n")
			for lines := bufio.NewScanner(conn); lines.Scan(); {
				_, _ = io.WriteString(conn, answer(lines.Text())+"\r\n")
			}
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

func refusal(t *testing.T, err error) *mail.RefusedError {
	t.Helper()
	var refused *mail.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("%v is no refusal", err)
	}
	return refused
}

func send(ctx context.Context, t *testing.T, s *mail.Sender, n mail.Notice) error {
	t.Helper()
	return s.Send(ctx, render(t, n))
}
