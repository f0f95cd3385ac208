package domaintest

import (
	"context"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/product"
)

// Product is the tenant's product with that id at Stripe.
func (st *Stack) Product(t *testing.T, stripeID string) *product.Product {
	t.Helper()
	p, err := st.Products.ByStripeID(st.As, st.Tenant.ID, stripeID)
	Must(t, err)
	return p
}

// Look is a deployment as it is now.
func (st *Stack) Look(t *testing.T, id string) *deployment.Deployment {
	t.Helper()
	d, err := st.Get(st.As, id)
	Must(t, err)
	return d
}

// Review is what checks and plan said of a deployment.
func (st *Stack) Review(t *testing.T, id string) deployment.Review {
	t.Helper()
	reviews, err := st.ReviewsOf(st.As, []string{id})
	Must(t, err)
	return reviews[id]
}

// Steps is the journal of one deployment, for whoever may see it.
func (st *Stack) Steps(ctx context.Context, id string) ([]*journal.Step, error) {
	steps, err := st.StepsOf(ctx, []string{id})
	return steps[id], err
}

// Events are those of one deployment after a sequence, for whoever may see it.
func (st *Stack) Events(ctx context.Context, id string, after, first int) ([]*deployment.Event, error) {
	events, err := st.EventsOf(ctx, []string{id}, after, first)
	return events[id], err
}

// End waits for the terminal event and returns the deployment after it.
func (st *Stack) End(t *testing.T, id string) *deployment.Deployment {
	t.Helper()
	from := 0
	st.watch(t, id, "its end", func(e *deployment.Event) bool {
		if e.Sequence != from+1 {
			t.Errorf("event %d follows event %d", e.Sequence, from)
		}
		from = e.Sequence
		return e.Terminal
	})
	return st.Look(t, id)
}

// Hear waits until a deployment tells an event of that kind; what says which.
func (st *Stack) Hear(t *testing.T, id, what string, is func(*deployment.Event) bool) {
	t.Helper()
	st.watch(t, id, what, is)
}

func (st *Stack) watch(t *testing.T, id, what string, is func(*deployment.Event) bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(st.As, Patience)
	defer stop()
	from := 0
	events, err := st.Progress.Events(ctx, id, &from)
	Must(t, err)
	for e := range events {
		if is(e) {
			return
		}
	}
	d := st.Look(t, id)
	t.Fatalf("waited for %s in vain: %s is %s, and was last told %q", what, id, d.Status, d.ProgressMessage)
}

// CarryOut lets a worker carry out what has begun, and returns it as that leaves it. One
// that was parked gets a place first.
func (st *Stack) CarryOut(t *testing.T, id string) *deployment.Deployment {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), Patience)
	defer stop()
	_, err := st.FillAll(ctx)
	Must(t, err)
	// It passes over what another owner, which has let go, is giving a place just now.
	st.Until(t, "a job of "+id, `SELECT job_id IS NOT NULL FROM deployments WHERE id = $1`, id)
	Must(t, st.Runner.Run(ctx, id, st.Job(t, id), "worker"))
	return st.Look(t, id)
}

// Live is the product as it is in live now, nil where it is not there.
func (st *Stack) Live(t *testing.T, productID string) *catalog.Snapshot {
	t.Helper()
	s, err := st.Open(catalog.Live, st.Stripe.Account.ID, st.Stripe.Account.LiveKey).Snapshot(t.Context(), productID, nil)
	Must(t, err)
	return s
}
