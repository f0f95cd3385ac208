package plan

import (
	"encoding/json"
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
)

// Diff lists what makes live equal to test. It never touches a live object that
// Golive neither created nor, with in.Adopt, takes over; what it cannot do
// without that, it leaves to the checks to refuse.
//
// A product that was archived before it ever was live gives an empty plan.
func Diff(in Input) Plan {
	p := diff(in, newest)
	p.before = diff(in, first).Hash
	return p
}

func diff(in Input, v version) Plan {
	in.Live = cloned(in.Live)
	d := &differ{in: in, version: v, takes: map[string]*draft{}, foldedInto: map[string]int{}}
	d.pairs, d.links = match(in)
	if in.Live != nil && v != first {
		narrow(d)
	}
	if in.Live == nil && !in.Test.Product.Active {
		return d.plan()
	}
	d.productID = in.Test.Product.ID
	if in.Live != nil {
		d.productID = in.Live.Product.ID
		d.adoptProduct()
	}
	product := d.openProduct()
	d.createPrices()
	d.updatePrices()
	d.closeProduct(product)
	d.archivePrices()
	return d.plan()
}

// differ gathers drafts in the order in which they must never be overtaken:
// what comes into being, what changes, the product's default price, and last
// what is archived, so that the product can be bought at every instant.
type differ struct {
	in        Input
	version   version
	productID string
	pairs     []pair
	links     []Link
	changes   []Change
	drafts    []*draft
	// created is the draft that creates the product, nil where it exists.
	created *draft
	// takes maps a live price to the draft that takes its lookup key over.
	takes map[string]*draft
	// foldedInto maps a live price to the change that also archives it.
	foldedInto map[string]int
	// restoring tells that in.Test is live as it shall be again, with prices in it
	// that are not ours.
	restoring bool
}

// draft is a step whose dependencies are not numbered yet.
type draft struct {
	Step
	after []*draft
}

func (d *differ) adoptProduct() {
	test, live := d.in.Test.Product.ID, d.in.Live.Product
	if d.in.Known.Links.Product(test) == live.ID {
		return
	}
	stamp, ours := d.in.stampOf(Object{catalog.ResourceProduct, live.ID}, live.Metadata)
	d.links = append(d.links, Link{
		Resource: catalog.ResourceProduct, TestID: test, LiveID: live.ID, Adopted: !ours || stamp.TestID != test,
	})
}

// openProduct adds the product's change: its creation, or the index of the
// change that closeProduct will fill.
func (d *differ) openProduct() int {
	if d.in.Live != nil {
		return -1
	}
	want := valuesOf(productFields, &d.in.Test.Product)
	change := d.change(Change{
		Action: Create, Resource: catalog.ResourceProduct, TestID: d.in.Test.Product.ID,
		Named: d.in.Test.Product.Name, Summary: d.in.Test.Product.Name + ": new product", RollbackNote: noteCreatedProduct,
		Fields: d.fieldChanges(names(productFields), want, values{}, nil),
	})
	d.created = d.draft(change, Step{
		Action: Create, Resource: catalog.ResourceProduct, TestID: d.in.Test.Product.ID,
		Summary: d.changes[change].Summary, Path: "/v1/products", Body: createProductBody(d.productID, want),
	})
	return change
}

// closeProduct writes what differs in the product once its prices are there.
func (d *differ) closeProduct(change int) {
	want := valuesOf(productFields, &d.in.Test.Product)
	want["default_price"] = d.liveRef(d.in.Test.Product.DefaultPrice)
	have, before := withUnset(want, "default_price"), any(nil)
	if d.in.Live != nil {
		have, before = valuesOf(productFields, &d.in.Live.Product), d.in.Live.Product
	}
	if want["shippable"] == nil {
		want["shippable"] = have["shippable"] // Stripe unsets no boolean: the checks say that it stays
	}
	changed := differingNames(names(productFields), want, have)
	if len(changed) == 0 {
		return
	}
	if change < 0 {
		change = d.change(d.productChange(changed, want, have))
	}
	d.draft(change, Step{
		Action: d.productAction(), Resource: catalog.ResourceProduct, TestID: d.in.Test.Product.ID, LiveID: d.productID,
		Summary: d.productSummary(changed), Path: catalog.ResourceProduct.Path(d.productID),
		Body: updateBody(changed, want, ""), Want: pick(want, changed), Before: raw(before),
	}, d.bringsDefault()...)
}

func (d *differ) productAction() Action {
	if d.in.Live == nil || d.in.Live.Product.Active == d.in.Test.Product.Active {
		return Update
	}
	if d.in.Test.Product.Active {
		return Reactivate
	}
	return Archive
}

