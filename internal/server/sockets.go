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
	"github.com/golive-hq/golive/internal/tenant"
)

const subprotocol = "graphql-transport-ws"

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
	init: 10 * time.Second, ping: 7 * time.Second, idle: 14 * time.Second, write: 10 * time.Second, spread: 2 * time.Second,
}

// farewell is how long a client may take to answer that its socket is being closed.
const farewell = 2 * time.Second

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
	rights  *tenant.Rights
	log     *slog.Logger
	origin  string
	origins []string
	timings timings
	most    int // open at once

	mu       sync.Mutex
	counts   counts
	open     map[*socket]struct{}
	draining bool
	// stopping is closed once a drain begins, and idle when it has closed the last socket.
	stopping, idle chan struct{}
}

func newSockets(c Config, exec graphql.GraphExecutor, t timings) *sockets {
	return &sockets{
		exec:    exec,
		auth:    newBearer(c),
		rights:  c.Rights,
		log:     c.Log,
		origin:  originOf(c.PublicURL),
		origins: originHosts(c.PublicURL),
		timings: t,
		most:    maxSockets,
		counts:  newCounts(),
		open:    map[*socket]struct{}{},
		idle:    make(chan struct{}), stopping: make(chan struct{}),
	}
}

// ServeHTTP upgrades the connection and returns: a handler that stayed would keep
// net/http's buffers for as long as the socket lives.
func (s *sockets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.isDraining() {
		graphqlRefusal(w, r, http.StatusServiceUnavailable, fault.New(fault.RateLimited, "This server is shutting down. Try again."))
		return
	}
	if s.isSwamped(addressOf(r)) {
		graphqlRefusal(w, r, http.StatusTooManyRequests, crowded("There are too many connections. Try again in 10 seconds."))
		return
	}
	taken := &hijacked{ResponseWriter: w}
	ws, err := websocket.Accept(taken, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}, OriginPatterns: s.origins})
	if err != nil {
		return // Accept has answered
	}
	ws.SetReadLimit(maxMessage)
	// The request's own context ends when its handler returns.
	ctx, cancel := context.WithCancel(logid.WithRemote(logid.WithRequest(context.Background(), logid.Request(r.Context())), logid.Remote(r.Context())))
	c := &socket{
		hub: s, ws: ws, conn: taken.conn, address: addressOf(r), ctx: ctx, cancel: cancel, since: time.Now(),
		who: s.identified(r), operations: map[string]*operation{},
	}
	if code, why := s.add(c); code != 0 {
		go s.turnAway(c, code, why)
		return
	}
	go c.run()
}

// identified finds out as whom a client comes by its upgrade alone, nil as nobody. What a
// browser sends by itself counts only where our own page has opened the socket.
func (s *sockets) identified(r *http.Request) whois {
	if credentials := r.Header.Get("Authorization"); credentials != "" {
		return s.auth.identified(credentials)
	}
	if s.origin == "" || r.Header.Get("Origin") != s.origin {
		return nil
	}
	return s.auth.bySession(r)
}

func (s *sockets) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// add lets a socket in, or says with what code it is to be closed.
func (s *sockets) add(c *socket) (code websocket.StatusCode, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.draining:
		return websocket.StatusServiceRestart, "Service restart"
	case s.isFull() || s.counts.waiting[c.address] >= maxWaiting:
		return closeTooMany, "Too many connections"
	}
	s.open[c] = struct{}{}
	s.counts.waiting[c.address]++
	return 0, ""
}

// admit lets a socket stay whose client has introduced itself.
func (s *sockets) admit(c *socket, principal string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, open := s.open[c]; !open {
		return false
	}
	return s.counts.admit(c, principal)
}

func (s *sockets) remove(c *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, open := s.open[c]; !open {
		return
	}
	delete(s.open, c)
	s.counts.leave(c)
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
	close(s.stopping)
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
