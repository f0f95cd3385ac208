package server

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/quota"
)

// Limits of sockets. Streams of events count as sockets.
const (
	maxMessage    = 64 << 10 // bytes
	maxOperations = 100
	// maxSockets are those of the process, maxOfPrincipal of one token or session,
	// maxWaiting of one address that have not said yet whose they are.
	maxSockets     = 10_000
	maxOfPrincipal = 50
	maxWaiting     = 50
	// maxFarewells are those that are being told at once that they are too many.
	maxFarewells = 100
)

// crowded is for those who find no room for another connection.
func crowded(format string, args ...any) *fault.Error {
	e := fault.New(fault.RateLimited, format, args...)
	e.RetryAfter = 10 * time.Second
	return e
}

// counts are of sockets that are open.
type counts struct {
	waiting   map[string]int // by address
	of        map[string]int // by principal
	whose     map[*socket]string
	streams   int
	farewells int
}

func newCounts() counts {
	return counts{waiting: map[string]int{}, of: map[string]int{}, whose: map[*socket]string{}}
}

// admitStream counts a stream of events where it is not too many; endStream then has to be
// called.
func (s *sockets) admitStream(principal string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining || s.isFull() || s.counts.of[principal] >= maxOfPrincipal {
		return false
	}
	s.counts.of[principal]++
	s.counts.streams++
	return true
}

func (s *sockets) endStream(principal string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	subtract(s.counts.of, principal)
	s.counts.streams--
}

// isFull needs mu.
func (s *sockets) isFull() bool { return len(s.open)+s.counts.streams >= s.most }

func (n *counts) admit(c *socket, principal string) bool {
	if n.of[principal] >= maxOfPrincipal {
		return false
	}
	subtract(n.waiting, c.address)
	n.of[principal]++
	n.whose[c] = principal
	return true
}

func (n *counts) leave(c *socket) {
	if principal, known := n.whose[c]; known {
		subtract(n.of, principal)
		delete(n.whose, c)
		return
	}
	subtract(n.waiting, c.address)
}

func subtract(from map[string]int, key string) {
	if from[key]--; from[key] == 0 {
		delete(from, key)
	}
}

// isSwamped tells that a socket of the address would be too many, and that more are
// being told so already than is worth the effort.
func (s *sockets) isSwamped(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts.farewells >= maxFarewells && (s.isFull() || s.counts.waiting[address] >= maxWaiting)
}

// turnAway closes a socket that was not let in.
func (s *sockets) turnAway(c *socket, code websocket.StatusCode, why string) {
	s.countFarewell(1)
	defer s.countFarewell(-1)
	_ = c.close(code, why)
}

func (s *sockets) countFarewell(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.farewells += n
}

// addressOf is the address that limits count: of IPv6 the network, for one household has
// as many addresses as it likes.
func addressOf(r *http.Request) string { return network(r.Context()).String() }

// bucket counts messages: it fills at the rate that they may come in. A burst has room for
// a client that is back and asks for everything again that it was running.
type bucket struct {
	spent float64
	at    time.Time
}

func (b *bucket) take(now time.Time) bool {
	b.spent = max(0, b.spent-float64(quota.SocketMessages.Most)*now.Sub(b.at).Seconds())
	b.at = now
	b.spent++
	return b.spent <= float64(quota.SocketMessages.AtOnce())
}

// hijacked takes a connection over from net/http, whose buffers are of a size for
// requests; most of a socket's memory would be those.
type hijacked struct {
	http.ResponseWriter
	conn net.Conn
}

const socketBuffer = 512 // bytes

// Hijack is http.Hijacker's.
func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("take the connection over: %w", err)
	}
	h.conn = conn
	// The client may have sent on before it had the answer.
	early, _ := rw.Reader.Peek(rw.Reader.Buffered())
	reader := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(early)), conn), max(socketBuffer, len(early)))
	if _, err := reader.Peek(len(early)); err != nil {
		return nil, nil, fmt.Errorf("read what came early: %w", err)
	}
	return conn, bufio.NewReadWriter(reader, bufio.NewWriterSize(conn, socketBuffer)), nil
}
