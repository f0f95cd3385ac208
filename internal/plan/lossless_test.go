package plan_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// schema is what of an OpenAPI schema tells what an object may hold.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       string            `json:"type"`
	AnyOf      []schema          `json:"anyOf"`
	Items      *schema           `json:"items"`
	Properties map[string]schema `json:"properties"`
	// Members is a schema, or a bool.
	Members json.RawMessage `json:"additionalProperties"`
}

// document is Stripe's own, of which another test proves that it is.
type document struct {
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

func readDocument(t *testing.T) document {
	t.Helper()
	b, err := os.ReadFile("../witness/stripe/document.json")
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// properties calls yield for each property below s with an object that has it,
// and the same one without it. inside puts what stands at path into such an object.
func (d document) properties(s schema, path string, inside func(any) any, yield func(path string, with, without any)) {
	for name, property := range s.Properties {
		within := func(v any) any { return inside(map[string]any{name: v}) }
		yield(path+"."+name, within(d.sample(property)), inside(map[string]any{}))
		element := d.plain(property)
		switch element.Type {
		case "array":
			d.properties(d.plain(*element.Items), path+"."+name, func(v any) any { return within([]any{v}) }, yield)
		case "object":
			if members, ok := d.members(element); ok {
				element, within = members, func(v any) any { return inside(map[string]any{name: map[string]any{"eur": v}}) }
			}
			d.properties(element, path+"."+name, within, yield)
		}
	}
}

// plain follows references, and takes the first of several forms: an id rather than
// the object, which is there only where it was asked for.
func (d document) plain(s schema) schema {
	for s.Ref != "" || len(s.AnyOf) > 0 {
		if len(s.AnyOf) > 0 {
			s = s.AnyOf[0]
			continue
		}
		s = d.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	return s
}

// members is the schema of what stands under names that are data.
func (d document) members(s schema) (schema, bool) {
	var members schema
	if json.Unmarshal(s.Members, &members) != nil {
		return schema{}, false
	}
	return d.plain(members), true
}

// sample is a value with all that s may hold.
func (d document) sample(s schema) any {
	s = d.plain(s)
	switch s.Type {
	case "string":
		return "7"
	case "integer", "number":
		return 7
	case "boolean":
		return true
	case "array":
		return []any{d.sample(*s.Items)}
	}
	all := map[string]any{}
	if members, ok := d.members(s); ok {
		all["eur"] = d.sample(members)
	}
	for name, property := range s.Properties {
		all[name] = d.sample(property)
	}
	return all
}

// apart are the properties that no plan compares, for a reason each: Stripe makes
// them, or they are how a plan tells objects from one another.
var apart = []string{
	"product.id", "product.object", "product.created", "product.updated", "product.livemode",
	"price.id", "price.object", "price.created", "price.livemode", "price.type", "price.product",
}

// TestDriftLosesNothingOfStripes walks all that a product or a price may
// hold: whatever is set is copied, or Stripe's own doing, or reported.
func TestDriftLosesNothingOfStripes(t *testing.T) {
	t.Parallel()
	d := readDocument(t)
	fates := map[string]int{}
	judge := func(path string, copied bool, unknown []string) {
		switch {
		case len(unknown) > 0:
			t.Errorf("%s is reported as unknown: %q", path, unknown)
		case copied:
			fates["copied"]++
		case slices.Contains(apart, path):
			fates["apart"]++
		default:
			t.Errorf("%s is neither copied nor reported", path)
		}
	}
	bare := func(v any) any { return v }
	d.properties(d.Components.Schemas["product"], "product", bare, func(path string, with, without any) {
		a, unknown := read[catalog.Product](t, with)
		b, _ := read[catalog.Product](t, without)
		judge(path, len(plan.ProductDrift(a, b)) > 0, unknown)
	})
	d.properties(d.Components.Schemas["price"], "price", bare, func(path string, with, without any) {
		a, unknown := read[catalog.Price](t, with)
		b, _ := read[catalog.Price](t, without)
		judge(path, len(plan.PriceDrift(a, b)) > 0, unknown)
	})
	if want := map[string]int{"copied": 62, "apart": len(apart)}; !maps.Equal(fates, want) {
		t.Errorf("the document holds %v properties, want %v", fates, want)
	}
}

func read[T catalog.Product | catalog.Price](t *testing.T, object any) (*T, []string) {
	t.Helper()
	b, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	v := new(T)
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	unknown, err := catalog.Unknown[T](b)
	if err != nil {
		t.Fatal(err)
	}
	return v, unknown
}
