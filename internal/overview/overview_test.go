package overview_test

import (
	"fmt"
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/overview"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/stripesim"
)

func of(t *testing.T, st *domaintest.Stack, id string) *overview.Overview {
	t.Helper()
	found, err := (&overview.Service{Products: st.Products}).Of(st.As, []string{id})
	domaintest.Must(t, err)
	return found[id]
}

// What stands in live is what was seen there last: by the deployment, by a check, or, where
// a worker of an earlier version has deployed, what its links say.
func TestLiveIsShownAsItWasSeenLast(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	st.Work(t)
	p := st.Product(t, domaintest.Simple)
	if o := of(t, st, p.ID); o.InLive != nil || o.Known != nil || o.InTest == nil || o.InTest.Prices == 0 || o.InTest.Interval == nil {
		t.Fatalf("before: %+v %+v", o.InTest, o.InLive)
	}
	st.Completed(t, p)
	deployed := of(t, st, p.ID)
	if deployed.InLive == nil || *deployed.InLive.Price != *deployed.InTest.Price || deployed.Known.Count() != 0 {
		t.Fatalf("deployed: %+v, %+v", deployed.InLive, deployed.Known)
	}
	st.Exec(t, `UPDATE products SET deployed_digest = deployed_digest WHERE id = $1`, p.ID)
	left := of(t, st, p.ID)
	if left.Seen != nil || left.InLive == nil || fmt.Sprint(*left.InLive.Price, left.InLive.Prices) != fmt.Sprint(*deployed.InLive.Price, deployed.InLive.Prices) {
		t.Fatalf("left: %s, %+v", left.Seen, left.InLive)
	}
	st.Edit(t, stripesim.Live, domaintest.Simple, func(p map[string]any) { p["name"] = "Somebody's" })
	_, err := st.Validate(st.As, p.ID, false)
	domaintest.Must(t, err)
	if o := of(t, st, p.ID); o.InLive.Name != "Somebody's" || o.InTest.Name == "Somebody's" || !o.InLive.AsOf.After(deployed.InLive.AsOf) {
		t.Errorf("checked: %+v", o.InLive)
	}
}

// What has changed in test since the last go-live is told in the words of a plan, and
// without a question to Stripe.
func TestChangesSinceTheLastGoLiveAreKnown(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	st.Work(t)
	p := st.Product(t, domaintest.Simple)
	st.Completed(t, p)
	st.Reprice(t)
	_, err := st.Imports.Here(st.As, st.Tenant.ID, nil)
	domaintest.Must(t, err)
	known := of(t, st, p.ID).Known
	made, err := st.PlanGoLive(st.As, p.ID, false)
	domaintest.Must(t, err)
	if known.Count() != len(made.Changes) || known.Count() == 0 {
		t.Fatalf("%q, and the plan has %d changes", known.Lines, len(made.Changes))
	}
	for i, c := range made.Changes {
		if known.Lines[i] != c.Summary {
			t.Errorf("%q, planned is %q", known.Lines[i], c.Summary)
		}
	}
	st.Exec(t, `UPDATE products SET gone_at = now() WHERE id = $1`, p.ID)
	if o := of(t, st, p.ID); o.InTest != nil || o.Known.Count() != 1 || o.InLive == nil {
		t.Errorf("gone: %+v, %+v", o.InTest, o.Known)
	}
}

// Snapshots are large: lists leave them out, and strangers see nothing.
func TestContentsAreAskedForByThemselves(t *testing.T) {
	t.Parallel()
	st := domaintest.New(t)
	page, err := st.Products.List(st.As, product.Filter{TenantID: st.Tenant.ID, First: 3})
	domaintest.Must(t, err)
	for _, p := range page.Products {
		if p.Snapshot != nil {
			t.Errorf("the list carries what %s holds", p.Name)
		}
	}
	found, err := (&overview.Service{Products: st.Products}).Of(st.Stranger(t), []string{page.Products[0].ID})
	if err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
}
