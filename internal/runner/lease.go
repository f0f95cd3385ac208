package runner

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Why a run stops before its end. None of them is a failure.
var (
	errCancelled = errors.New("deployment: cancellation was requested")
	errPaused    = errors.New("deployment: an operator paused Golive")
)

// lease is a right to act that ends by itself, and with the lifeline under which it was
// taken. Postgres' clock decides who may take over; the owner's own clock, which never
// runs backwards, decides when it must have stopped: a little earlier.
type lease struct {
	id    string
	epoch int64
	right *Deps

	mu sync.Mutex
	// deadline is by right.Clock.
	deadline time.Duration
	// lifeline is the number under which the lease was taken.
	lifeline int64
	// endRun ends the way that the run is on.
	endRun context.CancelCauseFunc
	// turned tells that it is the way back, which no cancel ends.
	turned bool
	// ending tells that the last transaction is under way. A heartbeat that waits
	// for it finds no lease afterwards, and must not cut its commit off.
	ending bool
}

func (l *lease) setEnding() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ending = true
}

func (l *lease) setEnd(end context.CancelCauseFunc, turned bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.endRun, l.turned, l.ending = end, turned, false
}

func (l *lease) end(cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ending || l.turned && errors.Is(cause, errCancelled) {
		return
	}
	l.endRun(cause)
}

// leases are those that this process holds.
type leases struct {
	mu   sync.Mutex
	held map[string]*lease
}

func (l *leases) add(held *lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = map[string]*lease{}
	}
	l.held[held.id] = held
}

// remove forgets this lease, not a later one on the same deployment.
func (l *leases) remove(ended *lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[ended.id] == ended {
		delete(l.held, ended.id)
	}
}

func (l *leases) all() []*lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]*lease, 0, len(l.held))
	for _, held := range l.held {
		all = append(all, held)
	}
	return all
}

// extend counts from before the statement that renewed the lease was sent, and
// leaves a tenth for clocks that differ in speed.
func (l *lease) extend(sent time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deadline = max(l.deadline, sent+l.right.Lease-l.right.Lease/10)
}

// take is extend by a statement that also wrote the number of the lifeline.
func (l *lease) take(lifeline int64, sent time.Duration) {
	l.extend(sent)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lifeline = lifeline
}

// fits tells whether a call that begins now ends before the right to act does. Where the
// lifeline has ended since the lease was taken, others may have taken over already.
func (l *lease) fits(call time.Duration) bool {
	now, _ := l.right.Lifeline.Number()
	l.mu.Lock()
	defer l.mu.Unlock()
	return now != 0 && now == l.lifeline && l.right.Clock()+call < l.deadline
}

// expired tells that time alone has ended the lease.
func (l *lease) expired() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.right.Clock() >= l.deadline
}
