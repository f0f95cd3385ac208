package server

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
)

// Limits of one socket.
const (
	subprotocol   = "graphql-transport-ws"
	maxMessage    = 64 << 10 // bytes
	maxOperations = 100
)

// timings bound every wait of a socket.
type timings struct {
	// init is how long a client may take to introduce itself.
	init time.Duration
	// ping is the time between two pings; a client that has been silent for idle
	// is gone.
	ping, idle time.Duration
	// write is how long one message may take to leave. Without it a client that
	// stops reading holds its goroutines, and those of everything that writes to
	// it, for ever.
	write time.Duration
	// spread is how long a drain takes to close all sockets.
	spread time.Duration
}

var defaultTimings = timings{
	init: 10 * time.Second, ping: 20 * time.Second, idle: 45 * time.Second, write: 10 * time.Second, spread: 2 * time.Second,
}

// sockets serves GraphQL over WebSocket, by the graphql-transport-ws protocol
// and no other.
//
// The protocol is spoken here and not by gqlgen's transport because that one
// sends the wrong close codes, which make clients retry for ever or not at all,
// accepts an id twice, and never gives up on a client that stopped reading. The
// frames are coder/websocket's: gqlgen depends on it already, and its writes
// take a deadline by context and close the connection when it passes.
type sockets struct {
	exec    graphql.GraphExecutor
	auth    bearer
	log     *slog.Logger
	origins []string
	timings timings

	mu       sync.Mutex
	open     map[*socket]struct{}
	draining bool
	// idle is closed once a drain has closed the last socket.
	idle chan struct{}
}

func newSockets(c Config, exec graphql.GraphExecutor, t timings) *sockets {
	return &sockets{
		exec:    exec,
		auth:    newBearer(c),
		log:     c.Log,
		origins: originHosts(c.PublicURL),
		timings: t,
		open:    map[*socket]struct{}{},
		idle:    make(chan struct{}),
	}
}

// ServeHTTP upgrades the connection and returns: a handler that stayed would keep
// net/http's buffers for as long as the socket lives.
func (s *sockets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.isDraining() {
		graphqlRefusal(w, r, http.StatusServiceUnavailable, fault.New(fault.RateLimited, "This server is shutting down. Try again."))
		return
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}, OriginPatterns: s.origins})
	if err != nil {
		return // Accept has answered
	}
	ws.SetReadLimit(maxMessage)
	c := newSocket(s, ws, r)
	if !s.add(c) {
		go c.close(websocket.StatusServiceRestart, "Service restart")
		return
	}
	go c.run()
}

func (s *sockets) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

func (s *sockets) add(c *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return false
	}
	s.open[c] = struct{}{}
	return true
}

func (s *sockets) remove(c *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	if s.draining && len(s.open) == 0 {
		close(s.idle)
	}
}

func (s *sockets) drain(ctx context.Context) {
	all := s.startDraining()
	for _, c := range all {
		time.AfterFunc(rand.N(s.timings.spread), func() { c.close(websocket.StatusServiceRestart, "Service restart") })
	}
	select {
	case <-s.idle:
	case <-ctx.Done():
		for _, c := range all {
			_ = c.ws.CloseNow()
		}
	}
}

func (s *sockets) startDraining() []*socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return nil
	}
	s.draining = true
	if len(s.open) == 0 {
		close(s.idle)
	}
	all := make([]*socket, 0, len(s.open))
	for c := range s.open {
		all = append(all, c)
	}
	return all
}

// left writes a socket's one line in the log.
func (s *sockets) left(c *socket, why error) {
	s.log.Info("WebSocket closed", "request_id", logid.Request(c.ctx), "operations", c.served.Load(),
		"ms", time.Since(c.since).Milliseconds(), "why", why)
}
