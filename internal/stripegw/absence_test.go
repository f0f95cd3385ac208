package stripegw_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripesim"
)

// pages answers with one page after the other.
func pages(bodies ...string) http.HandlerFunc {
	var n atomic.Int32
	return func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(bodies[n.Add(1)-1]))
	}
}

// hide leaves objects out of lists of products or prices.
func hide(t *testing.T, s bench, of string, ids ...string) {
	t.Helper()
	set(t, s, stripesim.Fault{Kind: stripesim.Hide, Times: -1, IDs: ids, Match: stripesim.Match{Path: "^/v1/" + of + "$"}})
}

func TestAKnownPriceThatNoListShowsIsAskedForByID(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.seed(t, stripesim.Live, []string{`{"id":"prod_1","name":"One","default_price":"price_default"}`, `{"id":"prod_2","name":"Two"}`}, []string{
		`{"id":"price_default","product":"prod_1","currency":"usd","unit_amount":1}`,
		`{"id":"price_known","product":"prod_1","currency":"usd","unit_amount":2,"active":false}`,
		`{"id":"price_shown","product":"prod_1","currency":"usd","unit_amount":3}`,
		`{"id":"price_unknown","product":"prod_1","currency":"usd","unit_amount":4}`,
		`{"id":"price_of_other","product":"prod_2","currency":"usd","unit_amount":5}`,
	})
	hide(t, s, "prices", "price_default", "price_known", "price_unknown")
	got, err := s.live.Snapshot(t.Context(), "prod_1", []string{"", "prod_1", "price_known", "price_known", "price_shown", "price_of_other", "price_never"})
	if err != nil {
		t.Fatal(err)
	}
	if ids := idsOf(got.Prices); !slices.Equal(ids, []string{"price_default", "price_known", "price_shown"}) {
		t.Errorf("prices %v", ids)
	}
	asked := 0
	for _, c := range s.calls(t) {
		if strings.HasPrefix(c.Path, "/v1/prices/") {
			asked++
		}
	}
	if asked != 4 { // what is shown is not asked for again
		t.Errorf("%d prices were asked for", asked)
	}
}

// What was just written is read in one list, unless something of it is not among what is
// active.
func TestTheEffectTakesTheListOfArchivedPricesOnlyWhereItMustBeThere(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.seed(t, stripesim.Live, []string{`{"id":"prod_1","name":"One"}`}, []string{
		`{"id":"price_on","product":"prod_1","currency":"usd","unit_amount":1}`,
		`{"id":"price_off","product":"prod_1","currency":"usd","unit_amount":2,"active":false}`,
		`{"id":"price_hidden","product":"prod_1","currency":"usd","unit_amount":3}`,
		`{"id":"price_of_nobody","product":"prod_1","currency":"usd","unit_amount":4,"active":false}`,
	})
	hide(t, s, "prices", "price_hidden")
	for _, c := range []struct {
		name         string
		known, holds []string
		lists        int
	}{
		{"all active", []string{"prod_1", "price_on"}, []string{"price_on"}, 1},
		{"one archived", []string{"prod_1", "price_on", "price_off"}, []string{"price_of_nobody", "price_off", "price_on"}, 2},
		{"one unseen", []string{"price_hidden"}, []string{"price_hidden", "price_of_nobody", "price_off", "price_on"}, 2},
	} {
		before := len(s.calls(t))
		got, err := s.live.Effect(t.Context(), "prod_1", c.known)
		if err != nil {
			t.Fatal(err)
		}
		if ids := idsOf(got.Prices); !slices.Equal(ids, c.holds) {
			t.Errorf("%s: prices %v", c.name, ids)
		}
		lists := 0
		for _, call := range s.calls(t)[before:] {
			if call.Path == "/v1/prices" {
				lists++
			}
		}
		if lists != c.lists {
			t.Errorf("%s: %d lists", c.name, lists)
		}
	}
	if got, err := s.live.Effect(t.Context(), "prod_gone", []string{"prod_gone"}); got != nil || err != nil {
		t.Errorf("a product that is gone: %v, %v", got, err)
	}
}

func idsOf(prices []catalog.Price) []string {
	var ids []string
	for _, p := range prices {
		ids = append(ids, p.ID)
	}
	return ids
}

// Several who ask at the same time share a list, which may not show one of their
// products.
func TestAKnownProductThatNoListShowsIsAskedForByID(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.seed(t, stripesim.Test, []string{`{"id":"prod_1","name":"One"}`, `{"id":"prod_2","name":"Two"}`, `{"id":"prod_3","name":"Three"}`}, nil)
	hide(t, s, "products", "prod_2", "prod_3")
	s.crowd(t, "^/v1/products/prod_1$", []string{"prod_1", "prod_2", "prod_4"}, s.test.WaitingForProducts, func(id string) {
		got, err := s.test.Snapshot(t.Context(), id, []string{id})
		if err != nil || (got == nil) != (id == "prod_4") {
			t.Errorf("%s: %+v, %v", id, got, err)
		}
	})
}

// Of thousands that somebody has deleted, only some are asked for one by one.
func TestAnEmptiedAccountIsBelieved(t *testing.T) {
	t.Parallel()
	s := start(t)
	gone := make([]string, 350)
	for i := range gone {
		gone[i] = fmt.Sprintf("prod_%03d", i)
	}
	all, err := s.test.Catalogue(t.Context(), gone)
	if err != nil || len(all) != 0 {
		t.Fatalf("%+v, %v", all, err)
	}
	asked := 0
	for _, c := range s.calls(t) {
		if strings.HasPrefix(c.Path, "/v1/products/") {
			asked++
		}
	}
	if asked != 100 {
		t.Errorf("%d were asked for", asked)
	}
}

// An import asks for some by id, of which a list may not show one.
func TestAProductThatIsAskedForAndNotListed(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.seed(t, stripesim.Test, []string{`{"id":"prod_1","name":"One"}`, `{"id":"prod_2","name":"Two"}`},
		[]string{`{"id":"price_2","product":"prod_2","currency":"usd","unit_amount":5}`})
	hide(t, s, "products", "prod_2")
	all, err := s.test.Catalogue(t.Context(), []string{"prod_1", "prod_2", "prod_3"})
	if err != nil || len(all) != 2 || all[1].Product.Name != "Two" || len(all[1].Prices) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}
