package journal

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
)

var oldPlaceholder = regexp.MustCompile(`\{([^}]*)\}`)

// renew reads a step of form 1, in which a product's default price alone was named so.
// Its calls keep their bytes. An id with a brace gave bytes that mean something else;
// what nobody knows then fails the step.
func renew(s *plan.Step) {
	ref := func(placeholder string) plan.Ref {
		return plan.Ref{Resource: catalog.ResourcePrice, ID: placeholder[1 : len(placeholder)-1]}
	}
	if old, ok := s.Want["default_price"].(string); ok && strings.Contains(s.Body, "default_price="+old) && oldPlaceholder.MatchString(old) {
		s.Want["default_price"] = ref(old)
	}
	s.Body = oldPlaceholder.ReplaceAllStringFunc(s.Body, func(old string) string { return ref(old).String() })
}

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
