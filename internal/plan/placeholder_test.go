package plan_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// oddIDs hold all that means something in a path, a form, a placeholder or a stamp.
var oddIDs = []string{
	"stamp", "product", "deployment", "{x}", "{price:x}", "{stamp}", "x}&active=false{", "a/b?c#d%e", "a+b c&d=e", "%7Bx%7D", "{", "}", ":", "ключ/цена", "価格 \"1\"", "..",
}

// Whatever the id of a price that is created, the default price is that one, and
// nothing else is written.
func TestPlaceholderOfAnyID(t *testing.T) {
	t.Parallel()
	for _, id := range oddIDs {
		step := lastStepOf(t, id)
		body, err := plan.Fill(step.Body, pricesAt(map[string]string{id: "live/" + id, "x": "price_x", "stamp}": "s"}))
		if err != nil {
			t.Errorf("%q: %v", id, err)
			continue
		}
		if got, err := url.ParseQuery(body); err != nil || len(got) != 1 || got.Get("default_price") != "live/"+id {
			t.Errorf("%q: writes %s (%v)", id, body, err)
		}
		want, err := plan.FillWant(stored(t, step.Want), pricesAt(map[string]string{id: "live/" + id}))
		if err != nil || len(want) != 1 || want["default_price"] != "live/"+id {
			t.Errorf("%q: wants %v (%v)", id, want, err)
		}
	}
}

// What is not known is an error, never an empty value: that would clear the field.
func TestPlaceholderUnknown(t *testing.T) {
	t.Parallel()
	known := pricesAt(map[string]string{"x": "price_x", "empty": ""})
	for _, body := range []string{
		"default_price={price:y}", "default_price={product:x}", "default_price={x}", "default_price={}", "default_price={price:x",
		"default_price={price:empty}", "default_price={price:%zz}", "name=a&default_price={stamp}", "default_price={price:x}&active=false{",
	} {
		var unfilled *plan.UnfilledError
		if got, err := plan.Fill(body, known); !errors.As(err, &unfilled) || got != "" {
			t.Errorf("%s became %q, error %v", body, got, err)
		}
	}
	var unfilled *plan.UnfilledError
	if _, err := plan.FillWant(stored(t, lastStepOf(t, "y").Want), known); !errors.As(err, &unfilled) {
		t.Errorf("the wanted default price is no error: %v", err)
	}
}

// What only looks like a placeholder is a value, in whatever field.
func TestPlaceholderLookalikesStayValues(t *testing.T) {
	t.Parallel()
	nothing := pricesAt(nil)
	for _, text := range oddIDs {
		p := plan.Diff(pairOf(func(p *catalog.Product, price *catalog.Price) {
			p.Name, p.Description, p.Metadata = text, text, map[string]string{text: text, "placeholder": "{price:x}"}
			price.LookupKey, price.Nickname, price.Metadata = text, text, map[string]string{text: text}
		}, nil))
		for _, step := range p.Steps {
			body, err := plan.Fill(step.Body, nothing)
			if err != nil || body != step.Body {
				t.Errorf("%q: %s became %s (%v)", text, step.Body, body, err)
			}
			if want, err := plan.FillWant(stored(t, step.Want), nothing); err != nil || toJSON(want) != toJSON(step.Want) {
				t.Errorf("%q: %v became %v (%v)", text, step.Want, want, err)
			}
		}
	}
	// A live price that has such an id, and is made the default price again.
	want := map[string]any{"default_price": "{price:x}"}
	if got, err := plan.FillWant(want, pricesAt(map[string]string{"x": "price_x"})); err != nil || got["default_price"] != "{price:x}" {
		t.Errorf("the id {price:x} became %v (%v)", got, err)
	}
}

// The ids in a path are one segment of it.
func TestPlaceholderFreePaths(t *testing.T) {
	t.Parallel()
	for _, id := range oddIDs {
		in := pairOf(
			func(product *catalog.Product, price *catalog.Price) {
				product.ID, product.Name, price.Nickname = id, "new", "new"
			},
			func(product *catalog.Product, price *catalog.Price) { product.ID, price.ID = id, id },
		)
		in.Known.Links = plan.Links{{Resource: catalog.ResourceProduct, ID: id}: id, {Resource: catalog.ResourcePrice, ID: "price_a"}: id}
		p := plan.Diff(in)
		if len(p.Steps) != 2 {
			t.Fatalf("%q: steps %+v", id, p.Steps)
		}
		for _, s := range p.Steps {
			segments := strings.Split(s.Path, "/")
			if got, err := url.PathUnescape(segments[len(segments)-1]); err != nil || len(segments) != 4 || got != id || strings.ContainsAny(s.Path, "?#{} ") {
				t.Errorf("%q: path %s", id, s.Path)
			}
		}
	}
}

// Hashes of version 1 have ids as they were written then.
func TestHashOfVersion1OfOddIDs(t *testing.T) {
	t.Parallel()
	in := pairOf(func(p *catalog.Product, price *catalog.Price) {
		p.ID, p.DefaultPrice, p.Name, price.UnitAmountDecimal, price.ID = "pro/plus {a}", "x}&active=false{", "x", "5", "x}&active=false{"
	}, func(p *catalog.Product, price *catalog.Price) { p.ID, price.ID = "pro/plus {a}", "a/b?c#d%e" })
	in.Known.Links = plan.Links{
		{Resource: catalog.ResourceProduct, ID: "pro/plus {a}"}:   "pro/plus {a}",
		{Resource: catalog.ResourcePrice, ID: "x}&active=false{"}: "a/b?c#d%e",
	}
	if p := plan.Diff(in); !p.Has("v1:3d34e19e3eb4e626066594bd5c85a2f7") {
		t.Error("the hash of version 1 is another one")
	}
}

// lastStepOf is the step that makes a created price of that id the default price.
func lastStepOf(t *testing.T, id string) plan.Step {
	t.Helper()
	in := pairOf(func(p *catalog.Product, price *catalog.Price) { p.DefaultPrice, price.ID = id, id }, nil)
	in.Live = nil
	p := plan.Diff(in)
	return p.Steps[len(p.Steps)-1]
}

func pricesAt(ids map[string]string) plan.LiveID {
	return func(o plan.Object) (string, bool) {
		id, ok := ids[o.ID]
		return id, ok && o.Resource == catalog.ResourcePrice
	}
}

// stored is what a step wants as the journal gives it back.
func stored(t *testing.T, want map[string]any) (back map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(toJSON(want)), &back); err != nil {
		t.Fatal(err)
	}
	return back
}
