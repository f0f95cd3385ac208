package graph

import (
	"context"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/fault"
)

// places bound how many operations run at once: in the process, so that its memory and its
// database connections suffice, and for each caller, so that none takes all of them. Who
// finds none free waits for as long as patience, as requests come in bursts, and is refused
// then.
type places struct {
	each int
	// most says what is limited, and to how much: "2 operations".
	most string
	// line is how many operations of one caller there may be for each place, waiting or not.
	line     int
	patience time.Duration
	process  chan struct{}

	mu      sync.Mutex
	callers map[string]*share
}

// share is one caller's. It is forgotten once nobody uses it.
type share struct {
	taken chan struct{}
	users int
}

func newPlaces(process, each, line int, patience time.Duration, most string) *places {
	return &places{each: each, most: most, line: line, patience: patience, process: make(chan struct{}, process), callers: map[string]*share{}}
}

// place is one that was taken. What waits to be read needs the process' resources no more,
// but its caller's: else who reads slowly would be owed more answers than fit in memory.
type place struct {
	// executed gives back what is the process' of it, answered what is the caller's.
	executed, answered func()
}

func (p place) leave() { p.executed(); p.answered() }

// take returns a place, all of which has to be given back, or why there is none.
func (p *places) take(ctx context.Context, caller string) (place, error) {
	own, err := p.join(caller)
	if err != nil {
		return place{}, err
	}
	timer := time.NewTimer(p.patience)
	defer timer.Stop()
	if !enter(ctx, own.taken, timer) {
		p.quit(caller, own)
		return place{}, p.errMany(caller)
	}
	answered := func() {
		<-own.taken
		p.quit(caller, own)
	}
	if !enter(ctx, p.process, timer) {
		answered()
		return place{}, fault.New(fault.Unavailable, "The service is busy. Try again in a moment.")
	}
	return place{executed: func() { <-p.process }, answered: answered}, nil
}

// join refuses those for whom there are too many in line already.
func (p *places) join(caller string) (*share, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	own := p.callers[caller]
	if own == nil {
		own = &share{taken: make(chan struct{}, p.each)}
		p.callers[caller] = own
	}
	if own.users >= p.each*p.line {
		return nil, p.errMany(caller)
	}
	own.users++
	return own, nil
}

func (p *places) quit(caller string, own *share) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(p.callers, caller)
	}
}

func enter(ctx context.Context, places chan struct{}, timer *time.Timer) bool {
	select {
	case places <- struct{}{}:
		return true
	default:
	}
	select {
	case places <- struct{}{}:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

func (p *places) errMany(caller string) error {
	if caller == "" {
		return fault.New(fault.RateLimited, "All callers without a token together can run %s at a time. Try again in a moment, or send a token.", p.most)
	}
	return fault.New(fault.RateLimited, "You can run %s at a time. Wait for one to finish.", p.most)
}
