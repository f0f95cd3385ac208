package e2e_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// fields is what Stripe's product and price hold at API version 2023-10-16, and
// what a case must exist for: that it is set, :changed and :cleared, where Stripe
// allows that, and for what Stripe never changes that it is :replaced by a new
// price under the same lookup key. (A test object whose shippable was set can
// never be unset again; a price with a meter is refused, so its case shows it where
// it is archived.)
var fields = map[string]string{
	"product.id":                        "",
	"product.object":                    "",
	"product.created":                   "",
	"product.updated":                   "",
	"product.livemode":                  "",
	"product.name":                      ":changed",
	"product.active":                    ":changed",
	"product.description":               ":changed :cleared",
	"product.url":                       ":changed :cleared",
	"product.unit_label":                ":changed :cleared",
	"product.statement_descriptor":      ":changed :cleared",
	"product.tax_code":                  ":changed :cleared",
	"product.shippable":                 ":changed",
	"product.images":                    ":changed :cleared",
	"product.features":                  ":changed :cleared",
	"product.package_dimensions":        ":changed :cleared",
	"product.package_dimensions.height": "",
	"product.package_dimensions.length": "",
	"product.package_dimensions.weight": "",
	"product.package_dimensions.width":  "",
	"product.metadata":                  ":changed :cleared",
	"product.default_price":             ":changed :cleared",

	"price.object":                                      "",
	"price.created":                                     "",
	"price.livemode":                                    "",
	"price.type":                                        "",
	"price.product":                                     "",
	"price.currency":                                    ":replaced",
	"price.unit_amount":                                 ":replaced",
	"price.unit_amount_decimal":                         ":replaced",
	"price.billing_scheme":                              ":replaced",
	"price.tiers":                                       ":replaced",
	"price.tiers.up_to":                                 ":replaced",
	"price.tiers.flat_amount":                           "",
	"price.tiers.flat_amount_decimal":                   "",
	"price.tiers.unit_amount":                           ":replaced",
	"price.tiers.unit_amount_decimal":                   "",
	"price.tiers_mode":                                  ":replaced",
	"price.transform_quantity":                          ":replaced",
	"price.transform_quantity.divide_by":                ":replaced",
	"price.transform_quantity.round":                    "",
	"price.recurring.interval":                          ":replaced",
	"price.recurring.interval_count":                    ":replaced",
	"price.recurring.usage_type":                        ":replaced",
	"price.recurring.aggregate_usage":                   ":replaced",
	"price.recurring.trial_period_days":                 ":replaced",
	"price.recurring.meter":                             "",
	"price.custom_unit_amount":                          ":replaced",
	"price.custom_unit_amount.minimum":                  "",
	"price.custom_unit_amount.maximum":                  "",
	"price.custom_unit_amount.preset":                   ":replaced",
	"price.active":                                      ":changed",
	"price.nickname":                                    ":changed :cleared",
	"price.metadata":                                    ":changed :cleared",
	"price.lookup_key":                                  ":changed :cleared",
	"price.tax_behavior":                                ":changed :replaced",
	"price.currency_options":                            ":changed :cleared",
	"price.currency_options.unit_amount":                ":changed",
	"price.currency_options.unit_amount_decimal":        ":changed",
	"price.currency_options.tax_behavior":               ":changed",
	"price.currency_options.tiers":                      ":changed",
	"price.currency_options.tiers.up_to":                "",
	"price.currency_options.tiers.flat_amount":          "",
	"price.currency_options.tiers.flat_amount_decimal":  "",
	"price.currency_options.tiers.unit_amount":          "",
	"price.currency_options.tiers.unit_amount_decimal":  "",
	"price.currency_options.custom_unit_amount":         ":changed",
	"price.currency_options.custom_unit_amount.minimum": "",
	"price.currency_options.custom_unit_amount.maximum": "",
	"price.currency_options.custom_unit_amount.preset":  "",
}

