package plan_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// matchCase is who may be paired with whom. A price is written as
// "id amount key stamp", with a dash for none; a stamp is "tenant/test id".
type matchCase struct {
	name       string
	test, live []string
	links      map[string]string
	foreign    string
	adopt      bool
	// want are the links found, an adopted one with a plus; made are the test prices
	// that become new ones.
	want, made string
}

var matchCases = []matchCase{
	{
		name: "a link", test: []string{"a 5 - -"}, live: []string{"la 5 - -"},
		links: map[string]string{"a": "la"},
	},
	{
		name: "a link to what is gone", test: []string{"a 5 - -"}, live: []string{"lb 5 - -"},
		links: map[string]string{"a": "la"}, made: "a",
	},
	{
		name: "a link comes before a stamp", test: []string{"a 5 - -"}, live: []string{"la 5 - -", "lb 5 - us/a"},
		links: map[string]string{"a": "la"},
	},
	{name: "a stamp", test: []string{"a 5 - -"}, live: []string{"la 5 - us/a"}, want: "a=la"},
	{name: "a stamp on other content", test: []string{"a 5 - -"}, live: []string{"la 6 - us/a"}, made: "a"},
	{name: "a stamp of another tenant", test: []string{"a 5 - -"}, live: []string{"la 5 - them/a"}, made: "a"},
	{name: "a stamp for another price", test: []string{"a 5 - -"}, live: []string{"la 5 - us/b"}, made: "a"},
	{name: "a stamp on what is theirs by link", test: []string{"a 5 - -"}, live: []string{"la 5 - us/a"}, foreign: "la", made: "a"},
	{
		name: "a stamp on what is linked to another price", test: []string{"a 5 - -", "b 5 - -"}, live: []string{"lb 5 - us/a"},
		links: map[string]string{"b": "lb"}, made: "a",
	},
	{name: "the first of two stamps", test: []string{"a 5 - -"}, live: []string{"la 5 - us/a", "lb 5 - us/a"}, want: "a=la"},
	{name: "alike, and nobody asked", test: []string{"a 5 k -"}, live: []string{"la 5 k -"}, made: "a"},

	{name: "adopted by key", test: []string{"a 5 k -"}, live: []string{"la 5 k -"}, adopt: true, want: "a+la"},
	{name: "adopted by key, not by another one", test: []string{"a 5 k -", "b 5 x -"}, live: []string{"la 5 y -", "lb 5 k -"}, adopt: true, want: "a+lb b+la"},
	{name: "the key on other content", test: []string{"a 5 k -"}, live: []string{"la 6 k -"}, adopt: true, made: "a"},
	{name: "no key is no key", test: []string{"a 5 - -", "b 5 - -"}, live: []string{"la 5 - -"}, adopt: true, made: "a b"},
	{name: "adopted by content", test: []string{"a 5 - -"}, live: []string{"la 5 - -"}, adopt: true, want: "a+la"},
	{name: "twins in live", test: []string{"a 5 - -"}, live: []string{"la 5 - -", "lb 5 - -"}, adopt: true, made: "a"},
	{name: "twins, one of them by key", test: []string{"a 5 k -", "b 5 - -"}, live: []string{"la 5 - -", "lb 5 k -"}, adopt: true, want: "a+lb b+la"},
	{
		name: "twins, one of them linked", test: []string{"a 5 - -", "b 5 - -"}, live: []string{"la 5 - -", "lb 5 - -"},
		links: map[string]string{"a": "lb"}, adopt: true, want: "b+la",
	},
	{name: "found by stamp is not adopted", test: []string{"a 5 - -", "b 6 - -"}, live: []string{"la 5 - us/a", "lb 6 - -"}, adopt: true, want: "a=la b+lb"},
	{name: "what is theirs by link is adopted if asked", test: []string{"a 5 - -"}, live: []string{"la 5 - us/a"}, foreign: "la", adopt: true, want: "a+la"},
	{
		name: "the link of a price that is gone in test keeps its live price", test: []string{"a 5 - -"}, live: []string{"lb 5 - -"},
		links: map[string]string{"b": "lb"}, adopt: true, made: "a",
	},
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range matchCases {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			product := catalog.Product{ID: "prod_pro", Name: "Pro", Active: true}
			live := catalog.Snapshot{Product: product, Prices: written(t, c.live)}
			in := plan.Input{
				Test: catalog.Snapshot{Product: product, Prices: written(t, c.test)}, Live: &live,
				Known: plan.Known{Links: linked(map[string]string{"prod_pro": "prod_pro"}), Foreign: ofOthers(c.foreign)},
				Adopt: c.adopt, StampOwner: "us",
			}
			maps.Copy(in.Known.Links, linked(c.links))
			p := plan.Diff(in)
			var links, made []string
			for _, l := range p.Links {
				links = append(links, l.TestID+map[bool]string{false: "=", true: "+"}[l.Adopted]+l.LiveID)
			}
			for _, s := range p.Steps {
				if s.Action == plan.Create {
					made = append(made, s.TestID)
				}
			}
			slices.Sort(links)
			if got := strings.Join(links, " "); got != c.want {
				t.Errorf("links %q, want %q", got, c.want)
			}
			if got := strings.Join(made, " "); got != c.made {
				t.Errorf("makes %q, want %q", got, c.made)
			}
		})
	}
}

