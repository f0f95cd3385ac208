package stripegw_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
)

// lists are all reads that go through lists, by what they list.
var lists = map[string]struct {
	path string
	few  bool
	read func(t *testing.T, a *stripegw.Account) error
}{
	"all products": {"^/v1/products$", false, func(t *testing.T, a *stripegw.Account) error {
		t.Helper()
		_, err := a.Catalogue(t.Context(), nil)
		return err
	}},
	"all prices": {"^/v1/prices$", false, func(t *testing.T, a *stripegw.Account) error {
		t.Helper()
		_, err := a.Catalogue(t.Context(), nil)
		return err
	}},
	"products by id": {"^/v1/products$", true, func(t *testing.T, a *stripegw.Account) error {
		t.Helper()
		_, err := a.Catalogue(t.Context(), []string{"prod_1"})
		return err
	}},
	"prices of a product": {"^/v1/prices$", true, func(t *testing.T, a *stripegw.Account) error {
		t.Helper()
		_, err := a.Snapshot(t.Context(), "prod_1", nil)
		return err
	}},
	"prices by lookup key": {"^/v1/prices$", true, func(t *testing.T, a *stripegw.Account) error {
		t.Helper()
		_, err := a.PricesByLookupKeys(t.Context(), []string{"one"})
		return err
	}},
	"webhook endpoints": {"^/v1/webhook_endpoints$", true, func(t *testing.T, a *stripegw.Account) error {
		t.Helper()
		_, err := a.WebhookEndpoints(t.Context())
		return err
	}},
}

// shop is a simulator with one of each that is listed.
func shop(t *testing.T) bench {
	t.Helper()
	s := start(t)
	s.seed(t, stripesim.Test, []string{`{"id":"prod_1","name":"One"}`, `{"id":"prod_2","name":"Two"}`}, []string{
		`{"id":"price_1","product":"prod_1","currency":"usd","unit_amount":1,"lookup_key":"one"}`,
		`{"id":"price_2","product":"prod_2","currency":"usd","unit_amount":2,"lookup_key":"two"}`,
	})
	if err := s.Sim.Add(s.Account.ID, stripesim.Test, stripesim.State{WebhookEndpoints: []json.RawMessage{json.RawMessage(`{"id":"we_1","url":"https://one.example/hook","enabled_events":["*"]}`)}}); err != nil {
		t.Fatal(err)
	}
	return s
}

func wantUnsound(t *testing.T, err error, named string) {
	t.Helper()
	var failed *catalog.Error
	if !errors.As(err, &failed) || !failed.Unsound || !strings.Contains(failed.Message, named) {
		t.Errorf("%v, want an unsound answer that names %s", err, named)
	}
}

func TestAListThatDoesNotEndIsAnError(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{stripesim.Stuck, stripesim.Endless} {
		for name, list := range lists {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				s := shop(t)
				set(t, s, stripesim.Fault{Kind: kind, Times: -1, Match: stripesim.Match{Method: "GET", Path: list.path}})
				noun := strings.ReplaceAll(strings.Trim(list.path, "^$/v1"), "_", " ")
				wantUnsound(t, list.read(t, s.test), "list of "+noun)
				most := 1000
				if kind == stripesim.Stuck {
					most = 2
				} else if list.few {
					most = 100
				}
				// The prices are two lists, and other lists are read beside.
				if calls := len(s.calls(t)); calls > 2*most+3 {
					t.Errorf("%d calls", calls)
				}
			})
		}
	}
}

// Pages that overlap, and a page that comes twice with something new, are no reason to
// give up: each object counts once.
func TestAnObjectOnTwoPagesIsOne(t *testing.T) {
	t.Parallel()
	a := answering(t, pages(
		`{"data":[{"id":"we_1"},{"id":"we_2"}],"has_more":true}`,
		`{"data":[{"id":"we_2"},{"id":"we_3"}],"has_more":true}`,
		`{"data":[{"id":"we_3"},{"id":"we_1"},{"id":"we_4"}],"has_more":false}`,
	))
	all, err := a.WebhookEndpoints(t.Context())
	if err != nil || len(all) != 4 {
		t.Errorf("%+v, %v", all, err)
	}
}

// A cursor may come back after others.
func TestAListThatGoesRoundIsAnError(t *testing.T) {
	t.Parallel()
	a := answering(t, pages(
		`{"data":[{"id":"we_1"}],"has_more":true}`, `{"data":[{"id":"we_2"}],"has_more":true}`, `{"data":[{"id":"we_1"}],"has_more":true}`,
	))
	_, err := a.WebhookEndpoints(t.Context())
	wantUnsound(t, err, "webhook endpoints")
}

// broken are shapes that no version of Stripe's has, and what is told of them.
var broken = map[string]struct {
	set  string
	want string
}{
	"a number that is none":    {`{"package_dimensions":{"height":"tall","length":1,"weight":1,"width":1}}`, "height: got no plain decimal"},
	"a number beyond measure":  {`{"package_dimensions":{"height":1e999999999,"length":1,"weight":1,"width":1}}`, ""},
	"another type":             {`{"name":{"en":"One"}}`, "name: got object, want string"},
	"a list where a text was":  {`{"description":["a"]}`, "description: got array, want string"},
	"U+0000":                   {`{"name":"a\u0000b"}`, "U+0000"},
	"U+0000 in a metadata key": {`{"metadata":{"a\u0000":"b"}}`, "U+0000"},
}

