package deployment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/plan"
)

// ValidationFailure says which checks failed.
func ValidationFailure(report *Report) *Failure {
	var failed []string
	for _, result := range report.Results {
		if result.Status == plan.CheckFailed && !slices.Contains(failed, result.Message) {
			failed = append(failed, result.Message)
		}
	}
	hint := "Fix what the failed checks found, then go live again."
	return &Failure{Category: CategoryValidation, Message: strings.Join(failed, " "), Hint: &hint}
}

// PlanChangedFailure says that the plan is no longer the one that a person saw.
func PlanChangedFailure(seen, now string) *Failure {
	hint := "Review the new plan, then go live with its hash."
	return &Failure{
		Category: CategoryPlanChanged, Hint: &hint,
		Message: fmt.Sprintf("The plan you reviewed (%s) is out of date. The current plan is %s.", seen, now),
	}
}
