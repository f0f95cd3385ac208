package stripegw

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/time/rate"

	"github.com/golive-hq/golive/internal/catalog"
)

// Rates are calls per second, each with a burst of one second's worth.
type Rates struct {
	// Live and Test bound one account in that mode; Stripe allows 100 and 25.
	Live, Test float64
	// Endpoint bounds one method and path template of one account in one mode;
	// Stripe allows 25.
	Endpoint float64
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
// process; an account's takes less than a kilobyte.
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
		p.all[key] = &pace{account: limiter(perSecond), perEndpoint: p.rates.Endpoint}
	}
	return p.all[key]
}

// pace holds back the calls to one account in one mode.
type pace struct {
	account     *rate.Limiter
	perEndpoint float64
	endpoints   sync.Map // of endpoint to *rate.Limiter
}

// wait returns when a call to endpoint may start, or ctx's error. A nil pace
// never waits.
func (p *pace) wait(ctx context.Context, endpoint string) error {
	if p == nil {
		return nil
	}
	// The endpoint first: who queues for a busy one must not hold a slot of the
	// account that a call to another endpoint could use.
	own, found := p.endpoints.Load(endpoint)
	if !found {
		own, _ = p.endpoints.LoadOrStore(endpoint, limiter(p.perEndpoint))
	}
	for _, l := range []*rate.Limiter{own.(*rate.Limiter), p.account} {
		if l.Wait(ctx) == nil {
			continue
		}
		// The limiter also gives up, in words of its own, when the slot would come
		// after ctx's deadline.
		err := ctx.Err()
		if err == nil {
			err = context.DeadlineExceeded
		}
		return fmt.Errorf("wait for a slot of %s: %w", endpoint, err)
	}
	return nil
}

func limiter(perSecond float64) *rate.Limiter {
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))
}
