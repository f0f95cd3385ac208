package plan_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/golive-hq/golive/internal/plan"
)

// For each case of TestDiff, what turns its plan back once all of it was done;
// UPDATE=1 writes that anew. Where a case changes nothing, nothing is turned back.
func TestRestore(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		if name == "hands_off" {
			continue // Stripe refuses its step, for the lookup key is another one's
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			back := turnedBack(t, inputOf(t, archive))
			checkOrder(t, back)
			golden := filepath.Join("testdata", "restore", name+".txt")
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(golden, []byte(render(t, back)), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got := render(t, back); got != string(want) {
				t.Errorf("turned back by\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// turnedBack applies a plan and what turns it back, and returns the latter.
func turnedBack(t *testing.T, in plan.Input) plan.Plan {
	t.Helper()
	w := &world{dice: newDice(1), account: &liveAccount{live: in.Live, links: map[string]string{}}, test: in.Test}
	for test, liveID := range in.Known.Links {
		w.account.links[test.ID] = liveID
	}
	before := w.account.clone().live
	p := plan.Diff(in)
	touched := w.carryOut(t, p, w.inAnyOrder(p.Steps))
	if w.account.live == nil {
		return plan.Plan{}
	}
	back := w.restore(t, touched)
	w.asBefore(t, before, back)
	return back
}
