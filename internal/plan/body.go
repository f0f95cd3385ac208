package plan

import (
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
)

// createProductBody chooses the product's id, so that code which knows it in
// test finds it in live, and leaves the default price for later: no price exists yet.
func createProductBody(id string, want values) string {
	var f form
	f.set("id", id)
	writeFields(&f, names(productFields), want, "default_price", "metadata")
	writeNewMetadata(&f, want)
	return f.String()
}

func createPriceBody(productID string, want values, transfer bool) string {
	var f form
	f.set("product", productID)
	writeFields(&f, names(priceFields), want, "metadata")
	if transfer {
		f.set("transfer_lookup_key", true)
	}
	writeNewMetadata(&f, want)
	return f.String()
}

// updateBody writes the changed fields; extra is a parameter set to true, or "". Stripe
// merges metadata key by key, and an empty value removes one.
func updateBody(changed []string, want values, extra string) string {
	var f form
	for _, name := range changed {
		f.set(parameter(name), want[name])
	}
	if extra != "" {
		f.set(extra, true)
	}
	return f.String()
}

// writeFields writes the set fields; a create has nothing to clear.
func writeFields(f *form, fields []string, want values, except ...string) {
	for _, name := range fields {
		if want[name] != nil && !slices.Contains(except, name) {
			f.set(name, want[name])
		}
	}
}

func writeNewMetadata(f *form, want values) {
	for k, v := range sorted(members(want["metadata"])) {
		f.set("metadata["+k+"]", v)
	}
	f.pair("metadata["+catalog.StampKey+"]", StampPlaceholder)
}

func members(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// sorted iterates a map in key order.
func sorted(m map[string]any) func(yield func(string, any) bool) {
	return func(yield func(string, any) bool) {
		for _, k := range sortedKeys(m) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
