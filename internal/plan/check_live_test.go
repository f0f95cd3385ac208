package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

var lookupCases = []checkCase{
	{"lookup_keys", "our own price holds it", deployed, plan.CheckPassed, ""},
	{"lookup_keys", "our own price holds it, which has no stamp", func(e *plan.Evidence) {
		deployed(e)
		for i := range e.Live.Value.Prices {
			e.Live.Value.Prices[i].Metadata = nil
		}
	}, plan.CheckPassed, ""},
	{"lookup_keys", "another product holds it", func(e *plan.Evidence) {
		holder := sellable("price_9", "pro_monthly", "5")
		holder.Product = "prod_other"
		e.KeyHolders.Value = []catalog.Price{holder}
	}, plan.CheckFailed, "pro_monthly|price_9|prod_other"},
	{"lookup_keys", "another product holds it, adopting does not help", func(e *plan.Evidence) {
		foreign(e)
		e.Adopt = true
		holder := sellable("price_9", "pro_monthly", "5")
		holder.Product = "prod_other"
		e.KeyHolders.Value = []catalog.Price{holder}
	}, plan.CheckFailed, "pro_monthly|price_9|prod_other"},
	{"lookup_keys", "an unlinked price of our product holds it", unlinkedHolder, plan.CheckFailed, "pro_monthly|price_9|prod_pro|Golive"},
	{"lookup_keys", "a price that lost its link but not its stamp", func(e *plan.Evidence) {
		deployed(e)
		delete(e.Known.Links, test("price_month"))
	}, plan.CheckPassed, ""},
	{"lookup_keys", "adopted with the same content", func(e *plan.Evidence) {
		foreign(e)
		e.Adopt = true
	}, plan.CheckPassed, ""},
	{"lookup_keys", "not to be adopted", foreign, plan.CheckFailed, "pro_monthly|price_L1|prod_pro|adopt"},
	{"lookup_keys", "to be adopted but different", func(e *plan.Evidence) {
		foreign(e)
		e.Adopt = true
		e.Live.Value.Prices[0].UnitAmountDecimal = "1700"
	}, plan.CheckFailed, "pro_monthly|price_L1|prod_pro|differs"},
	{"lookup_keys", "an archived holder", func(e *plan.Evidence) {
		unlinkedHolder(e)
		e.KeyHolders.Value[0].Active = false
	}, plan.CheckFailed, "price_9"},
	{"lookup_keys", "one of ours that was replaced holds it", replacedHolder, plan.CheckPassed, ""},
	{"lookup_keys", "one of ours that is another tenant's now", func(e *plan.Evidence) {
		replacedHolder(e)
		e.Known.Foreign = ofOthers("price_9")
	}, plan.CheckFailed, "price_9 of live product prod_pro, which Golive didn't create"},
	{"lookup_keys", "held by a price that live did not show", func(e *plan.Evidence) {
		deployed(e)
		holder := sellable("price_9", "pro_monthly", "5")
		e.KeyHolders.Value = []catalog.Price{holder}
	}, plan.CheckFailed, "price_9"},
	{"lookup_keys", "the key of a price that stays in test", func(e *plan.Evidence) {
		unlinkedHolder(e)
		delete(e.Known.Links, test("price_month"))
		e.Test.Value.Prices[0].Active = false
		e.Live.Value.Prices = e.Live.Value.Prices[1:]
	}, plan.CheckPassed, ""},
	{"lookup_keys", "shared in test", func(e *plan.Evidence) { e.Test.Value.Prices[1].LookupKey = "pro_monthly" }, plan.CheckFailed, "price_month|price_year|pro_monthly"},
	{"lookup_keys", "no keys at all", func(e *plan.Evidence) {
		e.Test.Value.Prices[0].LookupKey, e.Test.Value.Prices[1].LookupKey = "", ""
	}, plan.CheckPassed, ""},
}

// unlinkedHolder: somebody gave the key to a price of their own in our product.
func unlinkedHolder(e *plan.Evidence) {
	deployed(e)
	e.Live.Value.Prices[0].LookupKey = ""
	holder := sellable("price_9", "pro_monthly", "5")
	e.Live.Value.Prices = append(e.Live.Value.Prices, holder)
	e.KeyHolders.Value = []catalog.Price{holder}
}

// replacedHolder: so does one that Golive made, and that is linked no more.
func replacedHolder(e *plan.Evidence) {
	unlinkedHolder(e)
	stamp := catalog.Stamp{Tenant: e.StampOwner, TestID: "price_month", Deployment: "d1"}
	e.Live.Value.Prices[len(e.Live.Value.Prices)-1].Metadata = map[string]string{catalog.StampKey: stamp.String()}
}

