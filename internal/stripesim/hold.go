package stripesim

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
)

// Held is a request that a fault of kind hold has stopped.
type Held struct {
	ID      string `json:"id"`
	FaultID string `json:"fault_id"`
	// Stage is AtArrival, AtBefore or AtAfter.
	Stage string `json:"stage"`
	Request
}

type held struct {
	Held
	// verdict receives whether the request goes on.
	verdict chan bool
}

// hold waits for a release and reports whether the call may go on.
func (fs *faults) hold(c *call, f *fault) bool {
	h := &held{Held: Held{ID: c.id, FaultID: f.ID, Stage: f.At, Request: describe(c)}, verdict: make(chan bool, 1)}
	fs.mu.Lock()
	if f.removed {
		fs.mu.Unlock()
		return true
	}
	fs.held = append(fs.held, h)
	fs.signal()
	fs.mu.Unlock()
	return <-h.verdict
}

func describe(c *call) Request {
	return Request{
		Seq: c.entry.Seq, At: c.now, ID: c.id, Method: c.method, Path: c.path, Query: c.query, Body: c.body, Account: c.account.id,
		Mode: c.mode, IdempotencyKey: c.header.Get("Idempotency-Key"), Epoch: c.header.Get(EpochHeader),
	}
}

// signal wakes whoever waits for a held request; fs is locked.
func (fs *faults) signal() {
	close(fs.moved)
	fs.moved = make(chan struct{})
}

// Held waits until a request is held by the fault, any fault if the id is
// empty, and returns all such requests.
func (s *Sim) Held(ctx context.Context, faultID string) ([]Held, error) {
	for {
		waiting, moved := s.faults.waiting(faultID)
		if len(waiting) > 0 {
			return waiting, nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return nil, fmt.Errorf("stripesim: no request was held: %w", ctx.Err())
		}
	}
}

func (fs *faults) waiting(faultID string) ([]Held, <-chan struct{}) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var waiting []Held
	for _, h := range fs.held {
		if faultID == "" || h.FaultID == faultID {
			waiting = append(waiting, h.Held)
		}
	}
	return waiting, fs.moved
}

// Release lets a held request go on, all of them if the id is empty, and
// returns how many there were. With drop its connection is reset instead, and
// if it was held before its effect it never happens.
func (s *Sim) Release(id string, drop bool) int { return s.faults.release(id, drop) }

func (fs *faults) release(id string, drop bool) int {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	released := 0
	fs.held = slices.DeleteFunc(fs.held, func(h *held) bool {
		if id != "" && h.ID != id {
			return false
		}
		h.verdict <- !drop
		released++
		return true
	})
	return released
}

// resetConnection breaks the connection with a TCP reset. Where the server
// can't be hijacked, ErrAbortHandler closes it.
func resetConnection(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
