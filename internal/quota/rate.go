package quota

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ratelimit"
	"github.com/golive-hq/golive/internal/tenant"
)

// The rates: quotas of what callers do many times a second. A client that is back after an
// outage asks for all at once that it was watching, so they have room for that.
var (
	requestsOfCaller      = Quota{name: "requests-caller", What: "requests", Whose: "token or session", Most: 50, Per: time.Second, Burst: 200}
	requestsOfTenant      = Quota{name: "requests-tenant", What: "requests", Whose: "tenant", Most: 200, Per: time.Second, Burst: 800}
	requestsOfNetwork     = Quota{name: "requests-network", What: "requests without a token or session", Whose: "IPv4 address or IPv6 /64 network, in each process", Most: 50, Per: time.Second, Burst: 200}
	mutationsOfCaller     = Quota{name: "mutations-caller", What: "mutations", Whose: "token or session", Most: 10, Per: time.Second, Burst: 50}
	subscriptionsOfCaller = Quota{name: "subscriptions-caller", What: "new subscriptions", Whose: "token or session", Most: 20, Per: time.Second, Burst: 200}
	openOfCaller          = Quota{What: "open subscriptions", Whose: "token or session, in each process", Most: 1000}
)

// Rates of what one connection or address does, which its process alone counts, and of calls
// to Stripe, which internal/ratelimit spreads.
var (
	SocketMessages = Quota{What: "messages on a WebSocket", Whose: "WebSocket", Most: 50, Per: time.Second, Burst: 150}
	FailedSignIns  = Quota{What: "unknown tokens, sessions and calendars", Whose: "IPv4 address or IPv6 /64 network, in each process", Most: FailuresAMinute, Per: time.Minute}
	StripeCalls    = Quota{What: "calls to Stripe by operations, which wait for their turn", Whose: "Stripe account and mode", Most: ratelimit.AskedRate, Per: time.Second}
)

// FailuresAMinute is how often a network may show a secret that is none.
const FailuresAMinute = 10

// Rates hold callers to the rates, those of all processes together: each process leases
// from Postgres what a caller needs for about a second, and counts that by itself. While
// Postgres can't be asked, each process holds callers to the same numbers alone. A nil
// Rates holds nobody to anything.
type Rates struct {
	// Patience is how long a request waits for Postgres to say how much there is.
	Patience time.Duration

	db  *pgxpool.Pool
	log *slog.Logger
	now func() time.Time

	mu   sync.Mutex
	keys map[key]*allowance
	open map[string]int
	// away is until when Postgres isn't asked again.
	away time.Time
}

type key struct{ name, whose string }

// NewRates returns the rates of one process, which leases from db.
func NewRates(db *pgxpool.Pool, log *slog.Logger) *Rates {
	return &Rates{Patience: 250 * time.Millisecond, db: db, log: log, now: time.Now, keys: map[key]*allowance{}, open: map[string]int{}}
}

// Request counts a request of the actor in ctx, or returns RATE_LIMITED. Whoever belongs to
// several tenants makes it in the first that has some left: before it has been read, nobody
// knows which one it is about.
func (r *Rates) Request(ctx context.Context) error {
	actor, err := tenant.ActorFrom(ctx)
	if r == nil || err != nil {
		return nil
	}
	if err := r.take(ctx, requestsOfCaller, principalOf(actor), 1); err != nil {
		return err
	}
	for _, m := range actor.Memberships {
		if err = r.take(ctx, requestsOfTenant, m.Tenant.ID, 1); err == nil {
			return nil
		}
	}
	return err
}

// Anonymous counts a request of nobody from a network, or returns RATE_LIMITED. It costs no
// query: there are more networks than anybody could write down.
func (r *Rates) Anonymous(network string) error {
	if r == nil {
		return nil
	}
	a := r.allowance(requestsOfNetwork, network)
	a.mu.Lock()
	defer a.mu.Unlock()
	return refusalOf(requestsOfNetwork, a.alone(r.now(), requestsOfNetwork, 1))
}

// Mutate counts an operation of so many mutations, or returns RATE_LIMITED; BAD_REQUEST
// where there may never be so many at once.
func (r *Rates) Mutate(ctx context.Context, n int) error {
	actor, err := tenant.ActorFrom(ctx)
	if r == nil || err != nil {
		return nil
	}
	if n > mutationsOfCaller.AtOnce() {
		return fault.New(fault.BadRequest, "An operation can have at most %d mutations. Send several operations.", mutationsOfCaller.AtOnce())
	}
	return r.take(ctx, mutationsOfCaller, principalOf(actor), n)
}

// Subscribe counts a new subscription, which is open until ctx ends, or returns
// RATE_LIMITED.
func (r *Rates) Subscribe(ctx context.Context) error {
	actor, err := tenant.ActorFrom(ctx)
	if r == nil || err != nil {
		return nil
	}
	whose := principalOf(actor)
	if err := r.take(ctx, subscriptionsOfCaller, whose, 1); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open[whose] >= openOfCaller.Most {
		e := fault.New(fault.RateLimited, "You can have at most %d subscriptions open. End some first.", openOfCaller.Most)
		e.RetryAfter = time.Second
		return e
	}
	r.open[whose]++
	context.AfterFunc(ctx, func() { r.end(whose) })
	return nil
}

func (r *Rates) end(whose string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open[whose]--; r.open[whose] == 0 {
		delete(r.open, whose)
	}
}

func principalOf(actor tenant.Actor) string { return cmp.Or(actor.Principal, actor.Email) }

func (r *Rates) take(ctx context.Context, of Quota, whose string, n int) error {
	a := r.allowance(of, whose)
	a.mu.Lock() // also while it leases: whoever comes meanwhile would only lease as well
	defer a.mu.Unlock()
	now := r.now()
	if a.spend(now, n) {
		return nil
	}
	if now.Before(a.none) {
		return refusalOf(of, a.none.Sub(now))
	}
	if r.isAway(now) {
		return refusalOf(of, a.alone(now, of, n))
	}
	wanted := a.wants(now, of, n)
	granted, err := r.lease(ctx, of, whose, wanted)
	if err != nil {
		r.log.WarnContext(ctx, "could not lease a rate from the database; this process counts alone for now", "rate", of.name, "error", err)
		r.stayAway(now)
		return refusalOf(of, a.alone(now, of, n))
	}
	return refusalOf(of, a.gets(r.now(), of, granted, wanted, n))
}

// refusalOf is nil where nobody has to wait.
func refusalOf(of Quota, after time.Duration) error {
	if after == 0 {
		return nil
	}
	return of.refusal(after)
}

func (r *Rates) isAway(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return now.Before(r.away)
}

func (r *Rates) stayAway(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.away = now.Add(time.Second)
}

// keysAtOnce bounds the memory that all callers together take.
const keysAtOnce = 10_000

func (r *Rates) allowance(of Quota, whose string) *allowance {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, k := r.now(), key{of.name, whose}
	a := r.keys[k]
	if a == nil {
		if len(r.keys) >= keysAtOnce {
			r.forget(now)
		}
		a = &allowance{}
		r.keys[k] = a
	}
	a.used = now
	return a
}

// forget drops what nobody has used for a while, and where that is none, all: what has been
// given out is known to Postgres.
func (r *Rates) forget(now time.Time) {
	for k, a := range r.keys {
		if now.Sub(a.used) > lapse {
			delete(r.keys, k)
		}
	}
	if len(r.keys) >= keysAtOnce {
		clear(r.keys)
	}
}
