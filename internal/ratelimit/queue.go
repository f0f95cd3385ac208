package ratelimit

import (
	"slices"
	"sync"
	"time"
)

// queue holds the calls of this process that wait for a slot of one scope.
type queue struct {
	scope scope
	// wake rings when the demand may have changed; capacity 1.
	wake chan struct{}

	mu sync.Mutex
	// lines hold the waiting calls, one per requester, whose turn is next first.
	lines   []*line
	waiting int
	// expected slots are ours, and their time is yet to come.
	expected int
	serving  bool
}

// line is the waiting calls of one requester, never empty.
type line struct {
	requester string
	calls     []*call
}

type call struct {
	requester string
	// turn is closed when the call may start.
	turn chan struct{}
}

func newQueue(s scope) *queue { return &queue{scope: s, wake: make(chan struct{}, 1)} }

func (q *queue) join(requester string) *call {
	c := &call{requester: requester, turn: make(chan struct{})}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting++
	if i := q.lineOf(requester); i >= 0 {
		q.lines[i].calls = append(q.lines[i].calls, c)
	} else {
		q.lines = append(q.lines, &line{requester, []*call{c}})
	}
	q.ring()
	return c
}

// start reports that nobody serves the queue, and that the caller does now.
func (q *queue) start() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	idle := !q.serving
	q.serving = true
	return idle
}

// leave takes c out. Where its turn has just come, the slot lapses.
func (q *queue) leave(c *call) {
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.ring()
	i := q.lineOf(c.requester)
	if i < 0 {
		return
	}
	l := q.lines[i]
	if at := slices.Index(l.calls, c); at >= 0 {
		l.calls = slices.Delete(l.calls, at, at+1)
		q.waiting--
	}
	if len(l.calls) == 0 {
		q.lines = slices.Delete(q.lines, i, i+1)
	}
}

func (q *queue) lineOf(requester string) int {
	return slices.IndexFunc(q.lines, func(l *line) bool { return l.requester == requester })
}

// demand is how many calls wait for more slots than are expected, and of how
// many requesters. Where no call waits, the queue is served no longer.
func (q *queue) demand() (want, share int, waiting bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.serving = q.waiting > 0
	return max(0, q.waiting-q.expected), len(q.lines), q.serving
}

// expect gives each slot, when its time comes, to the call whose turn it is then.
func (q *queue) expect(slots []time.Time) {
	q.mu.Lock()
	q.expected += len(slots)
	q.mu.Unlock()
	for _, slot := range slots {
		time.AfterFunc(time.Until(slot), func() { q.give(slot) })
	}
}

// give lets the next call start. A slot whose time is over lapses: what has
// become of this process or its clock since, only a new slot can tell.
func (q *queue) give(slot time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.ring()
	q.expected--
	if len(q.lines) == 0 || time.Since(slot) > grace {
		return
	}
	first := q.lines[0]
	q.lines = q.lines[1:]
	close(first.calls[0].turn)
	q.waiting--
	if first.calls = first.calls[1:]; len(first.calls) > 0 {
		q.lines = append(q.lines, first)
	}
}

func (q *queue) ring() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