// themes are what cases are about beside fields; each needs one. rule: is what
// Golive promises, lossy: where a typed client loses data, pain: what users of
// other tools suffer from.
var themes = map[string]string{
	"rule:12-decimals":                "amounts with as many decimals as Stripe takes",
	"rule:abab-new":                   "back and forth between two amounts, each time a new price",
	"rule:abab-reactivated":           "back and forth by reactivation",
	"rule:account-ready":              "an account that may not charge stops a go-live",
	"rule:adopt":                      "what was built by hand in live is taken over when asked to",
	"rule:adopt-fingerprint":          "prices are recognised by their content",
	"rule:adopt-lookup-key":           "prices are recognised by their lookup key and content",
	"rule:adopt-twins":                "what cannot be told apart is not taken over",
	"rule:archive-price":              "",
	"rule:archive-product":            "",
	"rule:currency-option-added":      "",
	"rule:currency-option-removed":    "Stripe merges options; one that goes means writing all",
	"rule:custom-amount":              "the customer chooses",
	"rule:default-price":              "set, moved and unset, and refused where it is archived",
	"rule:drift":                      "changes by hand in live are put back",
	"rule:flat-and-unit":              "tiers with both kinds of amounts",
	"rule:graduated":                  "",
	"rule:hidden":                     "what no list shows is asked for by id before it is taken for gone",
	"rule:hands-off":                  "what is not Golive's own is not touched",
	"rule:ids-per-mode":               "an id means one thing in test and another in live",
	"rule:images-shrink":              "a list gets shorter",
	"rule:live-conflict":              "the id is taken in live by what is not ours",
	"rule:live-gone":                  "what vanished from live is made again",
	"rule:lookup-key-moves":           "",
	"rule:lookup-key-swap":            "",
	"rule:lookup-key-taken":           "a key of another product or of a foreign price is not taken away",
	"rule:metadata-add-change-remove": "",
	"rule:meter":                      "what live cannot be given is refused, not given in part",
	"rule:metadata-conflict":          "a key that somebody changed since is not taken back, and is told",
	"rule:metadata-of-others":         "keys that others keep in live stay, through go-lives and rollbacks",
	"rule:metadata-room":              "fifty keys leave no room for the stamp",
	"rule:metered":                    "",
	"rule:never-live-price":           "an archived price that never was live stays in test",
	"rule:never-live-product":         "so does an archived product",
	"rule:odd-ids":                    "ids are opaque text, whatever they hold",
	"rule:one-time":                   "",
	"rule:orphan-link":                "a live price whose test price is no more",
	"rule:paging":                     "more objects than fit on a page",
	"rule:price-added":                "",
	"rule:reactivate-price":           "",
	"rule:reactivate-product":         "",
	"rule:refused-price":              "no active price, or one that cannot be charged",
	"rule:reprice":                    "the new price takes the key, the old one is archived last",
	"rule:reprice-default":            "so does a default price",
	"rule:reserved-metadata":          "the stamp's own key is taken in test",
	"rule:same-id":                    "products keep their ids",
	"rule:rollback-checked":           "what Stripe would refuse on the way back is found before any write",
	"rule:rollback-nothing":           "go-lives that changed nothing have nothing to undo",
	"rule:sandbox":                    "test is another account than live",
	"rule:stamps":                     "links that were lost are found again",
	"rule:tax-behavior-decided":       "undecided prices decide in place",
	"rule:tax-behavior-replaced":      "decided ones need a new price",
	"rule:trouble":                    "a lost answer, and a refusal after which live is as it was",
	"rule:test-gone":                  "the product vanished from test",
	"rule:three-decimal-currency":     "",
	"rule:transform-quantity":         "",
	"rule:trial":                      "",
	"rule:twins":                      "equal prices stay as many as they are",
	"rule:unicode":                    "",
	"rule:volume":                     "",
	"rule:zero-amount":                "",
	"rule:zero-decimal-currency":      "",
	"rule:zero-tier":                  "",

	"lossy:empty-list":            "an empty list must be sent to clear one",
	"lossy:empty-map":             "an empty map must be sent to clear one",
	"lossy:float-digits":          "more digits than a float has",
	"lossy:null-or-empty":         "null is not the empty text",
	"lossy:null-or-false":         "null is not false",
	"lossy:null-or-zero":          "null is not zero",
	"lossy:percent-like-decimals": "clients cut floats at four decimals",

	"pain:I1":  "the dashboard's copy works once, under other ids, and duplicates",
	"pain:I2":  "ids of test do not exist in live",
	"pain:I3":  "one variable per price id and environment",
	"pain:I4":  "after a new price the old one stays for sale",
	"pain:I5":  "every run duplicates prices that look different",
	"pain:I6":  "\"updated\", and nothing changed at Stripe",
	"pain:I7":  "zero amounts in tiers are dropped",
	"pain:I8":  "tiers are lost on reading",
	"pain:I9":  "the default price blocks its own replacement",
	"pain:I10": "the lookup key is in use already",
	"pain:I12": "a product with prices cannot be deleted",
	"pain:I13": "objects deleted by hand break every later run",
	"pain:I14": "a lookup key without an active price while repricing",
	"pain:I16": "amounts never change",
	"pain:I18": "lookup keys are the state",
	"pain:I22": "two prices for sale where one is meant",
	"pain:I23": "copy from a sandbox to production",
	"pain:I24": "a tax behaviour is decided once",
	"pain:I26": "the same id in both modes",
	"pain:I27": "idempotency keys made from content replay old answers",
}

