package plan

import (
	"net/url"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// Made finds in live, without the help of a stamp, what a step creates: the product of
// its id, or the price of its lookup key, with the content that the step gives it, that
// has no stamp and no link. A price without a lookup key could be anybody's.
func Made(s Step, live *catalog.Snapshot, links Links) (id string, ok bool) {
	if s.Resource == catalog.ResourceProduct {
		p := &live.Product
		return p.ID, !stamped(p.Metadata) && links.Product(s.TestID) == "" && s.gives(productContent, wires(productFields, p))
	}
	given, err := url.ParseQuery(s.Body)
	p := live.PriceByLookupKey(given.Get("lookup_key"))
	if err != nil || p == nil {
		return "", false
	}
	return p.ID, !stamped(p.Metadata) && !links.HasPrice(p.ID) && s.gives(priceContent, wires(priceFields, p))
}

// What tells objects apart: of a price what nobody can have changed since, and its
// lookup key.
var (
	productContent = []string{"name", "description", "url", "unit_label", "statement_descriptor", "tax_code", "shippable", "images", "features", "package_dimensions"}
	priceContent   = []string{"currency", "billing_scheme", "unit_amount_decimal", "tiers", "tiers_mode", "transform_quantity", "recurring", "custom_unit_amount", "lookup_key"}
)

// gives tells that a create writes these values into these fields.
func (s *Step) gives(fields []string, have values) bool {
	var given []string
	for pair := range strings.SplitSeq(s.Body, "&") {
		key, _, _ := strings.Cut(pair, "=")
		name, _, _ := strings.Cut(key, url.QueryEscape("["))
		if slices.Contains(fields, name) {
			given = append(given, pair)
		}
	}
	var f form
	writeFields(&f, fields, have)
	return strings.Join(given, "&") == f.String()
}
