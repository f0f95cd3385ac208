package journal

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
)

// keysBack makes up for journals of the first version, which do not say whose
// lookup key a step took: every price that the plan was to change gets back its own.
func keysBack(forward []engine.Step, touched []plan.Touched) ([]plan.Touched, error) {
	silent := func(s engine.Step) bool {
		return TookEffect(s) && len(s.KeyFrom) == 0 && strings.Contains(s.Body, "transfer_lookup_key=true")
	}
	if !slices.ContainsFunc(forward, silent) {
		return touched, nil
	}
	for _, s := range forward {
		if s.Resource != catalog.ResourcePrice || len(s.Before) == 0 {
			continue
		}
		var before catalog.Price
		if err := json.Unmarshal(s.Before, &before); err != nil {
			return nil, fmt.Errorf("read before-image of step %d: %w", s.Index, err)
		}
		if before.LookupKey != "" {
			touched = append(touched, plan.Touched{
				Resource: s.Resource, TestID: s.TestID, LiveID: before.ID, Price: &before, Fields: []string{"lookup_key"},
			})
		}
	}
	return touched, nil
}
