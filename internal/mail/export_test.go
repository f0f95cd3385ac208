package mail

import (
	"crypto/x509"
	"time"
)

// Trust makes the sender trust a test's own authority.
func (s *Sender) Trust(roots *x509.CertPool) { s.server.roots = roots }

// IdleFor sets how long an idle connection is kept.
func (s *Sender) IdleFor(d time.Duration) { s.idleFor = d }
