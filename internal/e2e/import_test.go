package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/stripesim"
)

// counted is importProducts' answer.
type counted struct{ Imported, Changed, Gone int }

func (sh *shop) count(t *testing.T) (counted, error) {
	t.Helper()
	return client.Mutate[counted](t.Context(), sh.Client, "importProducts", object{"tenantId": sh.tenantID}, "imported changed gone")
}

// alter spoils an object in test as it is answered.
func (sh *shop) alter(t *testing.T, id, members string) {
	t.Helper()
	f := stripesim.Fault{Kind: stripesim.Alter, Times: -1, IDs: []string{id}, Match: stripesim.Match{Account: sh.test.ID, Path: "^/v1/p"}}
	if strings.HasPrefix(id, "price_") {
		f.Match.Path = "^/v1/prices"
	} else {
		f.Match.Path = "^/v1/products"
	}
	err := json.Unmarshal([]byte(members), &f.Set)
	if err == nil {
		_, err = sh.sim.AddFault(f)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// One object that cannot be read, or that no database keeps, is named; all others are
// imported, and it is not gone.
func TestImportNamesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	for i, c := range []struct{ object, members string }{
		{"prod_1", `{"name":"a\u0000"}`},
		{"prod_1", `{"description":"\u0000"}`},
		{"prod_1", `{"metadata":{"k":"\u0000"}}`},
		{"prod_1", `{"metadata":{"\u0000":"v"}}`},
		{"price_1", `{"nickname":"a\u0000b"}`},
		{"prod_1", `{"package_dimensions":{"height":1e999999999,"length":1,"weight":1,"width":1}}`},
		{"price_1", `{"unit_amount":{},"unit_amount_decimal":{}}`},
	} {
		sh := s.newShop(t, fmt.Sprintf("unreadable-%d", i), false)
		w := &world{}
		for n := range 3 {
			w.products = append(w.products, object{"id": fmt.Sprintf("prod_%d", n), "name": "P"})
			w.prices = append(w.prices, object{"id": fmt.Sprintf("price_%d", n), "product": fmt.Sprintf("prod_%d", n), "currency": "usd", "unit_amount": 100})
		}
		if err := sh.sim.Load(sh.test.ID, stripesim.Test, w.state()); err != nil {
			t.Fatal(err)
		}
		if got, err := sh.count(t); err != nil || got != (counted{3, 3, 0}) {
			t.Fatalf("%+v, %v", got, err)
		}
		sh.alter(t, c.object, c.members)
		got, err := sh.count(t)
		if fault.CodeOf(err) != fault.InvalidState || got != (counted{2, 0, 0}) || !strings.Contains(err.Error(), `"prod_1"`) {
			t.Errorf("%s: %+v, %v", c.members, got, err)
		}
		if n := len(sh.products(t, sh.slug)); n != 3 {
			t.Errorf("%d products", n)
		}
	}
}

func TestImportReadsExponents(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	sh := s.newShop(t, "exponents", false)
	w := &world{products: []object{{"id": "prod_1", "name": "P"}}, prices: []object{{"id": "price_1", "product": "prod_1", "currency": "usd", "unit_amount": 100}}}
	if err := sh.sim.Load(sh.test.ID, stripesim.Test, w.state()); err != nil {
		t.Fatal(err)
	}
	sh.alter(t, "prod_1", `{"package_dimensions":{"height":1.0e-05,"length":1E3,"weight":1,"width":1}}`)
	if got, err := sh.count(t); err != nil || got != (counted{1, 1, 0}) {
		t.Fatalf("%+v, %v", got, err)
	}
	var height, length string
	err := s.pool.QueryRow(t.Context(), `SELECT snapshot #>> '{product,package_dimensions,height}', snapshot #>> '{product,package_dimensions,length}'
		FROM products WHERE tenant_id = $1`, sh.tenantID).Scan(&height, &length)
	if err != nil || height != "0.00001" || length != "1000" {
		t.Errorf("height %s, length %s, %v", height, length, err)
	}
}

// A list that does not end is told as such, in as many calls as it takes to know.
func TestImportFromAListThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	for _, path := range []string{"^/v1/products$", "^/v1/prices$"} {
		sh := s.newShop(t, "stuck-"+strings.Trim(path, "^$/v1"), false)
		sh.setTest(t, &world{products: []object{{"id": "prod_1", "name": "P"}}, prices: []object{{"id": "price_1", "product": "prod_1", "currency": "usd", "unit_amount": 100}}})
		mark := sh.now(t)
		_, err := sh.sim.AddFault(stripesim.Fault{Kind: stripesim.Stuck, Times: -1, Match: stripesim.Match{Account: sh.test.ID, Path: path}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = sh.count(t)
		if fault.CodeOf(err) != fault.StripeUnavailable || !strings.Contains(err.Error(), "repeats itself") {
			t.Errorf("%v", err)
		}
		calls, err := sh.sim.Requests(stripesim.RequestFilter{Account: sh.test.ID, After: mark})
		if err != nil || len(calls) > 6 {
			t.Errorf("%d calls, %v", len(calls), err)
		}
	}
}
