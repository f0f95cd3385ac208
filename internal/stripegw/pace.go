package stripegw

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
)

// Rates are the calls that may start within any one second.
type Rates struct {
	// Live and Test bound one account in that mode; Stripe allows 100 and 25.
	Live, Test int
	// Endpoint bounds one method and path template of one account in one mode;
	// Stripe allows 25.
	Endpoint int
}

func (r Rates) withDefaults() Rates {
	if r.Live == 0 {
		r.Live = 80
	}
	if r.Test == 0 {
		r.Test = 20
	}
	if r.Endpoint == 0 {
		r.Endpoint = 20
	}
	return r
}

type paceKey struct {
	mode    catalog.Mode
	account string
}

// paces holds one pace per account and mode. They stay for the life of the
// process; each takes a few kilobytes.
type paces struct {
	rates Rates
	mu    sync.Mutex
	all   map[paceKey]*pace
}

func (p *paces) of(mode catalog.Mode, account string) *pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[paceKey]*pace{}
	}
	key := paceKey{mode, account}
	if p.all[key] == nil {
		perSecond := p.rates.Live
		if mode == catalog.Test {
			perSecond = p.rates.Test
		}
		p.all[key] = &pace{account: newSecond(perSecond), perEndpoint: p.rates.Endpoint, endpoints: map[string]*second{}}
	}
	return p.all[key]
}

// pace holds back the calls to one account in one mode.
type pace struct {
	account     *second
	perEndpoint int
	mu          sync.Mutex
	endpoints   map[string]*second
}

// wait returns when a call to endpoint may start, or ctx's error. A nil pace
// never waits.
func (p *pace) wait(ctx context.Context, endpoint string) error {
	if p == nil {
		return nil
	}
	// The endpoint first: who queues for a busy one must not hold a slot of the
	// account that a call to another endpoint could use.
	for _, s := range []*second{p.endpoint(endpoint), p.account} {
		if err := s.wait(ctx); err != nil {
			return fmt.Errorf("wait for a slot of %s: %w", endpoint, err)
		}
	}
	return nil
}

func (p *pace) endpoint(name string) *second {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.endpoints[name] == nil {
		p.endpoints[name] = newSecond(p.perEndpoint)
	}
	return p.endpoints[name]
}

// second lets a number of calls start in any one second. A token bucket would
// let through twice as many in its first one, more than Stripe allows.
type second struct {
	mu     sync.Mutex
	starts []time.Time // the last ones, a ring
	oldest int
	last   time.Time
}

func newSecond(calls int) *second { return &second{starts: make([]time.Time, calls)} }

// reserve returns when the next call may start: now, unless the second is full.
// Those that have to wait start evenly spread, since calls in step would meet
// at Stripe in one second when some of them travel longer.
func (s *second) reserve(now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := now
	if free := s.starts[s.oldest].Add(time.Second); free.After(now) {
		at = s.last.Add(time.Second / time.Duration(len(s.starts)))
		if at.Before(free) {
			at = free
		}
	}
	s.starts[s.oldest], s.last = at, at
	s.oldest = (s.oldest + 1) % len(s.starts)
	return at
}

// wait waits for a slot. One that ctx leaves unused lapses.
func (s *second) wait(ctx context.Context) error {
	now := time.Now()
	delay := s.reserve(now).Sub(now)
	if delay <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(delay):
		return nil
	}
}
