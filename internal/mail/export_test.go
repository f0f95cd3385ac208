package mail

import (
	"context"
	"crypto/x509"
	"net"
	"time"
)

// Trust makes the sender trust a test's own authority.
func (s *Sender) Trust(roots *x509.CertPool) { s.server.roots = roots }

// IdleFor sets how long an idle connection is kept.
func (s *Sender) IdleFor(d time.Duration) { s.idleFor = d }

// Deadlines opens a connection and returns all deadlines that are set on it from
// then on, as time that is left.
func (s *Sender) Deadlines(ctx context.Context) (<-chan time.Duration, error) {
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	set := make(chan time.Duration, 100)
	s.session.conn = deadlines{s.session.conn, set}
	return set, nil
}

type deadlines struct {
	net.Conn
	set chan<- time.Duration
}

// SetDeadline tells of the deadline, and sets it.
func (d deadlines) SetDeadline(at time.Time) error {
	d.set <- time.Until(at)
	return d.Conn.SetDeadline(at)
}

// HelloName is what EHLO says on a machine of that name.
var HelloName = helloName