// foreign: live holds the same product, made by hand.
func foreign(e *plan.Evidence) {
	deployed(e)
	e.Known = plan.Known{}
	e.Live.Value.Product.Metadata = nil
	for i := range e.Live.Value.Prices {
		e.Live.Value.Prices[i].Metadata = nil
	}
}

var liveCases = []checkCase{
	{"live_conflict", "nothing there", func(*plan.Evidence) {}, plan.CheckPassed, ""},
	{"live_conflict", "ours by link", deployed, plan.CheckPassed, "Golive"},
	{"live_conflict", "ours by stamp", func(e *plan.Evidence) {
		deployed(e)
		e.Known = plan.Known{}
	}, plan.CheckPassed, "Golive"},
	{"live_conflict", "made by hand", foreign, plan.CheckFailed, "prod_pro|(Pro)|adopt"},
	{"live_conflict", "of another tenant", func(e *plan.Evidence) {
		deployed(e)
		e.Known = plan.Known{}
		e.StampOwner = "other"
	}, plan.CheckFailed, "prod_pro|adopt"},
	{"live_conflict", "made from another product", func(e *plan.Evidence) {
		foreign(e)
		e.Live.Value.Product.Metadata = stampedCopy(nil, "prod_other")
	}, plan.CheckFailed, "prod_pro|adopt"},
	{"live_conflict", "taken over", func(e *plan.Evidence) {
		foreign(e)
		e.Adopt = true
		e.Live.Value.Prices = append(e.Live.Value.Prices, sellable("price_9", "", "5"))
	}, plan.CheckWarning, "prod_pro|(Pro)|2 of its 3"},
	{"live_conflict", "taken over, but for a price of our own", func(e *plan.Evidence) {
		foreign(e)
		e.Adopt = true
		e.Live.Value.Prices[0].Metadata = stampedCopy(nil, "price_month")
	}, plan.CheckWarning, "1 of its 2"},

	{"drift", "none", deployed, plan.CheckPassed, "live"},
	{"drift", "product", func(e *plan.Evidence) {
		deployed(e)
		e.Live.Value.Product.Name = "Pro!"
		e.Live.Value.Product.Metadata["tier"] = "hand"
	}, plan.CheckWarning, "product prod_pro|(name, metadata.tier)"},
	{"drift", "a metadata key gone", func(e *plan.Evidence) {
		deployed(e)
		delete(e.Live.Value.Product.Metadata, "tier")
	}, plan.CheckWarning, "product prod_pro|(metadata.tier)"},
	{"drift", "metadata of others", func(e *plan.Evidence) {
		deployed(e)
		e.Live.Value.Product.Metadata["crm"] = "42"
		e.Live.Value.Prices[0].Metadata["crm"] = "43"
	}, plan.CheckPassed, ""},
	{"drift", "price archived", func(e *plan.Evidence) {
		deployed(e)
		e.Live.Value.Prices[0].Active = false
	}, plan.CheckWarning, "price price_L1|(active)"},
	{"drift", "price gone", func(e *plan.Evidence) {
		deployed(e)
		e.Live.Value.Prices = e.Live.Value.Prices[1:]
	}, plan.CheckWarning, "price_L1 (pro_monthly)|livePrice=price_L1"},
	{"drift", "price added", func(e *plan.Evidence) {
		deployed(e)
		e.Live.Value.Prices = append(e.Live.Value.Prices, sellable("price_9", "", "5"))
	}, plan.CheckWarning, "price_9|livePrice=price_9"},
	{"drift", "a price added that has a stamp", func(e *plan.Evidence) {
		deployed(e)
		added := sellable("price_9", "", "5")
		added.Metadata = stampedCopy(nil, "price_other")
		e.Live.Value.Prices = append(e.Live.Value.Prices, added)
	}, plan.CheckPassed, ""},
	{"drift", "linked prices without a stamp", func(e *plan.Evidence) {
		deployed(e)
		for i := range e.Live.Value.Prices {
			e.Live.Value.Prices[i].Metadata = nil
		}
	}, plan.CheckPassed, ""},
	{"drift", "archived price added", func(e *plan.Evidence) {
		deployed(e)
		added := sellable("price_9", "", "5")
		added.Active = false
		e.Live.Value.Prices = append(e.Live.Value.Prices, added)
	}, plan.CheckPassed, ""},
	{"drift", "product gone", func(e *plan.Evidence) {
		deployed(e)
		e.Live.Value, e.KeyHolders.Value = nil, nil
	}, plan.CheckWarning, "liveProduct=prod_pro"},
	{"drift", "our stamp is no drift", func(e *plan.Evidence) {
		deployed(e)
		e.Known.Product.Metadata = map[string]string{"tier": "2"}
	}, plan.CheckPassed, ""},

	{"concurrent_deployment", "another tenant's runs", func(e *plan.Evidence) { e.ActiveElsewhere = true }, plan.CheckWarning, "Another tenant"},
	{"concurrent_deployment", "one runs", func(e *plan.Evidence) { e.ActiveDeployment = "0192-d" }, plan.CheckWarning, "0192-d"},

	{"something_to_deploy", "nothing", deployed, plan.CheckWarning, "matches"},
	{"something_to_deploy", "archived before it was live", func(e *plan.Evidence) { e.Test.Value.Product.Active = false }, plan.CheckWarning, "archived"},
	{"something_to_deploy", "archived in both", func(e *plan.Evidence) {
		deployed(e)
		e.Test.Value.Product.Active, e.Live.Value.Product.Active = false, false
	}, plan.CheckWarning, "matches"},
	{"something_to_deploy", "shippable in live alone", func(e *plan.Evidence) {
		deployed(e)
		e.Test.Value.Product.Shippable, e.Live.Value.Product.Shippable = nil, new(true)
	}, plan.CheckWarning, "prod_pro|as shippable"},
	{"something_to_deploy", "not shippable in live alone, and changes", func(e *plan.Evidence) {
		deployed(e)
		e.Test.Value.Product.Name, e.Test.Value.Product.Shippable, e.Live.Value.Product.Shippable = "Pro III", nil, new(false)
	}, plan.CheckWarning, "not shippable"},
	{"something_to_deploy", "shippable in both", func(e *plan.Evidence) {
		deployed(e)
		e.Test.Value.Product.Shippable, e.Live.Value.Product.Shippable = new(true), new(true)
	}, plan.CheckWarning, "matches"},
	{"something_to_deploy", "changes", func(e *plan.Evidence) { name("Pro III")(e) }, plan.CheckPassed, "3 changes"},
}

