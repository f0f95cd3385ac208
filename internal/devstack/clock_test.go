package devstack_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// moves finds what sets the clock of due times. Taking an offset away is no harm.
var moves = regexp.MustCompile(`(?i)(INSERT\s+INTO|UPDATE|MERGE\s+INTO|COPY)\s+clock\b`)

// In production nothing moves the clock by which go-lives are due: only this stack
// does, which takes no database of anybody else's, and which the API and the worker
// may not import.
func TestNothingElseMovesTheClock(t *testing.T) {
	t.Parallel()
	var found []string
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != ".", entry.Name() == "node_modules":
			return fs.SkipDir
		case strings.HasSuffix(path, "_test.go"), !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".sql"):
			return nil
		}
		source, err := fs.ReadFile(root, path)
		if moves.Match(source) {
			found = append(found, path)
		}
		return err
	})
	// The second is for tests, which no binary imports.
	if err != nil || !slices.Equal(found, []string{"internal/devstack/clock.go", "internal/domaintest/database.go"}) {
		t.Errorf("the clock is moved by %q, %v", found, err)
	}
}
