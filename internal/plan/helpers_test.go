package plan_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

func inputOf(t *testing.T, archive *txtar.Archive) plan.Input {
	t.Helper()
	var in plan.Input
	if err := json.Unmarshal([]byte(section(archive, "input.json")), &in); err != nil {
		t.Fatal(err)
	}
	var known struct {
		Known struct {
			Links   map[string]string
			Foreign map[string]bool
		}
	}
	if err := json.Unmarshal([]byte(section(archive, "input.json")), &known); err != nil {
		t.Fatal(err)
	}
	in.Known.Links = linked(known.Known.Links)
	in.Known.Foreign = ofOthers(slices.Collect(maps.Keys(known.Known.Foreign))...)
	return in
}

// test names an object by an id that tells its kind, as most here do.
func test(id string) plan.Object {
	if strings.HasPrefix(id, "prod") {
		return plan.Object{Resource: catalog.ResourceProduct, ID: id}
	}
	return plan.Object{Resource: catalog.ResourcePrice, ID: id}
}

// linked are links by such ids.
func linked(ids map[string]string) plan.Links {
	links := plan.Links{}
	for testID, liveID := range ids {
		links[test(testID)] = liveID
	}
	return links
}

// plain are links as tests of one kind of ids write them.
func plain(links plan.Links) map[string]string {
	ids := map[string]string{}
	for object, liveID := range links {
		ids[object.ID] = liveID
	}
	return ids
}

// ofOthers are live objects of somebody else.
func ofOthers(ids ...string) map[plan.Object]bool {
	theirs := map[plan.Object]bool{}
	for _, id := range ids {
		theirs[test(id)] = true
	}
	return theirs
}

func section(archive *txtar.Archive, name string) string {
	for _, f := range archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func writeGolden(t *testing.T, file string, archive *txtar.Archive, made string) {
	t.Helper()
	files := archive.Files[:0]
	for _, f := range archive.Files {
		if f.Name != "plan" {
			files = append(files, f)
		}
	}
	archive.Files = append(files, txtar.File{Name: "plan", Data: []byte(made)})
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// render shows a plan as people read it, then its calls with decoded bodies.
func render(t *testing.T, p plan.Plan) string {
	t.Helper()
	var b strings.Builder
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "%s %s %s: %s\n", c.Action, c.Resource, c.TestID, c.Summary)
		for _, f := range c.Fields {
			drift := ""
			if f.Drifted {
				drift = " (changed in live)"
			}
			fmt.Fprintf(&b, "    %s: %s -> %s%s\n", f.Field, compact(t, f.Before), compact(t, f.After), drift)
		}
	}
	for i, s := range p.Steps {
		fmt.Fprintf(&b, "%d. %s %s after %v\n", i, s.Method, s.Path, s.After)
		for pair := range strings.SplitSeq(s.Body, "&") {
			text, err := url.QueryUnescape(pair)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "    %s\n", text)
		}
	}
	for _, l := range p.Links {
		fmt.Fprintf(&b, "link %s %s = %s adopted=%v\n", l.Resource, l.TestID, l.LiveID, l.Adopted)
	}
	return b.String()
}

func compact(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// reprice is a product whose price was replaced in test.
func reprice() plan.Input {
	price := func(id, amount string, active bool, key string) catalog.Price {
		return catalog.Price{
			ID: id, Currency: "usd", BillingScheme: "per_unit", UnitAmountDecimal: catalog.Decimal(amount),
			Active: active, LookupKey: key, TaxBehavior: "exclusive", Nickname: "Pro monthly",
			Recurring: &catalog.Recurring{Interval: "month", IntervalCount: 1, UsageType: "licensed"},
		}
	}
	test := catalog.Product{ID: "prod_pro", Name: "Pro", Active: true, DefaultPrice: "price_new"}
	live := test
	live.DefaultPrice = "price_live_old"
	return plan.Input{
		Test:  catalog.NewSnapshot(test, []catalog.Price{price("price_old", "1900", false, ""), price("price_new", "2400", true, "pro")}),
		Live:  &catalog.Snapshot{Product: live, Prices: []catalog.Price{price("price_live_old", "1900", true, "pro")}},
		Known: plan.Known{Links: linked(map[string]string{"prod_pro": "prod_pro", "price_old": "price_live_old"})},
	}
}

func jsonFields(t reflect.Type) []string {
	var fields []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		fields = append(fields, name)
	}
	return fields
}

// filled returns a value whose every field is set.
func filled[T any]() *T {
	v := new(T)
	fill(reflect.ValueOf(v).Elem())
	return v
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("7")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64:
		v.SetInt(7)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		m.SetMapIndex(key, value)
		v.Set(m)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	default:
		panic("no filling for " + v.Kind().String())
	}
}

// touched reads a plan as its journal would tell it.
func touched(t *testing.T, p plan.Plan, links map[string]string) []plan.Touched {
	t.Helper()
	var all []plan.Touched
	for _, s := range p.Steps {
		one, err := plan.TouchedBy(s, links[s.TestID])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one...)
	}
	return all
}

// counted is a price whose use is counted by that meter, or by Stripe itself.
func counted(id, meter string) catalog.Price {
	p := sellable(id, "", "4")
	p.Recurring.UsageType, p.Recurring.Meter = "metered", meter
	return p
}

func sellable(id, key string, amount catalog.Decimal) catalog.Price {
	return catalog.Price{
		ID: id, Product: "prod_pro", Active: true, Currency: "usd", BillingScheme: "per_unit",
		UnitAmountDecimal: amount, LookupKey: key, TaxBehavior: "exclusive",
		Recurring: &catalog.Recurring{Interval: "month", IntervalCount: 1, UsageType: "licensed"},
	}
}
