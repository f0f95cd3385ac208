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
	problems := metadataProblems(e, "product", product.ID, product.Metadata, d.in.Live == nil || stamped(live))
	for _, p := range d.pairs {
		room := p.needsCreate() || (p.live != nil && stamped(p.live.Metadata))
		problems = append(problems, metadataProblems(e, "price", p.test.ID, p.test.Metadata, room)...)
	}
	return verdict(passed("The metadata has room for Golive's key and contains no test IDs."), problems)
}

func stamped(metadata map[string]string) bool {
	_, ok := metadata[catalog.StampKey]
	return ok
}

// metadataProblems judges one object; needsRoom tells that its live twin carries
// Golive's stamp beside the copied keys.
func metadataProblems(e *Evidence, resource, id string, metadata map[string]string, needsRoom bool) []problem {
	var problems []problem
	about := func(key string) map[string]any {
		return map[string]any{"resource": resource, "testId": id, "key": key}
	}
	if stamped(metadata) {
		problems = append(problems, failure(about(catalog.StampKey),
			"The %s %s uses the metadata key %q, which is reserved for Golive. Rename it in test mode.", resource, id, catalog.StampKey))
	}
	if needsRoom && len(metadata) >= catalog.MaxMetadataKeys {
		problems = append(problems, failure(about(""),
			"The %s %s has %d metadata keys, and Golive needs one of the %d Stripe allows. Remove one in test mode.", resource, id, len(metadata), catalog.MaxMetadataKeys))
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