func (d *differ) productChange(changed []string, want, have values) Change {
	var base values
	if d.in.Known.Product != nil {
		base = valuesOf(productFields, d.in.Known.Product)
	}
	note := ""
	if slices.Contains(changed, "shippable") && have["shippable"] == nil {
		note = noteShippable
	}
	return Change{
		Action: d.productAction(), Resource: catalog.ResourceProduct,
		TestID: d.in.Test.Product.ID, LiveID: d.productID, Named: d.in.Test.Product.Name, Summary: d.productSummary(changed),
		Reversible: note == "", RollbackNote: note, Fields: d.fieldChanges(changed, want, have, base),
	}
}

// bringsDefault returns the drafts that must be done before the default price
// can be set: those that create or reactivate it.
func (d *differ) bringsDefault() []*draft {
	var after []*draft
	for _, s := range d.drafts {
		isProduct := s.Resource == catalog.ResourceProduct
		if isProduct || (s.TestID == d.in.Test.Product.DefaultPrice && s.Action != Archive) {
			after = append(after, s)
		}
	}
	return after
}

// liveRef returns the live id of a test price, or a reference where a step of
// this plan yields it; nil for no price.
func (d *differ) liveRef(testID string) any {
	for _, p := range d.pairs {
		switch {
		case testID == "" || p.test.ID != testID:
		case p.needsCreate():
			return Ref{catalog.ResourcePrice, testID}
		case p.live != nil:
			return p.live.ID
		}
	}
	if d.restoring && d.in.Live.Price(testID) != nil {
		return testID
	}
	return nil
}

func (d *differ) change(c Change) int {
	d.changes = append(d.changes, c)
	return len(d.changes) - 1
}

func (d *differ) draft(change int, s Step, after ...*draft) *draft {
	s.Change, s.Method = change, "POST"
	dr := &draft{Step: s, after: after}
	d.drafts = append(d.drafts, dr)
	return dr
}

// fieldChanges shows values before and after; base is what the last deployment
// left, nil where there was none.
func (d *differ) fieldChanges(fields []string, want, have, base values) []FieldChange {
	var out []FieldChange
	for _, f := range differingNames(fields, want, have) {
		out = append(out, FieldChange{
			Field: f, Before: shown(have[f]), After: shown(want[f]),
			Drifted: base != nil && !sameWire(base[f], have[f]),
		})
	}
	return out
}

// shown replaces a reference by the test id it stands for.
func shown(v any) any {
	if r, ok := v.(Ref); ok {
		return r.ID
	}
	return v
}

// differingNames are the fields that differ, with metadata key by key.
func differingNames(fields []string, want, have values) []string {
	return unequal(spelled(fields, want, have), want, have)
}

func unequal(fields []string, want, have values) []string {
	var out []string
	for _, f := range fields {
		if !sameWire(want[f], have[f]) {
			out = append(out, f)
		}
	}
	return out
}

func pick(v values, fields []string) map[string]any {
	out := make(map[string]any, len(fields))
	for _, f := range fields {
		out[f] = v[f]
	}
	return out
}

func withUnset(v values, field string) values {
	out := pick(v, sortedKeys(v))
	out[field] = nil
	return out
}

// cloned can be narrowed without a change to what was read.
func cloned(s *catalog.Snapshot) *catalog.Snapshot {
	if s == nil {
		return nil
	}
	return &catalog.Snapshot{Product: s.Product, Prices: slices.Clone(s.Prices)}
}

// raw encodes a live object for the journal; these types cannot fail to encode.
func raw(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// rawPrice is raw for a price that may be absent.
func rawPrice(p *catalog.Price) json.RawMessage {
	if p == nil {
		return nil
	}
	return raw(p)
}

// MayChange tells that the live product is ours, absent, or allowed to be taken
// over.
func (in Input) MayChange() bool {
	if in.Live == nil || in.Adopt || in.Known.Links.Product(in.Test.Product.ID) == in.Live.Product.ID {
		return true
	}
	stamp, ours := in.stampOf(Object{catalog.ResourceProduct, in.Live.Product.ID}, in.Live.Product.Metadata)
	return ours && stamp.TestID == in.Test.Product.ID
}

// stampOf returns the stamp by which a live object is our own, ok is false where it
// has none of ours or another tenant has taken it over.
func (in Input) stampOf(live Object, metadata map[string]string) (stamp catalog.Stamp, ok bool) {
	stamp, ok = catalog.StampOf(metadata)
	return stamp, ok && stamp.Tenant == in.StampOwner && !in.Known.Foreign[live]
}
