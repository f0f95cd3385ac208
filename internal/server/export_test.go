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
