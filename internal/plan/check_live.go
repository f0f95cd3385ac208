package plan

import (
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// pairing is how Diff would pair the prices of this evidence.
func pairing(e *Evidence) *differ {
	d := &differ{in: Input{
		Test: *e.Test.Value, Live: e.Live.Value, Known: e.Known, Adopt: e.Adopt, StampOwner: e.StampOwner,
	}}
	d.pairs, d.links = match(d.in)
	return d
}

// checkLookupKeys refuses what Diff would not do: take a key from a price that
// is not ours.
func checkLookupKeys(e *Evidence) Result {
	d := pairing(e)
	var problems []problem
	first := map[string]string{}
	for _, p := range d.pairs {
		key := p.test.LookupKey
		if key == "" || (p.live == nil && !p.needsCreate()) {
			continue // it stays in test, and so does its key
		}
		if other, twice := first[key]; twice {
			problems = append(problems, failure(map[string]any{"lookupKey": key, "price": p.test.ID},
				"The prices %s and %s share the lookup key %q, so give one of them another in Stripe test.", other, p.test.ID, key))
			continue
		}
		first[key] = p.test.ID
		for i := range e.KeyHolders.Value {
			if held := &e.KeyHolders.Value[i]; held.LookupKey == key {
				problems = append(problems, heldProblems(d, key, held)...)
			}
		}
	}
	return verdict(passed("No lookup key is taken by another price in live."), problems)
}

func heldProblems(d *differ, key string, held *catalog.Price) []problem {
	var ours bool
	if d.in.Live != nil {
		twin := d.in.Live.Price(held.ID)
		ours = twin != nil && d.ours(twin)
	}
	about := map[string]any{"lookupKey": key, "livePrice": held.ID, "liveProduct": held.Product}
	switch {
	case d.in.Live == nil || held.Product != d.in.Live.Product.ID:
		return []problem{failure(about, "The lookup key %q belongs to price %s of another live product, %s, so choose another key in Stripe test or free it there.", key, held.ID, held.Product)}
	case ours:
		return nil
	case d.in.Adopt:
		return []problem{failure(about, "The lookup key %q belongs to price %s of live product %s, which Golive cannot take over because it differs from the price in test, so free the key there.", key, held.ID, held.Product)}
	}
	return []problem{failure(about, "The lookup key %q belongs to price %s of live product %s, which Golive did not create, so free the key there or allow Golive to adopt what is in live.", key, held.ID, held.Product)}
}

func checkLiveConflict(e *Evidence) Result {
	live := e.Live.Value
	if live == nil {
		return passed("The product's id is free in live.")
	}
	d := pairing(e)
	unasked := d.in
	unasked.Adopt = false
	if unasked.MayChange() {
		return passed("The product in live is Golive's own.")
	}
	about := map[string]any{"liveProduct": live.Product.ID, "name": live.Product.Name}
	if !e.Adopt {
		return verdict(Result{}, []problem{failure(about,
			"Live holds a product %s (%s) that Golive did not create, so allow Golive to adopt it or give the product another id in test.", live.Product.ID, live.Product.Name)})
	}
	prices := adoptedPrices(d.links)
	about["livePrices"] = prices
	return verdict(Result{}, []problem{warning(about,
		"Golive will take over the live product %s (%s) with %d of its %s, so check in the plan what changes.",
		live.Product.ID, live.Product.Name, len(prices), counted(len(live.Prices), "price"))})
}

func adoptedPrices(links []Link) []string {
	ids := []string{}
	for _, l := range links {
		if l.Adopted {
			ids = append(ids, l.LiveID)
		}
	}
	return ids
}

// checkDrift tells what others changed in live since the last deployment.
func checkDrift(e *Evidence) Result {
	drift := DriftOf(e)
	if !drift.Deployed {
		return passed("Golive has not deployed the product yet, so nothing in live can have changed since.")
	}
	if drift.ProductGone {
		return verdict(Result{}, []problem{warning(map[string]any{"liveProduct": e.Known.Product.ID},
			"The product was deleted in live since the last deployment, so a go-live creates it anew.")})
	}
	var problems []problem
	if len(drift.Product) > 0 {
		problems = append(problems, driftProblem("product", e.Live.Value.Product.ID, drift.Product))
	}
	for _, p := range drift.Prices {
		if p.Now == nil {
			problems = append(problems, warning(map[string]any{"livePrice": p.Base.ID},
				"The price %s is gone from live since the last deployment, so check in the plan what replaces it.", priceName(p.Base)))
			continue
		}
		problems = append(problems, driftProblem("price", p.Now.ID, p.Fields))
	}
	problems = append(problems, foreignPrices(e)...)
	return verdict(passed("Live is as the last deployment left it."), problems)
}

func driftProblem(resource, id string, fields []string) problem {
	return warning(map[string]any{"resource": resource, "liveId": id, "fields": fields},
		"The %s %s was changed in live since the last deployment (%s), so check in the plan what a go-live overwrites.",
		resource, id, strings.Join(fields, ", "))
}

// foreignPrices are for sale beside ours: what customers pay may depend on which
// one a system finds first.
func foreignPrices(e *Evidence) []problem {
	var problems []problem
	for _, p := range unlinked(e) {
		if _, stamped := catalog.StampOf(p.Metadata); p.Active && !stamped {
			problems = append(problems, warning(map[string]any{"livePrice": p.ID},
				"The price %s is for sale in live and not Golive's, so archive it in Stripe if customers should not get it.", priceName(&p)))
		}
	}
	return problems
}

func checkConcurrentDeployment(e *Evidence) Result {
	if e.ActiveDeployment == "" {
		return passed("No other deployment of the product is under way.")
	}
	return verdict(Result{}, []problem{warning(map[string]any{"deployment": e.ActiveDeployment},
		"Deployment %s of the product is under way, so wait for its end or cancel it.", e.ActiveDeployment)})
}

func checkSomethingToDeploy(e *Evidence) Result {
	switch {
	case e.Plan == nil:
		return Result{
			Status: CheckFailed, Message: "Not checked: no plan could be made, so mend the other failed checks first.",
			Details: map[string]any{"couldNotRun": true},
		}
	case !e.Plan.IsEmpty():
		return passed("A go-live makes %s.", counted(len(e.Plan.Changes), "change"))
	case e.Live.Value == nil && archivedInTest(e):
		return verdict(Result{}, []problem{warning(nil, "The product is archived in test and was never live, so reactivate it in Stripe test if it should go live.")})
	}
	return verdict(Result{}, []problem{warning(nil, "Live already holds what test holds, so there is nothing to deploy.")})
}
