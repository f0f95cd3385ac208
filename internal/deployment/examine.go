package deployment

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/product"
)

// Subject is the product that evidence is gathered on.
type Subject struct {
	Product *product.Product
	Adopt   bool
	// Deployment is the one that asks, "" for a preview.
	Deployment string
}

// Findings are the evidence with what follows from it.
type Findings struct {
	Evidence plan.Evidence
	Report   *Report
	// Plan is nil where the evidence does not allow one.
	Plan *plan.Plan
}

// Examine reads test and live, runs every check and makes the plan. It writes
// nothing. Its error is ours; what Stripe cannot tell becomes a failed check.
func (s *Service) Examine(ctx context.Context, on Subject) (*Findings, error) {
	evidence, test, live, err := s.ledger(ctx, on)
	if err != nil {
		return nil, err
	}
	read(ctx, on.Product, evidence, test, live)
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	f := &Findings{Evidence: *evidence}
	if p, ok := diff(evidence, on.Product.TenantID); ok {
		f.Plan = &p
		f.Evidence.Plan = &p
	}
	results := plan.Check(f.Evidence)
	f.Report = &Report{OK: plan.OK(results), Results: results, CheckedAt: time.Now().UTC()}
	return f, nil
}

// ledger gathers what our own database knows. An account that is not connected
// comes back nil, and its reads with the reason.
func (s *Service) ledger(ctx context.Context, on Subject) (e *plan.Evidence, test, live Stripe, err error) {
	p := on.Product
	e = &plan.Evidence{StripeProductID: p.StripeProductID, StampOwner: p.TenantID, Adopt: on.Adopt}
	if test, e.TestAccountID, err = s.Account(ctx, p.TenantID, catalog.Test); err != nil {
		return nil, nil, nil, err
	}
	if live, e.LiveAccountID, err = s.Account(ctx, p.TenantID, catalog.Live); err != nil {
		return nil, nil, nil, err
	}
	// Whoever connected two accounts was asked, and said that this is meant.
	e.DifferentAccountAllowed = e.TestAccountID != e.LiveAccountID
	if e.Known, err = Known(ctx, s.DB, p.TenantID, e.LiveAccountID, p.StripeProductID); err != nil {
		return nil, nil, nil, err
	}
	active, err := activeOn(ctx, s.DB, e.LiveAccountID, p.StripeProductID)
	if err != nil {
		return nil, nil, nil, err
	}
	if active != nil && active.ID != on.Deployment {
		e.ActiveDeployment = active.ID
	}
	return e, test, live, nil
}

// Account opens one mode's account, nil where it is not connected.
func (s *Service) Account(ctx context.Context, tenantID string, mode catalog.Mode) (Stripe, string, error) {
	key, accountID, err := s.Connections.StripeKey(ctx, s.DB, tenantID, mode)
	if fault.CodeOf(err) == fault.StripeNotConnected {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	return s.Open(mode, accountID, key), accountID, nil
}

// read asks Stripe everything side by side. Lookup keys are asked for as the last
// import saw them, and once more where test has new ones since.
func read(ctx context.Context, p *product.Product, e *plan.Evidence, test, live Stripe) {
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
	all.Go(func() { e.KeyHolders = keyHolders(ctx, live, asked) })
	all.Wait()
	if fresh := unheld(lookupKeys(e.Test.Value), pricesOf(e.Live.Value)); e.Test.Err == nil && !subset(fresh, asked) {
		e.KeyHolders = keyHolders(ctx, live, fresh)
	}
	addHolders(e)
}

// unheld are the keys that none of these prices holds. Who holds a key that one of ours
// had when we last looked is seen from the product itself, and where it lost the key,
// asked then.
func unheld(keys []string, by []catalog.Price) []string {
	return slices.DeleteFunc(keys, func(key string) bool {
		return slices.ContainsFunc(by, func(p catalog.Price) bool { return p.LookupKey == key })
	})
}

func pricesOf(s *catalog.Snapshot) []catalog.Price {
	if s == nil {
		return nil
	}
	return s.Prices
}

// addHolders adds the product's own prices that hold a lookup key unseen by the list
// of its holders.
func addHolders(e *plan.Evidence) {
	if e.Live.Value == nil || e.KeyHolders.Err != nil {
		return
	}
	wanted := lookupKeys(e.Test.Value)
	for _, p := range e.Live.Value.Prices {
		listed := slices.ContainsFunc(e.KeyHolders.Value, func(h catalog.Price) bool { return h.ID == p.ID })
		if !listed && slices.Contains(wanted, p.LookupKey) {
			e.KeyHolders.Value = append(e.KeyHolders.Value, p)
		}
	}
}

var errNotConnected = fault.New(fault.StripeNotConnected, "Stripe isn't connected in this mode. Connect it first.")

func readFrom[T any](account Stripe, question func(Stripe) (T, error)) plan.Read[T] {
	if account == nil {
		return plan.Read[T]{Err: errNotConnected}
	}
	value, err := question(account)
	return plan.Read[T]{Value: value, Err: err}
}

func keyHolders(ctx context.Context, live Stripe, keys []string) plan.Read[[]catalog.Price] {
	return readFrom(live, func(a Stripe) ([]catalog.Price, error) {
		if len(keys) == 0 {
			return nil, nil
		}
		return a.PricesByLookupKeys(ctx, keys)
	})
}

// liveProductID is the id under which the product lives: the same one wherever
// Stripe let us choose it.
func liveProductID(p *product.Product, e *plan.Evidence) string {
	if id := e.Known.Links.Product(p.StripeProductID); id != "" {
		return id
	}
	return p.StripeProductID
}

// diff makes the plan where both sides were read and the product is ours to
// change, or allowed to be taken over.
func diff(e *plan.Evidence, tenantID string) (plan.Plan, bool) {
	if e.Test.Err != nil || e.Live.Err != nil || e.Test.Value == nil {
		return plan.Plan{}, false
	}
	in := plan.Input{Test: *e.Test.Value, Live: e.Live.Value, Known: e.Known, Adopt: e.Adopt, StampOwner: tenantID}
	if !in.MayChange() {
		return plan.Plan{}, false
	}
	return plan.Diff(in), true
}

func lookupKeys(s *catalog.Snapshot) []string {
	if s == nil {
		return nil
	}
	var keys []string
	for _, p := range s.Prices {
		if p.LookupKey != "" {
			keys = append(keys, p.LookupKey)
		}
	}
	return keys
}

func subset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}

// WhyNoPlan says why a plan cannot be made, in the words of the check that failed.
func (f *Findings) WhyNoPlan() error {
	for _, r := range f.Report.Results {
		if r.Status == plan.CheckFailed {
			return fault.New(fault.ValidationFailed, "There's no plan yet. %s: %s", r.Check, r.Message)
		}
	}
	return errors.New("no plan although every check passed")
}
