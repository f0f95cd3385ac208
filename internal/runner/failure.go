package runner

import (
	"errors"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
)

// differsError is a live that, read back, is not what was planned.
type differsError struct{ left plan.Plan }

func (e *differsError) Error() string {
	var lines []string
	for _, c := range e.left.Changes {
		lines = append(lines, c.Summary)
	}
	return "The product was changed in live mode during the deployment. Still missing: " + strings.Join(lines, "; ") + "."
}

// failureOf tells people about a final error; nil where err is not final.
func failureOf(err error) *deployment.Failure {
	var differs *differsError
	if errors.As(err, &differs) {
		hint := "Check the product in Stripe's live mode, then go live again."
		return &deployment.Failure{Category: deployment.Category(catalog.KindConflict), Message: differs.Error(), Hint: &hint}
	}
	var step *engine.StepError
	var unfilled *plan.UnfilledError
	if errors.As(err, &step) && errors.As(err, &unfilled) {
		return unsendable(step, unfilled)
	}
	var refused *catalog.Error
	if !errors.As(err, &step) || !errors.As(err, &refused) {
		return nil
	}
	f := &deployment.Failure{
		Category: deployment.Category(refused.Kind), Message: refused.Message, Hint: hintFor(refused),
		StripeCode: nilIfEmpty(refused.Code), StripeRequestID: nilIfEmpty(refused.RequestID),
	}
	if step.Index >= 0 {
		f.StepIndex = &step.Index
	}
	return f
}

// unsendable is a step that could not be sent, since nobody knows what it refers to.
func unsendable(step *engine.StepError, unfilled *plan.UnfilledError) *deployment.Failure {
	hint := "Give this deployment's ID to whoever runs Golive. Then go live again: it picks up from what's in live mode."
	return &deployment.Failure{
		Category: deployment.CategoryInternal, Hint: &hint, StepIndex: &step.Index,
		Message: "A step refers to an object that isn't in live mode (" + unfilled.Placeholder + "), so it wasn't sent.",
	}
}

func nilIfEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// hintFor says what a person can do, nil where the message does.
func hintFor(e *catalog.Error) *string {
	if e.Unsound {
		return nil
	}
	hint := "Find the request in the Stripe Dashboard under Developers > Logs to see why Stripe rejected it."
	switch e.Kind {
	case catalog.KindPermission:
		hint = "Give the live key write permission for Products and Prices in the Stripe Dashboard, or connect another key."
	case catalog.KindRateLimit:
		hint = "Other software is using up this account's rate limit. Go live again when there's less traffic."
	case catalog.KindUnavailable, catalog.KindNetwork:
		hint = "Stripe didn't respond for too long. Check status.stripe.com, then go live again."
	case catalog.KindConflict:
		hint = "Something else was changing the same object. Go live again."
	case catalog.KindRequest:
		if e.Param == "lookup_key" {
			hint = "Another live price uses this lookup key. Remove it there, or choose another key in test mode."
		}
	}
	return &hint
}