// TestCheckNoPlanFails: something_to_deploy without a plan could not run.
func TestCheckNoPlanFails(t *testing.T) {
	t.Parallel()
	got := resultOf(t, plan.Check(healthy()), "something_to_deploy")
	if got.Status != plan.CheckFailed || !couldNotRun(got) {
		t.Errorf("%s: %s", got.Status, got.Message)
	}
}

var metadataCases = []checkCase{
	{"metadata", "reserved key on the product", productMetadata("golive", "1"), plan.CheckFailed, `product prod_pro|"golive"`},
	{"metadata", "reserved key, empty value", productMetadata("golive", ""), plan.CheckFailed, `"golive"`},
	{"metadata", "reserved key on a price", priceMetadata("golive", "1"), plan.CheckFailed, `price price_month|"golive"`},
	{"metadata", "reserved key on an archived price", func(e *plan.Evidence) {
		e.Test.Value.Prices[1].Active = false
		e.Test.Value.Prices[1].Metadata = map[string]string{"golive": "x"}
	}, plan.CheckFailed, "price_year"},
	{"metadata", "49 keys", func(e *plan.Evidence) { e.Test.Value.Product.Metadata = keys(49) }, plan.CheckPassed, ""},
	{"metadata", "50 keys on the product", func(e *plan.Evidence) { e.Test.Value.Product.Metadata = keys(50) }, plan.CheckFailed, "product prod_pro|50"},
	{"metadata", "50 keys on a price", func(e *plan.Evidence) { e.Test.Value.Prices[1].Metadata = keys(50) }, plan.CheckFailed, "price price_year|50"},
	{"metadata", "50 keys on a price that stays in test", func(e *plan.Evidence) {
		e.Test.Value.Prices[1].Metadata = keys(50)
		e.Test.Value.Prices[1].Active = false
	}, plan.CheckPassed, ""},
	{"metadata", "50 keys beside the stamp in live", func(e *plan.Evidence) {
		deployed(e)
		e.Test.Value.Product.Metadata = keys(50)
	}, plan.CheckFailed, "product prod_pro|50"},
	{"metadata", "48 keys beside others' in live", func(e *plan.Evidence) {
		deployed(e)
		e.Test.Value.Product.Metadata = keys(48)
		e.Live.Value.Product.Metadata["crm"] = "42"
	}, plan.CheckPassed, ""},
	{"metadata", "49 keys beside others' in live", func(e *plan.Evidence) {
		deployed(e)
		e.Test.Value.Product.Metadata = keys(49)
		e.Live.Value.Product.Metadata["crm"] = "42"
	}, plan.CheckFailed, "product prod_pro|51|1 of them"},
	{"metadata", "49 keys beside others' on a price in live", func(e *plan.Evidence) {
		deployed(e)
		e.Test.Value.Prices[0].Metadata = keys(49)
		e.Live.Value.Prices[0].Metadata["crm"] = "42"
	}, plan.CheckFailed, "price price_month|51|1 of them"},
	{"metadata", "49 keys on a price that is replaced", func(e *plan.Evidence) {
		deployed(e)
		e.Test.Value.Prices[0].Metadata, e.Test.Value.Prices[0].UnitAmountDecimal = keys(49), "1"
		e.Live.Value.Prices[0].Metadata["crm"] = "42"
	}, plan.CheckPassed, ""},
	{"metadata", "50 keys on a product taken over that has others", func(e *plan.Evidence) {
		foreign(e)
		e.Adopt = true
		e.Test.Value.Product.Metadata = keys(50)
		e.Live.Value.Product.Metadata = map[string]string{"crm": "42"}
	}, plan.CheckFailed, "product prod_pro|51|1 of them"},
	{"metadata", "50 keys on a product taken over", func(e *plan.Evidence) {
		foreign(e)
		e.Adopt = true
		e.Test.Value.Product.Metadata = keys(50)
	}, plan.CheckPassed, ""},
	{"metadata", "50 keys and live unknown", func(e *plan.Evidence) {
		e.Test.Value.Product.Metadata = keys(50)
		e.LiveAccountID = ""
	}, plan.CheckFailed, "product prod_pro|50"},
	{"metadata", "50 keys and live known only from before", func(e *plan.Evidence) {
		foreign(e)
		e.Adopt = true
		e.Test.Value.Product.Metadata = keys(50)
		e.Live.Err = &catalog.Error{Kind: catalog.KindNetwork}
	}, plan.CheckFailed, "product prod_pro|50"},

	{"metadata", "a price's test id", productMetadata("next", "price_year"), plan.CheckWarning, `"next"|product prod_pro|test ID`},
	{"metadata", "an id in a list", productMetadata("ids", "a,price_1NxYz2AbCdEf,b"), plan.CheckWarning, `"ids"`},
	{"metadata", "another product's id", priceMetadata("of", "prod_Nx12YzAbCdEf99"), plan.CheckWarning, `"of"|price price_month`},
	{"metadata", "its own id, which stays", productMetadata("self", "prod_pro"), plan.CheckPassed, ""},
	{"metadata", "its own id, which does not stay", func(e *plan.Evidence) {
		productMetadata("self", "prod_pro")(e)
		e.Known.Links = linked(map[string]string{"prod_pro": "prod_live"})
	}, plan.CheckWarning, `"self"`},
	{"metadata", "an id of live", func(e *plan.Evidence) {
		productMetadata("next", "price_1NxYz2AbCdEf")(e)
		e.Known.Links = linked(map[string]string{"price_year": "price_1NxYz2AbCdEf"})
	}, plan.CheckPassed, ""},
	{"metadata", "words that begin like ids", productMetadata("kind", "price_sensitive plan_businesses"), plan.CheckPassed, ""},
	{"metadata", "a test secret", productMetadata("k", "sk_test_51abc"), plan.CheckWarning, `"k"|secret`},
	{"metadata", "a live secret", productMetadata("k", "rk_live_51abc"), plan.CheckWarning, `"k"|secret`},
	{"metadata", "a webhook secret", productMetadata("k", "whsec_abc"), plan.CheckWarning, `"k"|secret`},
	{"metadata", "a publishable test key", productMetadata("k", "pk_test_51abc"), plan.CheckWarning, "test ID"},
	{"metadata", "a checkout session", productMetadata("k", "see cs_test_a1b2"), plan.CheckWarning, "test ID"},
	{"metadata", "a test payment link", productMetadata("buy", "https://buy.stripe.com/test_14k"), plan.CheckWarning, "test ID"},
}

func productMetadata(key, value string) func(*plan.Evidence) {
	return func(e *plan.Evidence) { e.Test.Value.Product.Metadata = map[string]string{key: value} }
}

func priceMetadata(key, value string) func(*plan.Evidence) {
	return price(func(p *catalog.Price) { p.Metadata = map[string]string{key: value} })
}

func keys(n int) map[string]string {
	m := map[string]string{}
	for i := range n {
		m[fmt.Sprintf("k%02d", i)] = "v"
	}
	return m
}

// TestCheckMetadataValuesStayUntold: they may be secrets.
func TestCheckMetadataValuesStayUntold(t *testing.T) {
	t.Parallel()
	for _, c := range metadataCases {
		e := healthy()
		c.change(&e)
		out := encoded(t, plan.Check(e))
		for _, value := range e.Test.Value.Product.Metadata {
			if len(value) > 6 && value != "prod_pro" && strings.Contains(out, value) {
				t.Errorf("%s: tells %q", c.name, value)
			}
		}
	}
}
