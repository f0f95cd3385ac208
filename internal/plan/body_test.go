package plan_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// The bytes of a body: names and values are encoded, references are not, so that a
// brace in a text is none.
func TestDiffBodyBytes(t *testing.T) {
	t.Parallel()
	no, ten := false, int64(10)
	for name, c := range map[string]struct {
		test, live func(*catalog.Product, *catalog.Price)
		want       string
	}{
		"a text":           {func(p *catalog.Product, _ *catalog.Price) { p.Name = "a b&c=d+e%/ä" }, nil, "name=a+b%26c%3Dd%2Be%25%2F%C3%A4"},
		"a text in braces": {func(p *catalog.Product, _ *catalog.Price) { p.Name = "{price_a} {stamp}" }, nil, "name=%7Bprice_a%7D+%7Bstamp%7D"},
		"a text cleared":   {nil, func(p *catalog.Product, _ *catalog.Price) { p.URL = "https://acme.com" }, "url="},
		"a boolean":        {func(p *catalog.Product, _ *catalog.Price) { p.Shippable = &no }, nil, "shippable=false"},
		"a list":           {func(p *catalog.Product, _ *catalog.Price) { p.Images = []string{"a", "b"} }, nil, "images%5B0%5D=a&images%5B1%5D=b"},
		"a list cleared":   {nil, func(p *catalog.Product, _ *catalog.Price) { p.Images = []string{"a", "b"} }, "images="},
		"objects in a list": {
			func(p *catalog.Product, _ *catalog.Price) { p.Features = []catalog.Feature{{Name: "x"}} }, nil,
			"features%5B0%5D%5Bname%5D=x",
		},
		"an object, by key": {
			func(p *catalog.Product, _ *catalog.Price) {
				p.PackageDimensions = &catalog.PackageDimensions{Width: "4", Height: "1", Weight: "3", Length: "2.5"}
			}, nil,
			"package_dimensions%5Bheight%5D=1&package_dimensions%5Blength%5D=2.5&package_dimensions%5Bweight%5D=3&package_dimensions%5Bwidth%5D=4",
		},
		"an object cleared": {
			nil, func(p *catalog.Product, _ *catalog.Price) {
				p.PackageDimensions = &catalog.PackageDimensions{Width: "4"}
			}, "package_dimensions=",
		},
		"metadata, what is new before what goes": {
			func(p *catalog.Product, _ *catalog.Price) {
				p.Metadata = map[string]string{"z": "1", "b": "2", "kept": "3"}
			},
			func(p *catalog.Product, _ *catalog.Price) {
				p.Metadata = map[string]string{"y": "1", "a": "2", "kept": "3"}
			},
			"metadata%5Bb%5D=2&metadata%5Bz%5D=1&metadata%5Ba%5D=&metadata%5By%5D=",
		},
		"metadata cleared": {
			nil, func(p *catalog.Product, _ *catalog.Price) { p.Metadata = map[string]string{"a": "1"} }, "metadata%5Ba%5D=",
		},
		"metadata beside the stamp": {
			nil, func(p *catalog.Product, _ *catalog.Price) {
				p.Metadata = map[string]string{"a": "1", catalog.StampKey: "us/x/d/1"}
			}, "metadata%5Ba%5D=",
		},
		"options": {
			func(_ *catalog.Product, p *catalog.Price) {
				p.CurrencyOptions = map[string]catalog.CurrencyOption{"eur": {Tiers: []catalog.Tier{{UpTo: &ten, FlatAmountDecimal: "0"}, {UnitAmountDecimal: "1.5"}}}}
			}, nil,
			"currency_options%5Beur%5D%5Btiers%5D%5B0%5D%5Bflat_amount_decimal%5D=0&currency_options%5Beur%5D%5Btiers%5D%5B0%5D%5Bup_to%5D=10" +
				"&currency_options%5Beur%5D%5Btiers%5D%5B1%5D%5Bunit_amount_decimal%5D=1.5&currency_options%5Beur%5D%5Btiers%5D%5B1%5D%5Bup_to%5D=inf",
		},
		"a key and more": {
			func(_ *catalog.Product, p *catalog.Price) { p.LookupKey, p.Nickname = "pro", "Best" }, nil, "nickname=Best&lookup_key=pro",
		},
		"for sale again": {nil, func(_ *catalog.Product, p *catalog.Price) { p.Active = false }, "active=true"},
	} {
		in := pairOf(c.test, c.live)
		in.Known.Product = &in.Live.Product
		p := plan.Diff(in)
		if len(p.Steps) != 1 || p.Steps[0].Body != c.want {
			t.Errorf("%s: steps %+v, want one that writes %s", name, p.Steps, c.want)
		}
	}
}

// An id in a path is encoded, too: Stripe lets people choose a product's.
func TestDiffBodyAndPathOfChosenIDs(t *testing.T) {
	t.Parallel()
	in := pairOf(func(p *catalog.Product, _ *catalog.Price) { p.ID, p.Name = "pro/plus {a}", "Pro+" }, func(p *catalog.Product, _ *catalog.Price) { p.ID = "pro/plus {a}" })
	in.Known.Links[plan.Object{Resource: catalog.ResourceProduct, ID: "pro/plus {a}"}] = "pro/plus {a}"
	if p := plan.Diff(in); len(p.Steps) != 1 || p.Steps[0].Path != "/v1/products/pro%2Fplus%20%7Ba%7D" {
		t.Errorf("steps %+v", p.Steps)
	}
	in.Live = nil
	p := plan.Diff(in)
	if len(p.Steps) != 2 || !strings.HasPrefix(p.Steps[0].Body, "id=pro%2Fplus+%7Ba%7D&") || !strings.HasPrefix(p.Steps[1].Body, "product=pro%2Fplus+%7Ba%7D&") {
		t.Errorf("steps %+v", p.Steps)
	}
}

// A create writes what is set and nothing else, the stamp last; the default price
// and its reference come later.
func TestDiffBodyOfACreate(t *testing.T) {
	t.Parallel()
	in := pairOf(func(p *catalog.Product, price *catalog.Price) {
		p.DefaultPrice, p.Metadata = "price_a", map[string]string{"b": "2", "a": "1"}
		price.Metadata = map[string]string{"c": "3"}
	}, nil)
	in.Live = nil
	want := []string{
		"id=prod_pro&name=Pro&active=true&metadata%5Ba%5D=1&metadata%5Bb%5D=2&metadata%5Bgolive%5D={stamp}",
		"product=prod_pro&currency=usd&billing_scheme=per_unit&unit_amount_decimal=1900&recurring%5Binterval%5D=month" +
			"&recurring%5Binterval_count%5D=1&recurring%5Busage_type%5D=licensed&tax_behavior=exclusive&active=true" +
			"&metadata%5Bc%5D=3&metadata%5Bgolive%5D={stamp}",
		"default_price={price:price_a}",
	}
	p := plan.Diff(in)
	if len(p.Steps) != len(want) {
		t.Fatalf("steps %+v", p.Steps)
	}
	for i, s := range p.Steps {
		if s.Body != want[i] {
			t.Errorf("step %d writes\n%s, want\n%s", i, s.Body, want[i])
		}
	}
	if got := toJSON(p.Steps[2].Want); got != `{"default_price":{"placeholder":"{price:price_a}"}}` {
		t.Errorf("the last step wants %s", got)
	}
}
