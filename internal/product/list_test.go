package product_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

func (b *bundle) list(t *testing.T, f product.Filter) product.Page {
	t.Helper()
	f.TenantID, f.Count = b.acme.ID, true
	page, err := b.List(as(b.acme, tenant.RoleViewer), f)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func names(page product.Page) string {
	var all []string
	for _, p := range page.Products {
		all = append(all, p.Name)
	}
	return strings.Join(all, " ")
}

func ptr[T any](v T) *T { return &v }

func TestListPagesByName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// Twins in name are told apart by id, so that none is shown twice or never.
	for i, name := range []string{"C", "A", "B", "B", "B", "D"} {
		b.sells(fmt.Sprintf("prod_%d", i), name, "100")
	}
	b.imports(t)
	seen := map[string]bool{}
	var after *string
	for i, want := range []string{"A B", "B B", "C D"} {
		page := b.list(t, product.Filter{First: 2, After: after})
		if names(page) != want || page.Total != 6 || page.HasNext != (i < 2) || page.HasPrevious != (i > 0) {
			t.Errorf("page %d: %s of %d, next %v, previous %v", i, names(page), page.Total, page.HasNext, page.HasPrevious)
		}
		for _, p := range page.Products {
			seen[p.ID] = true
		}
		after = &page.Products[len(page.Products)-1].ID
	}
	if len(seen) != 6 {
		t.Errorf("%d products were seen", len(seen))
	}
	if page := b.list(t, product.Filter{First: 2, After: after}); len(page.Products) != 0 || page.HasNext {
		t.Errorf("after the last: %s", names(page))
	}
	if page := b.list(t, product.Filter{First: 0}); len(page.Products) != 0 || !page.HasNext || page.Total != 6 {
		t.Errorf("first 0: %+v", page)
	}
	if page := b.list(t, product.Filter{First: 100}); len(page.Products) != 6 || page.HasNext || page.Products[0].Snapshot != nil {
		t.Errorf("first 100: %+v", page)
	}
}

func TestListRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.makeTenant(t, "other")
	theirs := as(other, tenant.RoleAdmin)
	b.sells("prod_1", "Pro", "1900")
	if _, err := b.Import(theirs, other.ID, nil); err != nil {
		t.Fatal(err)
	}
	foreign, err := b.ByStripeID(theirs, other.ID, "prod_1")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []product.Filter{
		{First: -1},
		{First: 101},
		{First: 1, After: ptr("")},
		{First: 1, After: ptr("x")},
		{First: 1, After: ptr(uuid.NewString())},
		{First: 1, After: &foreign.ID},
	} {
		f.TenantID, f.Count = b.acme.ID, true
		_, err := b.List(b.ctx(), f)
		wantCode(t, err, fault.InvalidInput)
	}
	_, err = b.List(context.Background(), product.Filter{TenantID: b.acme.ID})
	wantCode(t, err, fault.Unauthenticated)
}

func TestListSearches(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_pro", "Pro", "1")
	b.sells("prod_percent", "100% Wool", "1")
	b.sells("prod_under", "A_B", "1")
	b.sells("prod_slash", `A\B`, "1")
	b.sells("prod_axb", "AxB", "1")
	b.imports(t)
	ours := b.get(t, "prod_pro").ID
	for search, want := range map[string]string{
		"":           `100% Wool A_B A\B AxB Pro`,
		"  ":         `100% Wool A_B A\B AxB Pro`,
		"pRO ":       `100% Wool A_B A\B AxB Pro`, // all ids begin with prod_
		"wool":       "100% Wool",
		"%":          "100% Wool",
		"a_b":        "A_B",
		`\`:          `A\B`,
		"prod_under": "A_B",
		ours:         "Pro",
		"' OR 1=1":   "",
	} {
		page := b.list(t, product.Filter{First: 100, Search: &search})
		if got := sorted(names(page)); got != sorted(want) || page.Total != len(page.Products) {
			t.Errorf("%q finds %q of %d; want %q", search, got, page.Total, want)
		}
	}
}

// sorted makes the comparison independent of the database's collation.
func sorted(names string) string {
	count := map[string]int{}
	for _, n := range strings.Fields(names) {
		count[n]++
	}
	return fmt.Sprint(count)
}

func TestListByLiveStatus(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, name := range []string{"NotLive", "Live", "Changed", "Drifted"} {
		b.sells("prod_"+name, name, "1")
	}
	b.imports(t)
	b.inTx(t, func(tx pgx.Tx) error {
		for _, name := range []string{"Live", "Changed", "Drifted"} {
			p := b.get(t, "prod_"+name)
			digest := p.Digest
			if name == "Changed" {
				digest = "another"
			}
			if err := product.MarkDeployed(b.ctx(), tx, p.ID, "acct_1", p.StripeProductID, digest); err != nil {
				return err
			}
			if err := product.MarkDrifted(b.ctx(), tx, p.ID, name == "Drifted"); err != nil {
				return err
			}
		}
		return nil
	})
	for want, statuses := range map[string][]product.LiveStatus{
		"Changed Drifted Live NotLive": {},
		"NotLive":                      {product.NotLive},
		"Live":                         {product.Live},
		"Changed Drifted":              {product.Changed, product.Drifted},
	} {
		page := b.list(t, product.Filter{First: 100, LiveStatus: statuses})
		if names(page) != want || page.Total != len(page.Products) {
			t.Errorf("%v: %s of %d", statuses, names(page), page.Total)
		}
	}
	if page := b.list(t, product.Filter{First: 100, LiveStatus: []product.LiveStatus{product.Live}, Search: ptr("drift")}); page.Total != 0 {
		t.Errorf("both filters: %s", names(page))
	}
}
