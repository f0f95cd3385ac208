package graph

import (
	"context"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/fault"
)

// places bound how many operations run at once: in the process, so that its memory and its
// database connections suffice, and for each caller, so that none takes all of them. Who
// finds none free waits a moment, as requests come in bursts, and is refused then.
type places struct {
	each     int
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

func newPlaces(process, each int, patience time.Duration) *places {
	return &places{each: each, patience: patience, process: make(chan struct{}, process), callers: map[string]*share{}}
}

// take returns what gives the place back, or why there is none.
func (p *places) take(ctx context.Context, caller string) (leave func(), err error) {
	own, err := p.join(caller)
	if err != nil {
		return nil, err
	}
	timer := time.NewTimer(p.patience)
	defer timer.Stop()
	if !enter(ctx, own.taken, timer) {
		p.quit(caller, own)
		return nil, errManyOfCaller(p.each)
	}
	if !enter(ctx, p.process, timer) {
		<-own.taken
		p.quit(caller, own)
		return nil, fault.New(fault.Unavailable, "The service is busy. Try again in a moment.")
	}
	return func() {
		<-p.process
		<-own.taken
		p.quit(caller, own)
	}, nil
}

// join refuses those for whom there are too many in line already.
func (p *places) join(caller string) (*share, error) {
	const line = 32 // for each place
	p.mu.Lock()
	defer p.mu.Unlock()
	own := p.callers[caller]
	if own == nil {
		own = &share{taken: make(chan struct{}, p.each)}
		p.callers[caller] = own
	}
	if own.users >= p.each*line {
		return nil, errManyOfCaller(p.each)
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

func errManyOfCaller(most int) error {
	return fault.New(fault.RateLimited, "You can run at most %d operations at a time. Wait for some to finish.", most)
}
