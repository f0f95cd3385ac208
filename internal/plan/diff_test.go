package plan_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/golive-hq/golive/internal/plan"
)

// Each file holds an input and the plan that follows from it; UPDATE=1 writes
// the plans anew, for a person to read before they are committed.
func TestDiff(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			made := plan.Diff(inputOf(t, archive))
			got := render(t, made)
			if os.Getenv("UPDATE") != "" {
				writeGolden(t, file, archive, got)
				return
			}
			if want := section(archive, "plan"); got != want {
				t.Errorf("plan is\n%s\nwant\n%s", got, want)
			}
			checkOrder(t, made)
			checkSteps(t, made)
		})
	}
}
