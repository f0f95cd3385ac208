package deployment_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/pgtest"
)

var statuses = []deployment.Status{
	deployment.Scheduled, deployment.Pending, deployment.Validating, deployment.Deploying,
	deployment.Completed, deployment.Failed, deployment.RolledBack, deployment.Cancelled,
}

func draw() string {
	var b strings.Builder
	b.WriteString("```mermaid\nstateDiagram-v2\n    [*] --> PENDING: goLive\n    [*] --> SCHEDULED: scheduleGoLive\n")
	for _, t := range deployment.Transitions {
		for _, to := range t.To {
			fmt.Fprintf(&b, "    %s --> %s\n", t.From, to)
		}
	}
	for _, s := range statuses {
		if s.Terminal() {
			fmt.Fprintf(&b, "    %s --> [*]\n", s)
		}
	}
	return b.String() + "```\n"
}

// The diagram in the docs is drawn from the table; UPDATE=1 redraws it.
func TestArchitectureShowsTheTransitions(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../../docs/architecture.md", "<!-- states:begin -->\n", "<!-- states:end -->"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begin)
	shown, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the diagram", file)
	}
	drawn := draw()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(before+begin+drawn+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if shown != drawn {
		t.Errorf("%s shows other transitions than state.go has; redraw it with UPDATE=1 go test ./internal/deployment", file)
	}
}

// The trigger and the table must agree on every pair of statuses.
func TestStateTriggerAgreesWithTheTable(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool := pgtest.New(t)
	var source string
	if err := pool.QueryRow(ctx, `SELECT prosrc FROM pg_proc WHERE proname = 'deployments_transition'`).Scan(&source); err != nil {
		t.Fatal(err)
	}
	for _, from := range statuses {
		for _, to := range statuses {
			inTrigger := strings.Contains(source, fmt.Sprintf("('%s', '%s')", from, to))
			if inTrigger != from.CanBecome(to) {
				t.Errorf("%s -> %s: trigger says %v, table says %v", from, to, inTrigger, from.CanBecome(to))
			}
		}
	}
}

func TestStateHasItsPlace(t *testing.T) {
	t.Parallel()
	for _, s := range statuses {
		if s.Active() && s.Terminal() {
			t.Errorf("%s cannot be both", s)
		}
		isFrom := slices.ContainsFunc(deployment.Transitions, func(tr struct {
			From deployment.Status
			To   []deployment.Status
		},
		) bool {
			return tr.From == s
		})
		if !isFrom && !s.Terminal() {
			t.Errorf("%s is a dead end", s)
		}
	}
}
