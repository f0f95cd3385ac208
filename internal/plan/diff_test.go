package plan_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// Each file holds an input and the plan that follows from it; UPDATE=1 writes
// the plans anew, for a person to read before they are committed.
func TestDiff(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			made := plan.Diff(inputOf(t, archive))
			got := render(t, made)
			if os.Getenv("UPDATE") != "" {
				write(t, file, archive, got)
				return
			}
			if want := section(archive, "plan"); got != want {
				t.Errorf("plan is\n%s\nwant\n%s", got, want)
			}
			checkOrder(t, made)
		})
	}
}

func inputOf(t *testing.T, archive *txtar.Archive) plan.Input {
	t.Helper()
	var in plan.Input
	if err := json.Unmarshal([]byte(section(archive, "input.json")), &in); err != nil {
		t.Fatal(err)
	}
	return in
}

func section(archive *txtar.Archive, name string) string {
	for _, f := range archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func write(t *testing.T, file string, archive *txtar.Archive, made string) {
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
		body, err := url.QueryUnescape(s.Body)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%d. %s %s after %v\n    %s\n", i, s.Method, s.Path, s.After, strings.ReplaceAll(body, "&", "\n    "))
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

// checkOrder: a step comes after those it waits for, archiving waits for all else.
func checkOrder(t *testing.T, p plan.Plan) {
	t.Helper()
	archived := false
	for i, s := range p.Steps {
		for _, a := range s.After {
			if a >= i {
				t.Errorf("step %d waits for step %d", i, a)
			}
		}
		if s.Action == plan.Archive && s.Resource == catalog.ResourcePrice {
			archived = true
		} else if archived {
			t.Errorf("step %d comes after a price was archived", i)
		}
	}
}

func TestHashIsTheSameForTheSameInput(t *testing.T) {
	t.Parallel()
	in := reprice()
	first := plan.Diff(in).Hash
	if !strings.HasPrefix(first, "v1:") {
		t.Fatalf("hash %q does not name its format", first)
	}
	for range 20 {
		if again := plan.Diff(reprice()).Hash; again != first {
			t.Fatalf("hash %s, then %s", first, again)
		}
	}
}

// What would be written, and what it is based on, both change the hash.
func TestHashChangesWithItsBasis(t *testing.T) {
	t.Parallel()
	first := plan.Diff(reprice()).Hash
	changes := map[string]func(*plan.Input){
		"test amount":      func(in *plan.Input) { in.Test.Prices[1].UnitAmountDecimal = "2500" },
		"live name":        func(in *plan.Input) { in.Live.Product.Name = "Other" },
		"live price":       func(in *plan.Input) { in.Live.Prices[0].Nickname = "changed in live" },
		"test description": func(in *plan.Input) { in.Test.Product.Description = "new" },
	}
	for name, change := range changes {
		in := reprice()
		change(&in)
		if plan.Diff(in).Hash == first {
			t.Errorf("%s: same hash", name)
		}
	}
	in := reprice()
	in.Live.Product.Metadata = map[string]string{catalog.StampKey: "x"}
	if plan.Diff(in).Hash != first {
		t.Error("our own stamp changes the hash")
	}
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
		Known: plan.Known{Links: map[string]string{"prod_pro": "prod_pro", "price_old": "price_live_old"}},
	}
}

// Every field of the catalogue's types is compared: one that a table forgot
// would be lost in silence.
func TestEveryFieldIsCompared(t *testing.T) {
	t.Parallel()
	for name, drift := range map[string]func() []string{
		"product": func() []string { return plan.ProductDrift(filled[catalog.Product](), &catalog.Product{}) },
		"price":   func() []string { return plan.PriceDrift(filled[catalog.Price](), &catalog.Price{}) },
	} {
		compared := strings.Join(drift(), " ")
		for _, field := range jsonFields(map[string]reflect.Type{
			"product": reflect.TypeFor[catalog.Product](), "price": reflect.TypeFor[catalog.Price](),
		}[name]) {
			if field != "id" && field != "product" && field != "-" && !strings.Contains(compared, field) {
				t.Errorf("%s.%s is not compared", name, field)
			}
		}
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
