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
				"The prices %s and %s share the lookup key %q. Change one of them in test mode.", other, p.test.ID, key))
			continue
		}
		first[key] = p.test.ID
		for i := range e.KeyHolders.Value {
			if held := &e.KeyHolders.Value[i]; held.LookupKey == key {
				problems = append(problems, heldProblems(d, key, held)...)
			}
		}
	}
	return verdict(passed("No lookup key is used by another live price."), problems)
}

func heldProblems(d *differ, key string, held *catalog.Price) []problem {
	var ours bool
	if d.in.Live != nil {
		twin := d.in.Live.Price(held.ID)
		ours = twin != nil && d.mayLoseKey(twin)
	}
	about := map[string]any{"lookupKey": key, "livePrice": held.ID, "liveProduct": held.Product}
	switch {
	case d.in.Live == nil || held.Product != d.in.Live.Product.ID:
		return []problem{failure(about, "The lookup key %q is used by price %s of another live product, %s. Choose another key in test mode, or free this one in live mode.", key, held.ID, held.Product)}
	case ours:
		return nil
	case d.in.Adopt:
		return []problem{failure(about, "The lookup key %q is used by price %s of live product %s, which Golive can't adopt because it differs from the test price. Free the key in live mode.", key, held.ID, held.Product)}
	}
	return []problem{failure(about, "The lookup key %q is used by price %s of live product %s, which Golive didn't create. Free the key in live mode, or allow Golive to adopt what's there.", key, held.ID, held.Product)}
}

func checkLiveConflict(e *Evidence) Result {
	live := e.Live.Value
	if live == nil {
		return passed("The product ID is available in live mode.")
	}
	d := pairing(e)
	unasked := d.in
	unasked.Adopt = false
	if unasked.MayChange() {
		return passed("The live product is managed by Golive.")
	}
	about := map[string]any{"liveProduct": live.Product.ID, "name": live.Product.Name}
	if !e.Adopt {
		return verdict(Result{}, []problem{failure(about,
			"Live mode already has a product %s (%s) that Golive didn't create. Allow Golive to adopt it, or use another product ID in test mode.", live.Product.ID, live.Product.Name)})
	}
	prices := adoptedPrices(d.links)
	about["livePrices"] = prices
	return verdict(Result{}, []problem{warning(about,
		"Golive will adopt the live product %s (%s) with %d of its %s. Check the plan to see what changes.",
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
		return passed("Golive hasn't deployed this product yet, so there's nothing to compare.")
	}
	if drift.ProductGone {
		return verdict(Result{}, []problem{warning(map[string]any{"liveProduct": e.Known.Product.ID},
			"The product was deleted in live mode since the last deployment. Going live will create it again.")})
	}
	var problems []problem
	if len(drift.Product) > 0 {
		problems = append(problems, driftProblem("product", e.Live.Value.Product.ID, drift.Product))
	}
	for _, p := range drift.Prices {
		if p.Now == nil {
			problems = append(problems, warning(map[string]any{"livePrice": p.Base.ID},
				"The price %s has disappeared from live mode since the last deployment. Check the plan to see what replaces it.", priceName(p.Base)))
			continue
		}
		problems = append(problems, driftProblem("price", p.Now.ID, p.Fields))
	}
	problems = append(problems, foreignPrices(e)...)
	return verdict(passed("Nothing has changed in live mode since the last deployment."), problems)
}

func driftProblem(resource, id string, fields []string) problem {
	return warning(map[string]any{"resource": resource, "liveId": id, "fields": fields},
		"The %s %s was changed in live mode since the last deployment (%s). Check the plan to see what going live overwrites.",
		resource, id, strings.Join(fields, ", "))
}

// foreignPrices are for sale beside ours: what customers pay may depend on which
// one a system finds first.
func foreignPrices(e *Evidence) []problem {
	var problems []problem
	for _, p := range unlinked(e, e.Live.Value) {
		if _, stamped := catalog.StampOf(p.Metadata); p.Active && !stamped {
			problems = append(problems, warning(map[string]any{"livePrice": p.ID},
				"The price %s is active in live mode but not managed by Golive. Archive it in Stripe if customers shouldn't be able to buy it.", priceName(&p)))
		}
	}
	return problems
}

func checkConcurrentDeployment(e *Evidence) Result {
	switch {
	case e.ActiveElsewhere:
		return verdict(Result{}, []problem{warning(nil,
			"Another tenant of the same live account is deploying this product. Wait for it to finish.")})
	case e.ActiveDeployment == "":
		return passed("No other deployment of this product is running.")
	}
	return verdict(Result{}, []problem{warning(map[string]any{"deployment": e.ActiveDeployment},
		"Deployment %s of this product is running. Wait for it to finish, or cancel it.", e.ActiveDeployment)})
}

func checkSomethingToDeploy(e *Evidence) Result {
	if e.Plan == nil {
		return Result{
			Status: CheckFailed, Message: "Not checked: there's no plan yet. Fix the other failed checks first.",
			Details: map[string]any{"couldNotRun": true},
		}
	}
	problems := shippableStays(e)
	switch {
	case !e.Plan.IsEmpty():
	case e.Live.Value == nil && archivedInTest(e):
		problems = append(problems, warning(nil, "The product is archived in test mode and has never been live. Reactivate it in test mode if it should go live."))
	case len(problems) > 0:
		problems = append(problems, warning(nil, "There's nothing else to deploy."))
	default:
		problems = append(problems, warning(nil, "Live mode already matches test mode. There's nothing to deploy."))
	}
	return verdict(passed("Going live will make %s.", counted(len(e.Plan.Changes), "change")), problems)
}

// shippableStays tells of what live says and test leaves open: Stripe unsets no
// boolean, and no is not the same as unknown.
func shippableStays(e *Evidence) []problem {
	if e.Live.Value == nil || e.Live.Value.Product.Shippable == nil || e.Test.Value.Product.Shippable != nil {
		return nil
	}
	says := "shippable"
	if !*e.Live.Value.Product.Shippable {
		says = "not shippable"
	}
	id := e.Live.Value.Product.ID
	return []problem{warning(map[string]any{"field": "shippable", "liveProduct": id},
		"The live product %s is marked as %s, which test mode leaves open. Stripe doesn't allow that to be unset, so it stays. Decide in test mode if it should be different.", id, says)}
}
