package plan_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/golive-hq/golive/internal/plan"
)

// What people agreed to before an upgrade is still the same after it: the hashes of
// version 1, of each case of TestDiff and of what turns it back.
func TestHashOfVersion1NeverChanges(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var got strings.Builder
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		got.WriteString(name + " " + plan.Diff(inputOf(t, archive)).Hash)
		if name != "hands_off" { // see TestRestore
			got.WriteString(" " + turnedBack(t, inputOf(t, archive)).Hash)
		}
		got.WriteString("\n")
	}
	want, err := os.ReadFile("testdata/hashes_v1.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("hashes are\n%s\nwant\n%s", got.String(), want)
	}
}