func TestEveryFieldAndThemeHasACase(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for _, c := range loadCorpus(t) {
		for _, tag := range c.Covers {
			covered[tag] = true
		}
	}
	for name, ways := range fields {
		for _, way := range append(strings.Fields(ways), "") {
			if !covered[name+way] {
				t.Errorf("no case covers %s%s", name, way)
			}
		}
	}
	for tag, meaning := range themes {
		if !covered[tag] {
			t.Errorf("no case covers %s: %s", tag, meaning)
		}
	}
}

func TestCasesHoldWhatTheyClaim(t *testing.T) {
	t.Parallel()
	cases := loadCorpus(t)
	if len(cases) < 60 {
		t.Errorf("the corpus has %d cases, want at least 60", len(cases))
	}
	for _, c := range cases {
		shown := evidence(t, c)
		for _, tag := range c.Covers {
			name, _, _ := strings.Cut(tag, ":")
			_, isField := fields[name]
			_, isTheme := themes[tag]
			switch {
			case !isField && !isTheme:
				t.Errorf("%s covers %s, which nobody knows", c.File, tag)
			case isField && !shown[tag]:
				t.Errorf("%s claims to cover %s, and its data do not", c.File, tag)
			}
		}
	}
}

// evidence returns what the test catalogues of a case's successful phases show.
func evidence(t *testing.T, c corpusCase) map[string]bool {
	t.Helper()
	shown := map[string]bool{}
	w, before := &world{}, &world{}
	for _, p := range c.Phases {
		if err := w.apply(p.Test, nil); err != nil {
			t.Fatalf("%s: %v", c.File, err)
		}
		if p.status() != "COMPLETED" {
			continue
		}
		compareWorlds(shown, before, w)
		before = &world{slices.Clone(w.products), slices.Clone(w.prices)}
	}
	return shown
}

func compareWorlds(shown map[string]bool, before, now *world) {
	for _, p := range now.products {
		compareObjects(shown, "product", before.find(p["id"].(string)), p)
	}
	for _, p := range now.prices {
		compareObjects(shown, "price", before.find(p["id"].(string)), p)
		compareReplaced(shown, holderOf(before, p["lookup_key"]), p)
	}
}

func compareObjects(shown map[string]bool, resource string, before, now object) {
	old, current := paths(resource, before), paths(resource, now)
	for path, values := range current {
		shown[path] = true
		if before != nil && len(old[path]) > 0 && !slices.Equal(old[path], values) {
			shown[path+":changed"] = true
		}
	}
	for path := range old {
		if len(current[path]) == 0 {
			shown[path+":cleared"] = true
		}
	}
}

// compareReplaced looks at a price that took over the lookup key of another one.
func compareReplaced(shown map[string]bool, old, now object) {
	if old == nil || old["id"] == now["id"] {
		return
	}
	was, is := paths("price", old), paths("price", now)
	for path := range fields {
		if (len(was[path]) > 0 || len(is[path]) > 0) && !slices.Equal(was[path], is[path]) {
			shown[path+":replaced"] = true
		}
	}
}

func holderOf(w *world, lookupKey any) object {
	for _, p := range w.prices {
		if lookupKey != nil && p["lookup_key"] == lookupKey {
			return p
		}
	}
	return nil
}

// paths lists the values at each path of an object, empty ones left out. Elements
// of a list share their list's path, options of all currencies one path.
func paths(path string, v any) map[string][]string {
	all := map[string][]string{}
	collect(all, path, v)
	return all
}

func collect(all map[string][]string, path string, v any) {
	switch v := v.(type) {
	case nil:
		return
	case object:
		if len(v) == 0 {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if path == "price.currency_options" {
				members(all, path, v[name])
			} else {
				collect(all, path+"."+name, v[name])
			}
		}
	case []any:
		if len(v) == 0 {
			return
		}
		for _, element := range v {
			members(all, path, element)
		}
	}
	all[path] = append(all[path], text(v))
}

// members collects below path what an element of a list or an option holds.
func members(all map[string][]string, path string, v any) {
	o, _ := v.(object)
	for _, name := range slices.Sorted(maps.Keys(o)) {
		collect(all, path+"."+name, o[name])
	}
}
