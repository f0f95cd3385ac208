package smtpsim

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"time"
)

// Most is how many bytes a message may have.
const Most = 10 << 20

// usual is how many connections a second it takes where the rules do not say. A sender
// that keeps its connection needs one.
const usual = 20

// Rules are what a server wants, and what it does with what it gets. The functions may
// be nil, and are called by one goroutine for each connection; their error is the answer:
// a Reply, or 451.
type Rules struct {
	// TLS offers STARTTLS, or begins with TLS where TLSFirst is set; nil has neither.
	TLS      *tls.Config
	TLSFirst bool
	// User and Password are asked for before any mail, "" for nobody.
	User, Password string
	// UTF8 offers SMTPUTF8, without which addresses are ASCII.
	UTF8 bool
	// PerSecond is how many connections it takes in a second, 0 for 20; more get 421.
	PerSecond int
	// Slow is how long it takes for each answer to MAIL, RCPT and the text.
	Slow time.Duration

	Opened func(net.Conn)
	Closed func(net.Conn)
	Mail   func(from string) error
	Rcpt   func(to string) error
	// Data has a mail that has come and is not answered; Answered, right after that.
	Data     func(net.Conn, Message) error
	Answered func(Message)
}

// Message is a mail as it arrived.
type Message struct {
	From string
	To   []string
	// Data is header and body.
	Data []byte
}

// Reply is an answer to a command. Text begins with an enhanced code.
type Reply struct { //nolint:errname // most are none
	Code int
	Text string
}

func (r Reply) Error() string { return fmt.Sprintf("%d %s", r.Code, r.Text) }

// Server listens until it is closed.
type Server struct {
	// Addr is its host and port.
	Addr string

	rules    Rules
	listener net.Listener
	ended    chan struct{}

	mu     sync.Mutex
	conns  map[net.Conn]bool
	recent []time.Time // when the latest connections came
}

// Start listens on addr, "127.0.0.1:0" for any free port.
func Start(ctx context.Context, addr string, rules Rules) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	if rules.PerSecond == 0 {
		rules.PerSecond = usual
	}
	s := &Server{Addr: listener.Addr().String(), rules: rules, listener: listener, conns: map[net.Conn]bool{}, ended: make(chan struct{})}
	go s.accept()
	return s, nil
}

// Close ends it, connections in use among it; it waits for none of the rules. It may be
// called twice.
func (s *Server) Close() {
	_ = s.listener.Close() // it may be closed already
	<-s.ended
}

// HangUp ends all connections without a word, and takes new ones.
func (s *Server) HangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		_ = conn.Close() // its other end may have gone
	}
}

func (s *Server) accept() {
	defer close(s.ended)
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			s.HangUp()
			return
		}
		s.mu.Lock()
		s.conns[conn] = true
		s.mu.Unlock()
		go s.serve(conn)
	}
}

func (s *Server) serve(conn net.Conn) {
	defer func() {
		_ = conn.Close() // its other end may have gone
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
	}()
	if s.rules.Opened != nil {
		s.rules.Opened(conn)
	}
	if s.rules.Closed != nil {
		defer s.rules.Closed(conn)
	}
	c := &session{rules: s.rules, raw: conn}
	c.use(conn)
	if s.rules.TLSFirst && !c.secure() {
		return
	}
	if s.crowded() {
		c.say(421, "4.7.0 too many connections from you, try again in a second")
		return
	}
	c.run()
}

// crowded counts a connection that came.
func (s *Server) crowded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for len(s.recent) > 0 && now.Sub(s.recent[0]) >= time.Second {
		s.recent = s.recent[1:]
	}
	if len(s.recent) >= s.rules.PerSecond {
		return true
	}
	s.recent = append(s.recent, now)
	return false
}
