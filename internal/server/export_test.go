package server

import "time"

// NewImpatient is New with waits that a test can wait for.
func NewImpatient(c Config, init, ping, idle, write time.Duration) *Server {
	return newServer(c, timings{init: init, ping: ping, idle: idle, write: write, spread: 10 * time.Millisecond})
}

// Sockets returns how many sockets are open.
func (s *Server) Sockets() int {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	return len(s.sockets.open)
}

// Subscriptions returns how many have begun on sockets and go on.
func (s *Server) Subscriptions() (n int) {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	for c := range s.sockets.open {
		c.mu.Lock()
		for _, op := range c.operations {
			if op.responses != nil {
				n++
			}
		}
		c.mu.Unlock()
	}
	return n
}

// AtMost lets no more sockets and streams be open at once.
func (s *Server) AtMost(n int) {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	s.sockets.most = n
}

// AddressOf is addressOf.
var AddressOf = addressOf

// Limits of sockets.
const (
	MaxWaiting     = maxWaiting
	MaxOfPrincipal = maxOfPrincipal
	MessageBurst   = 150
)

// Streams returns how many streams of events are open.
func (s *Server) Streams() int {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	return s.sockets.counts.streams
}
