package runner

import (
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/postgres"
)

// Deps are what a Runner needs.
type Deps struct {
	Deployments *deployment.Service
	Hub         *postgres.Hub
	// Lifeline is the session by whose end other workers learn of this one's.
	Lifeline *postgres.Lifeline
	// Lease is how long a worker may act without a sign of life.
	Lease time.Duration
	// Clock judges leases: SinceBoot, but where tests move it.
	Clock func() time.Duration
	// Backoff bounds the waiting for a Stripe that cannot answer now. Its budget holds
	// for the read of one object, too.
	Backoff engine.Backoff
	// Outages says how long a deployment outlasts a Stripe that is down.
	Outages Outages
	// Phase hears how long one took in this process: after a takeover, the rest of it. nil
	// where nobody wants to know.
	Phase func(p Phase, took time.Duration)
}

// Outages bounds the waiting of parked deployments.
type Outages struct {
	// Retry is how long one parks before Stripe is tried again.
	Retry time.Duration
	// Budget is how long it is tried before it turns back. Time in which nobody
	// tried does not count.
	Budget time.Duration
}

// What production runs with, unless GOLIVE_LEASE says otherwise. A takeover is due within a
// second of a death, and within eleven of a worker's being frozen or cut off; one object is
// tried for ten minutes, a Stripe that is down for an hour.
var (
	DefaultLease   = 10 * time.Second
	DefaultBackoff = engine.Backoff{
		First: 500 * time.Millisecond, Most: 15 * time.Second, Budget: 10 * time.Minute, Patience: 20 * time.Second,
	}
	DefaultOutages = Outages{Retry: 15 * time.Second, Budget: time.Hour}
)

// Runner carries deployments out, side by side.
type Runner struct {
	Deps

	leases leases
}

// New returns a Runner that is whole.
func New(deps Deps) *Runner { return &Runner{Deps: deps} }
