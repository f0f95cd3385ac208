package ratelimit

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Rates are the calls that may start within any one second. Any second and a
// quarter holds 1.25 times as many at most, so they should be no more than eight
// tenths of what Stripe allows; calls that travel up to 250 ms longer than others
// are then no harm.
type Rates struct {
	// Live and Test bound one account in that mode, which Stripe limits to 100
	// and 25.
	Live, Test int
	// Endpoint bounds one method and path template of one account in one mode,
	// which Stripe limits to 25. Writes that nobody else in the account makes (see
	// ours) go on up to Stripe's own limit, and back at a 429.
	Endpoint int
}

// DefaultRates are eight tenths of Stripe's documented limits.
var DefaultRates = Rates{Live: 80, Test: 20, Endpoint: 20}

// Limiter gives out the slots of all accounts to the calls of this process. One
// per process.
type Limiter struct {
	db    *pgxpool.Pool
	rates Rates
	log   *slog.Logger

	mu     sync.Mutex
	queues map[scope]*queue
}

// scope is what has a rate of its own.
type scope struct {
	account  string
	live     bool
	endpoint string
}

// New returns a limiter with these rates, each of them at least 1. It stores its
// slots in db, where migration 6 has made their table.
func New(db *pgxpool.Pool, rates Rates, log *slog.Logger) *Limiter {
	return &Limiter{db: db, rates: rates, log: log, queues: map[scope]*queue{}}
}

// Wait returns when a call to an endpoint ("POST /v1/prices/{id}") of an account
// may start: it should, then. Its only error is ctx's, wrapped: while the
// database cannot be asked, nobody's turn comes. Requesters (see For) take turns.
func (l *Limiter) Wait(ctx context.Context, accountID string, live bool, endpoint string) error {
	if err := l.waitAsked(ctx, accountID, live); err != nil {
		return err
	}
	if err := l.turn(ctx, scope{accountID, live, endpoint}); err != nil {
		return fmt.Errorf("wait for a slot of %s: %w", endpoint, err)
	}
	return nil
}

// turn waits for a slot of s.
func (l *Limiter) turn(ctx context.Context, s scope) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q := l.queue(s)
	c := q.join(requesterOf(ctx))
	if q.start() {
		go l.serve(q)
	}
	select {
	case <-c.turn:
		return nil
	case <-ctx.Done():
		q.leave(c)
		return ctx.Err()
	}
}

// queue returns the one of s. Queues stay for the life of the process; an idle
// one takes a few hundred bytes.
func (l *Limiter) queue(s scope) *queue {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.queues[s]
	if q == nil {
		q = newQueue(s)
		l.queues[s] = q
	}
	return q
}

// Times of a turn. Grace bounds how late a call starts, so that a process that
// was stopped for a while does not start what would have been right before.
const (
	grace        = 100 * time.Millisecond
	slowest      = time.Second // an answer of the database that took longer is of no use
	firstRetry   = 50 * time.Millisecond
	longestRetry = 2 * time.Second
)

// serve gets slots as long as calls wait in q.
func (l *Limiter) serve(q *queue) {
	turn, retry := false, firstRetry
	for {
		want, share, waiting := q.demand()
		if !waiting {
			return
		}
		if want == 0 { // slots are on their way to all of them
			<-q.wake
			turn = false
			continue
		}
		got, err := l.take(q.scope, want, share, turn)
		if err != nil {
			l.log.Warn("could not get rate limit slots from the database; will retry", "error", err)
			<-time.After(retry)
			retry = min(2*retry, longestRetry)
			continue
		}
		retry = firstRetry
		q.expect(got.slots)
		if turn = got.unmet; turn {
			<-time.After(got.again)
		}
	}
}

// Slow lowers the rate of an endpoint that answered 429, or of its account where
// Stripe's reason ("global-rate", "endpoint-rate", ...) names that: to half, or where
// the endpoint is ours alone, to what keeps its distance. It grows back within ten
// seconds; several 429s in one second count once.
func (l *Limiter) Slow(ctx context.Context, accountID string, live bool, endpoint, reason string) {
	if strings.HasPrefix(reason, "global") {
		endpoint = ""
	}
	left := 0.5
	if ours(endpoint) {
		left = 0.84
	}
	if err := l.slow(ctx, scope{accountID, live, endpoint}, left); err != nil {
		l.log.WarnContext(ctx, "could not record a Stripe rate limit", "error", err)
	}
}

// ours tells that nobody but Golive calls an endpoint of a shop's account in earnest:
// shops sell by other ones. So there is no reserve to keep for others, and a 429 is the
// end of the limit, not somebody in a hurry.
func ours(endpoint string) bool {
	return strings.HasPrefix(endpoint, "POST /v1/prices") || strings.HasPrefix(endpoint, "POST /v1/products")
}

// ratesOf are those of a scope's account and endpoint.
func (l *Limiter) ratesOf(s scope) (account, endpoint int) {
	if s.asked() {
		return AskedRate, AskedRate
	}
	return l.rateOf(s.live), l.rateOfEndpoint(s.endpoint)
}

// rateOfEndpoint stays one call below Stripe's limit where the endpoint is ours: evenly
// spread, calls may then travel 40 ms longer than others before a second holds too many.
func (l *Limiter) rateOfEndpoint(endpoint string) int {
	if ours(endpoint) {
		return max(1, l.rates.Endpoint*6/5)
	}
	return l.rates.Endpoint
}

func (l *Limiter) rateOf(live bool) int {
	if live {
		return l.rates.Live
	}
	return l.rates.Test
}
