package product_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/product"
)

// unread makes a product, or one of its prices, one that cannot be read.
func (b *bundle) unread(id string, price bool) {
	s := catalog.Snapshot{Product: catalog.Product{ID: id, Unreadable: "name: got object, want string"}}
	if price {
		s = b.test[id]
		s.Prices = []catalog.Price{{ID: "price_bad", Product: id, Unreadable: "tiers: got number, want slice"}}
	}
	b.test[id] = s
}

// One that is there and cannot be read is named, is not gone, and stays as it was.
func TestImportSparesTheOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		price bool
		asked []string
		want  string
	}{
		"a product":          {false, nil, `"prod_2" (name: got object, want string)`},
		"a price":            {true, nil, `"prod_2" (price "price_bad": tiers: got number, want slice)`},
		"one asked for":      {false, []string{"prod_1", "prod_2", "prod_3"}, `"prod_2"`},
		"an unknown as well": {true, []string{"prod_1", "prod_2", "prod_3", "prod_none"}, `"prod_none"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			for _, id := range []string{"prod_1", "prod_2", "prod_3"} {
				b.sells(id, "P", "1")
			}
			b.imports(t)
			b.sells("prod_1", "P", "2")
			b.unread("prod_2", c.price)
			got, err := b.Import(b.ctx(), b.acme.ID, c.asked)
			code := fault.InvalidState
			if slices.Contains(c.asked, "prod_none") {
				code = fault.NotFound
			}
			wantCode(t, err, code)
			if got != (product.ImportResult{Imported: 2, Changed: 1}) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `"prod_2"`) {
				t.Errorf("%+v, %v", got, err)
			}
			if p := b.get(t, "prod_2"); p.GoneAt != nil || p.Snapshot.Prices[0].UnitAmountDecimal != "1" {
				t.Errorf("%+v", p)
			}
			if p := b.get(t, "prod_1"); p.Snapshot.Prices[0].UnitAmountDecimal != "2" {
				t.Errorf("%+v", p)
			}
		})
	}
}

// An id that no database keeps is none that was there before.
func TestImportOfAnIDThatCannotBeKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "P", "1")
	b.test["prod\x00"] = catalog.Snapshot{Product: catalog.Product{ID: "prod\x00", Unreadable: "a text in it contains the character U+0000"}}
	got, err := b.Import(b.ctx(), b.acme.ID, nil)
	wantCode(t, err, fault.InvalidState)
	if got != (product.ImportResult{Imported: 1, Added: 1, Changed: 1}) || strings.Contains(err.Error(), "\x00") {
		t.Errorf("%+v, %q", got, err)
	}
}

// A list of all that lacks a product is no proof that it is gone.
func TestWhatTheListOfAllLacksIsAskedFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "P", "1")
	b.sells("prod_2", "P", "1")
	b.sells("prod_3", "P", "1")
	b.imports(t)
	delete(b.test, "prod_3")
	b.sells("prod_2", "P", "2")
	var asked []string
	b.Catalogue = func(ctx context.Context, accountID, key string, ids []string) ([]catalog.Snapshot, error) {
		if ids != nil {
			asked = ids
			return b.catalogue(ctx, accountID, key, ids)
		}
		return []catalog.Snapshot{b.test["prod_1"]}, nil
	}
	if got := b.imports(t); got != (product.ImportResult{Imported: 2, Changed: 1, Gone: 1}) || !slices.Equal(asked, []string{"prod_2", "prod_3"}) {
		t.Errorf("%+v, asked for %v", got, asked)
	}
	// What is gone is known to be.
	if got := b.imports(t); got != (product.ImportResult{Imported: 2}) || !slices.Equal(asked, []string{"prod_2"}) {
		t.Errorf("%+v, asked for %v", got, asked)
	}
	b.Catalogue = func(ctx context.Context, _, _ string, ids []string) ([]catalog.Snapshot, error) {
		if ids == nil {
			return nil, nil
		}
		return nil, &catalog.Error{Kind: catalog.KindNetwork}
	}
	_, err := b.Import(b.ctx(), b.acme.ID, nil)
	wantCode(t, err, fault.StripeUnavailable)
	if p := b.get(t, "prod_1"); p.GoneAt != nil {
		t.Error("it is taken for gone, though nobody could ask")
	}
}

func TestAnAnswerThatMakesNoSenseIsToldAsSuch(t *testing.T) {
	t.Parallel()
	err := connection.StripeFault(&catalog.Error{Kind: catalog.KindUnavailable, Status: 200, Unsound: true, Message: "Stripe's list of prices repeats itself."})
	wantCode(t, err, fault.StripeUnavailable)
	if !strings.Contains(err.Error(), "repeats itself") || strings.Contains(err.Error(), "in a minute") {
		t.Error(err)
	}
}
