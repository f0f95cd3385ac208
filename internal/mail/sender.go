package mail

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// idleFor is how long a connection without work is kept; servers end theirs
// after a minute or more.
const idleFor = 30 * time.Second

// mostPatience bounds how long a server that takes no connection is waited for: three times.
const mostPatience = 4 * time.Second

// Sender hands mails to a server, one after another over one connection, which it
// opens when there is something to send. It may be used by many at once.
type Sender struct {
	server server
	// turn holds one token: whoever has it may use what stands below.
	turn    chan struct{}
	session *session
	idle    *time.Timer
	idleFor time.Duration
}

// NewSender returns a sender for smtp://user:password@host:port?tls=mandatory|none
// or smtps://. It connects to nothing yet. Its error is a sentence that CheckURL
// gives, too.
func NewSender(url string) (*Sender, error) {
	server, err := parseServer(url)
	if err != nil {
		return nil, err
	}
	s := &Sender{server: server, turn: make(chan struct{}, 1), idleFor: idleFor}
	s.turn <- struct{}{}
	s.idle = time.AfterFunc(idleFor, s.closeIdle)
	s.idle.Stop()
	return s, nil
}

// Send hands one mail to the server. nil means that the server is responsible for
// it now. Its errors are ctx's, where nothing was handed over, and *RefusedError.
//
// Once ctx has ended no mail is begun. To cut one that is on its way would leave
// unknown whether the server took it: it is given up to ten seconds more where ctx
// was cancelled, and up to eleven minutes where its deadline has passed.
func (s *Sender) Send(ctx context.Context, m *Message) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.release()
	for {
		if err := s.connect(ctx); err != nil {
			return err
		}
		stale := s.session.used
		s.session.used = true
		begun, err := s.session.send(ctx, s.server, m)
		if err == nil {
			return nil
		}
		lost := s.keepOrDrop(err)
		// A connection that had been idle may have ended without a word; nothing of
		// the mail has left then, so a new one may try.
		if begun || !lost || !stale || ctx.Err() != nil {
			return err
		}
	}
}

// Check connects, encrypts and logs in over a connection of its own, and sends
// nothing. It returns a sentence about what is in use, or a *RefusedError.
func (s *Sender) Check(ctx context.Context) (string, error) {
	session, err := s.server.open(ctx)
	if err != nil {
		return "", err
	}
	session.close()
	says := s.server.addr + " is reachable"
	switch {
	case s.server.exposed():
		says += " without encryption"
	case s.server.encryption != noTLS:
		says += " over " + string(s.server.encryption)
	}
	if s.server.user != "" {
		says += ", and accepts the user and password"
	}
	return says, nil
}

// Close says goodbye to the server. A Send after it connects again.
func (s *Sender) Close() {
	<-s.turn
	s.drop()
	s.idle.Stop()
	s.turn <- struct{}{}
}

func (s *Sender) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// release starts the idle time once the turn is free: where it ended before, it
// would leave the connection open for good.
func (s *Sender) release() {
	connected := s.session != nil
	s.turn <- struct{}{}
	if connected {
		s.idle.Reset(s.idleFor)
	}
}

func (s *Sender) connect(ctx context.Context) error {
	if s.session != nil {
		return nil
	}
	session, err := s.openPatiently(ctx)
	if ctx.Err() != nil && err != nil {
		return fmt.Errorf("%w while connecting: %w", ctx.Err(), err)
	}
	s.session = session
	return err
}

// openPatiently comes again where a server has no room for a connection just now: many
// take one a second from all workers together, and that is no outage.
func (s *Sender) openPatiently(ctx context.Context) (*session, error) {
	for wait := time.Second; ; wait *= 2 {
		session, err := s.server.open(ctx)
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Code != leaving || wait > mostPatience {
			return session, err
		}
		select {
		case <-time.After(wait + rand.N(wait)):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// keepOrDrop keeps the session only where the server has answered and takes more.
func (s *Sender) keepOrDrop(err error) (lost bool) {
	var refused *RefusedError
	if errors.As(err, &refused) && refused.Code != 0 && refused.Code != leaving && s.session.reset() == nil {
		return false
	}
	s.drop()
	return true
}

func (s *Sender) drop() {
	if s.session != nil {
		s.session.close()
		s.session = nil
	}
}

// closeIdle leaves the connection to whoever is using it just now.
func (s *Sender) closeIdle() {
	select {
	case <-s.turn:
		s.drop()
		s.turn <- struct{}{}
	default:
	}
}
