package plan

import (
	"maps"
	"regexp"
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
)

// checkMetadata keeps the key that Golive stamps its objects with free. Not
// knowing live, it takes every object for a new one.
func checkMetadata(e *Evidence) Result {
	known := *e
	if liveProduct.err(e) != nil {
		known.Live = Read[*catalog.Snapshot]{}
	}
	d := pairing(&known)
	product := &e.Test.Value.Product
	var live map[string]string
	if d.in.Live != nil {
		live = d.in.Live.Product.Metadata
	}
	room := room{stamp: d.in.Live == nil || stamped(live), others: others(live, product.Metadata, productMetadata(e.Known.Product))}
	problems := metadataProblems(e, "product", product.ID, product.Metadata, room)
	for _, p := range d.pairs {
		problems = append(problems, metadataProblems(e, "price", p.test.ID, p.test.Metadata, roomIn(d, p))...)
	}
	return verdict(passed("The metadata has room for Golive's key and contains no test IDs."), problems)
}

// room is what an object in live holds beside the copied keys.
type room struct {
	// stamp tells that it carries Golive's own key.
	stamp bool
	// others counts the keys that others keep there.
	others int
}

func roomIn(d *differ, p pair) room {
	if p.needsCreate() || p.live == nil {
		return room{stamp: p.needsCreate()}
	}
	return room{stamped(p.live.Metadata), others(p.live.Metadata, p.test.Metadata, d.in.Known.Prices[p.test.ID].Metadata)}
}

// keys counts all keys that the object in live would have.
func (r room) keys(copied map[string]string) int {
	n := len(copied) + r.others
	if r.stamp {
		n++
	}
	return n
}

func stamped(metadata map[string]string) bool {
	_, ok := metadata[catalog.StampKey]
	return ok
}

// metadataProblems judges one object by what its live twin holds beside its keys.
func metadataProblems(e *Evidence, resource, id string, metadata map[string]string, beside room) []problem {
	var problems []problem
	about := func(key string) map[string]any {
		return map[string]any{"resource": resource, "testId": id, "key": key}
	}
	if stamped(metadata) {
		problems = append(problems, failure(about(catalog.StampKey),
			"The %s %s uses the metadata key %q, which is reserved for Golive. Rename it in test mode.", resource, id, catalog.StampKey))
	}
	switch most := catalog.MaxMetadataKeys; {
	case beside.stamp && len(metadata) >= most:
		problems = append(problems, failure(about(""),
			"The %s %s has %d metadata keys, and Golive needs one of the %d Stripe allows. Remove one in test mode.", resource, id, len(metadata), most))
	case beside.keys(metadata) > most:
		problems = append(problems, failure(about(""),
			"The %s %s would have %d metadata keys in live mode, %d of them added there by others, and Stripe allows %d. Remove some in either mode.",
			resource, id, beside.keys(metadata), beside.others, most))
	}
	for _, key := range sortedKeys(metadata) {
		if kind := leftover(e, metadata[key]); kind != "" {
			// Never the value: it may be a secret.
			problems = append(problems, warning(about(key),
				"The metadata key %q of %s %s contains %s, which is copied as is. Check how your live systems use it.", key, resource, id, kind))
		}
	}
	return problems
}

var (
	secretLooking = regexp.MustCompile(`\b(sk|rk)_(test|live)_\w|\bwhsec_\w`)
	testOnly      = regexp.MustCompile(`\b(pk|cs|seti|pi)_test_\w|\bbuy\.stripe\.com/test_`)
	word          = regexp.MustCompile(`\w+`)
	// objectID matches the ids that Stripe gives out, not words like price_sensitive.
	objectID = regexp.MustCompile(`^(prod|price|plan|promo|txr|shr|plink|cus|sub|we|bpc|mtr)_[A-Za-z]*[0-9][0-9A-Za-z]{7,}$`)
)

// leftover tells what of the test environment a metadata value holds, "" for nothing.
func leftover(e *Evidence, value string) string {
	switch {
	case secretLooking.MatchString(value):
		return "what looks like a secret key"
	case testOnly.MatchString(value):
		return "a Stripe test ID"
	}
	for _, w := range word.FindAllString(value, -1) {
		known := w == e.StripeProductID || e.Test.Value.Price(w) != nil
		if (known || objectID.MatchString(w)) && !sameInLive(e, w) {
			return "what looks like a Stripe test ID"
		}
	}
	return ""
}

// sameInLive tells that an id means in live what it means in test. A product
// keeps its id wherever it can.
func sameInLive(e *Evidence, id string) bool {
	if id == e.StripeProductID && e.Known.Links.Product(id) == "" {
		return true
	}
	return slices.Contains(slices.Collect(maps.Values(e.Known.Links)), id)
}