func TestAProductThatCannotBeReadSparesTheOthers(t *testing.T) {
	t.Parallel()
	for name, c := range broken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := shop(t)
			alter(t, s, "prod_1", c.set)
			all, err := s.test.Catalogue(t.Context(), nil)
			if err != nil || len(all) != 2 || all[0].Product.Unreadable == "" || !strings.Contains(all[0].Product.Unreadable, c.want) || all[1].Product.Name != "Two" {
				t.Errorf("%+v, %v", all, err)
			}
			_, err = s.test.Snapshot(t.Context(), "prod_1", nil)
			wantUnsound(t, err, `product "prod_1"`)
			if other, err := s.test.Snapshot(t.Context(), "prod_2", nil); err != nil || len(other.Prices) != 1 {
				t.Errorf("%+v, %v", other, err)
			}
		})
	}
}

func TestAPriceThatCannotBeReadSparesTheOthers(t *testing.T) {
	t.Parallel()
	for _, set := range []string{
		`{"unit_amount_decimal":{"cents":1}}`, `{"recurring":"monthly"}`, `{"tiers":[{"up_to":1.5}]}`, `{"nickname":"\u0000"}`, `{"lookup_key":"\u0000"}`,
		`{"currency_options":{"eur":{"unit_amount_decimal":"1 2"}}}`,
	} {
		t.Run(set, func(t *testing.T) {
			t.Parallel()
			s := shop(t)
			alter(t, s, "price_1", set)
			all, err := s.test.Catalogue(t.Context(), nil)
			if err != nil || len(all) != 2 || all[0].Prices[0].Unreadable == "" || all[1].Prices[0].UnitAmountDecimal != "2" {
				t.Errorf("%+v, %v", all, err)
			}
			_, err = s.test.Snapshot(t.Context(), "prod_1", nil)
			wantUnsound(t, err, `price "price_1"`)
			_, err = s.test.Price(t.Context(), "price_1")
			wantUnsound(t, err, `price "price_1"`)
			if holders, err := s.test.PricesByLookupKeys(t.Context(), []string{"two"}); err != nil || len(holders) != 1 {
				t.Errorf("%+v, %v", holders, err)
			}
		})
	}
}

func TestAHolderOfALookupKeyThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := shop(t)
	alter(t, s, "price_1", `{"recurring":"monthly"}`)
	_, err := s.test.PricesByLookupKeys(t.Context(), []string{"one"})
	wantUnsound(t, err, `price "price_1"`)
}

func TestAWebhookEndpointThatCannotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	s := shop(t)
	alter(t, s, "we_1", `{"enabled_events":"all"}`)
	_, err := s.test.WebhookEndpoints(t.Context())
	wantUnsound(t, err, `webhook endpoint "we_1"`)
}

// What only reads like U+0000 is a text like any other.
func TestTheWordsForNULAreNoNUL(t *testing.T) {
	t.Parallel()
	s := shop(t)
	alter(t, s, "prod_1", `{"name":"\\u0000 \\\\u0000"}`)
	got, err := s.test.Product(t.Context(), "prod_1")
	if err != nil || got.Name != `\u0000 \\u0000` {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestNumbersAreReadWithExponents(t *testing.T) {
	t.Parallel()
	s := shop(t)
	alter(t, s, "prod_1", `{"package_dimensions":{"height":1.0e-05,"length":1E3,"weight":"2e0","width":12.5e-1}}`)
	alter(t, s, "price_1", `{"unit_amount":19E2,"unit_amount_decimal":null,"recurring":{"interval":"month","interval_count":1.0,"trial_period_days":1e1,"usage_type":"licensed"},
		"custom_unit_amount":{"minimum":5E1,"maximum":null,"preset":1E+2}}`)
	got, err := s.test.Snapshot(t.Context(), "prod_1", nil)
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "dimensions", *got.Product.PackageDimensions, catalog.PackageDimensions{Height: "0.00001", Length: "1000", Weight: "2", Width: "1.25"})
	p := got.Prices[0]
	if p.UnitAmountDecimal != "1900" || p.Recurring.IntervalCount != 1 || *p.Recurring.TrialPeriodDays != 10 || *p.CustomUnitAmount.Minimum != 50 || *p.CustomUnitAmount.Preset != 100 {
		t.Errorf("%+v", p)
	}
}

// alter puts members into an object as Stripe returns it.
func alter(t *testing.T, s bench, id, members string) {
	t.Helper()
	var with map[string]json.RawMessage
	if err := json.Unmarshal([]byte(members), &with); err != nil {
		t.Fatal(err)
	}
	path := "^/v1/prices"
	switch {
	case strings.HasPrefix(id, "prod_"):
		path = "^/v1/products"
	case strings.HasPrefix(id, "we_"):
		path = "^/v1/webhook"
	}
	set(t, s, stripesim.Fault{Kind: stripesim.Alter, Times: -1, IDs: []string{id}, Set: with, Match: stripesim.Match{Method: "GET", Path: path}})
}
