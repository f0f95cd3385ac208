package runner

import (
	"context"
	"strings"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// undoResult is what came of turning back.
type undoResult struct {
	// cause is why it turned back, nil for a cancel; refused is what Stripe refused on
	// the way back, nil for nothing.
	cause, refused *deployment.Failure
	outcome        deployment.Outcome
	// remains lists in sentences what is not as it was before, notes what somebody
	// else's change has kept so.
	remains, notes []string
}

// resultOf is the truth about live after a way back that has left these changes.
func resultOf(ctx context.Context, db postgres.Querier, d *deployment.Deployment, left *plan.Plan, refused *deployment.Failure) (undoResult, error) {
	effects, unknown, err := effectsOf(ctx, db, d.ID)
	u := undoResult{cause: d.Error, outcome: deployment.Restored, notes: left.Notes}
	for _, c := range left.Changes {
		u.remains = append(u.remains, c.Summary)
	}
	if unknown > 0 {
		u.remains = append(u.remains, "steps in progress that may or may not have taken effect")
	}
	switch {
	case len(u.remains) > 0:
		u.outcome, u.refused = deployment.Partial, refused
	case effects == 0:
		u.outcome = deployment.Unchanged
	}
	return u, err
}

// finishUndone ends the deployment as FAILED, or as CANCELLED where there is no cause.
// Its error is the cause, or else what keeps live from being as it was before.
func (r *run) finishUndone(ctx context.Context, u undoResult) error {
	e := ending{Status: deployment.Cancelled, Message: "Cancelled. ", Error: u.refused, Outcome: u.outcome, Action: "deployment.cancelled"}
	if u.cause != nil {
		e = ending{Status: deployment.Failed, Message: "Failed: " + u.cause.Message + " ", Error: u.cause, Outcome: u.outcome, Action: "deployment.failed"}
	}
	if u.outcome == deployment.Restored {
		remains, err := kept(ctx, r.db, r.d.ID)
		if err != nil {
			return err
		}
		u.remains = append(remains, u.notes...)
	}
	e.Message += outcomeWords(u.outcome, u.remains)
	if u.refused != nil {
		e.Message += ". Stripe rejected the undo: " + u.refused.Message
	}
	return r.finish(ctx, e)
}

func outcomeWords(outcome deployment.Outcome, remains []string) string {
	switch outcome {
	case deployment.Unchanged:
		return "Nothing was changed in live mode."
	case deployment.Restored:
		return strings.Join(append([]string{"Live mode is as it was before."}, remains...), " ")
	default:
		return "Live mode isn't fully back to how it was. Still to undo: " + strings.Join(remains, "; ")
	}
}