// written reads prices as a matchCase writes them.
func written(t *testing.T, lines []string) []catalog.Price {
	t.Helper()
	var prices []catalog.Price
	for _, line := range lines {
		var id, amount, key, stamp string
		if _, err := fmt.Sscan(line, &id, &amount, &key, &stamp); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		p := sellable(id, strings.Trim(key, "-"), catalog.Decimal(amount))
		if tenant, testID, ok := strings.Cut(stamp, "/"); ok {
			p.Metadata = map[string]string{catalog.StampKey: catalog.Stamp{Tenant: tenant, TestID: testID, Deployment: "d"}.String()}
		}
		prices = append(prices, p)
	}
	return prices
}

// Whose a live product is decides whether it may be changed, and how its link is told.
func TestMatchProduct(t *testing.T) {
	t.Parallel()
	stamp := func(tenant, testID string) map[string]string {
		return map[string]string{catalog.StampKey: catalog.Stamp{Tenant: tenant, TestID: testID, Deployment: "d"}.String()}
	}
	for name, c := range map[string]struct {
		metadata map[string]string
		known    plan.Known
		adopt    bool
		may      bool
		// link is whether one is told, and whether as adopted.
		link, adopted bool
	}{
		"linked":                        {known: plan.Known{Links: linked(map[string]string{"prod_pro": "prod_pro"})}, may: true},
		"linked, stamped":               {metadata: stamp("us", "prod_pro"), known: plan.Known{Links: linked(map[string]string{"prod_pro": "prod_pro"})}, may: true},
		"linked elsewhere":              {known: plan.Known{Links: linked(map[string]string{"prod_pro": "prod_other"})}, link: true, adopted: true},
		"stamped":                       {metadata: stamp("us", "prod_pro"), may: true, link: true},
		"stamped by another tenant":     {metadata: stamp("them", "prod_pro"), link: true, adopted: true},
		"stamped for another product":   {metadata: stamp("us", "prod_other"), link: true, adopted: true},
		"stamped, theirs by link":       {metadata: stamp("us", "prod_pro"), known: plan.Known{Foreign: ofOthers("prod_pro")}, link: true, adopted: true},
		"stamped with nonsense":         {metadata: map[string]string{catalog.StampKey: "x"}, link: true, adopted: true},
		"made by hand":                  {link: true, adopted: true},
		"made by hand, to be adopted":   {adopt: true, may: true, link: true, adopted: true},
		"stamped, and may be adopted":   {metadata: stamp("us", "prod_pro"), adopt: true, may: true, link: true},
		"linked, and others are theirs": {known: plan.Known{Links: linked(map[string]string{"prod_pro": "prod_pro"}), Foreign: ofOthers("prod_x")}, may: true},
	} {
		in := pairOf(nil, func(p *catalog.Product, _ *catalog.Price) { p.Metadata = c.metadata })
		in.Known, in.Adopt, in.StampOwner = c.known, c.adopt, "us"
		if in.MayChange() != c.may {
			t.Errorf("%s: may change: %v, want %v", name, in.MayChange(), c.may)
		}
		var want []plan.Link
		if c.link {
			want = []plan.Link{{Resource: catalog.ResourceProduct, TestID: "prod_pro", LiveID: "prod_pro", Adopted: c.adopted}}
		}
		links := slices.DeleteFunc(plan.Diff(in).Links, func(l plan.Link) bool { return l.Resource != catalog.ResourceProduct })
		if !slices.Equal(links, want) {
			t.Errorf("%s: links %+v, want %+v", name, links, want)
		}
	}
	absent := plan.Input{Test: pairOf(nil, nil).Test}
	if !absent.MayChange() {
		t.Error("a product that is not in live may not be made there")
	}
}
