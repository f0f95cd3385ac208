package evidence

import (
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// Plan makes the plan where both sides were read and the product is ours to
// change, or allowed to be taken over.
func Plan(e *plan.Evidence, tenantID string) (plan.Plan, bool) {
	if e.Test.Err != nil || e.Live.Err != nil || e.Test.Value == nil {
		return plan.Plan{}, false
	}
	in := plan.Input{Test: *e.Test.Value, Live: e.Live.Value, Known: e.Known, Adopt: e.Adopt, StampOwner: tenantID}
	if !in.MayChange() {
		return plan.Plan{}, false
	}
	return plan.Diff(in), true
}

// WhyNotRestorable is why the live product cannot be brought back, "" where it can.
func WhyNotRestorable(e *plan.Evidence, made *plan.Plan) string {
	switch {
	case e.Live.Err != nil:
		return "Live mode couldn't be read: " + e.Live.Err.Error()
	case e.KeyHolders.Err != nil:
		return "The prices that use the lookup keys to give back couldn't be read: " + e.KeyHolders.Err.Error()
	case foreign(e):
		return "Another tenant has since adopted the live product " + e.Live.Value.Product.ID + ", so it can't be rolled back from here."
	case e.Live.Value == nil && len(made.Changes) > 0:
		return made.Changes[0].Summary
	}
	return ""
}

// foreign tells that another tenant has taken over the live product.
func foreign(e *plan.Evidence) bool {
	return e.Live.Value != nil && e.Known.Foreign[plan.Object{Resource: catalog.ResourceProduct, ID: e.Live.Value.Product.ID}]
}
