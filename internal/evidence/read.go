package evidence

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/product"
)

// Stripe is one account in one mode, as the checks and the engine need it. Its
// errors are *catalog.Error or the context's.
type Stripe interface {
	engine.Gateway
	// Effect is Snapshot without the archived prices that are none of known.
	Effect(ctx context.Context, productID string, known []string) (*catalog.Snapshot, error)
	Balance(ctx context.Context) (catalog.Balance, error)
	Account(ctx context.Context) (catalog.Account, error)
	WebhookEndpoints(ctx context.Context) ([]catalog.WebhookEndpoint, error)
	// PricesByLookupKeys returns the holders of keys, active or not.
	PricesByLookupKeys(ctx context.Context, keys []string) ([]catalog.Price, error)
}

// Read asks Stripe everything that checks and plan need, side by side. Lookup keys are asked
// for as the last import saw them, and once more where test has new ones since.
func Read(ctx context.Context, p *product.Product, e *plan.Evidence, test, live Stripe) {
	asked := unheld(lookupKeys(p.Snapshot), slices.Collect(maps.Values(e.Known.Prices)))
	var all sync.WaitGroup
	all.Go(func() {
		e.TestBalance = readFrom(test, func(a Stripe) (catalog.Balance, error) { return a.Balance(ctx) })
	})
	all.Go(func() {
		e.TestAccount = readFrom(test, func(a Stripe) (catalog.Account, error) { return a.Account(ctx) })
	})
	all.Go(func() {
		e.LiveBalance = readFrom(live, func(a Stripe) (catalog.Balance, error) { return a.Balance(ctx) })
	})
	all.Go(func() {
		e.LiveAccount = readFrom(live, func(a Stripe) (catalog.Account, error) { return a.Account(ctx) })
	})
	all.Go(func() {
		e.Webhooks = readFrom(live, func(a Stripe) ([]catalog.WebhookEndpoint, error) { return a.WebhookEndpoints(ctx) })
	})
	all.Go(func() {
		e.Test = readFrom(test, func(a Stripe) (*catalog.Snapshot, error) {
			return a.Snapshot(ctx, p.StripeProductID, e.Known.TestIDs(p.Snapshot))
		})
	})
	all.Go(func() {
		e.Live = readFrom(live, func(a Stripe) (*catalog.Snapshot, error) {
			return a.Snapshot(ctx, liveProductID(p, e), e.Known.LiveIDs())
		})
	})
	all.Go(func() { e.KeyHolders = ReadHolders(ctx, live, asked) })
	all.Wait()
	if fresh := unheld(lookupKeys(e.Test.Value), pricesOf(e.Live.Value)); e.Test.Err == nil && !subset(fresh, asked) {
		e.KeyHolders = ReadHolders(ctx, live, fresh)
	}
	addHolders(e)
}

// ReadLive asks for what a rollback needs to know of live: touched is what it undoes.
func ReadLive(ctx context.Context, p *product.Product, e *plan.Evidence, live Stripe, touched []plan.Touched) {
	e.LiveBalance = readFrom(live, func(a Stripe) (catalog.Balance, error) { return a.Balance(ctx) })
	e.LiveAccount = readFrom(live, func(a Stripe) (catalog.Account, error) { return a.Account(ctx) })
	e.Live = readFrom(live, func(a Stripe) (*catalog.Snapshot, error) {
		return a.Snapshot(ctx, liveProductID(p, e), e.Known.LiveIDs(touched...))
	})
}

var errNotConnected = fault.New(fault.StripeNotConnected, "Stripe isn't connected in this mode. Connect it first.")

func readFrom[T any](account Stripe, question func(Stripe) (T, error)) plan.Read[T] {
	if account == nil {
		return plan.Read[T]{Err: errNotConnected}
	}
	value, err := question(account)
	return plan.Read[T]{Value: value, Err: err}
}

// liveProductID is the id under which the product lives: the same one wherever
// Stripe let us choose it.
func liveProductID(p *product.Product, e *plan.Evidence) string {
	if id := e.Known.Links.Product(p.StripeProductID); id != "" {
		return id
	}
	return p.StripeProductID
}
