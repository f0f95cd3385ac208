package web

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"
)

// A package that asks for another by tag ("latest") breaks npm ci on the day that the
// tag moves, because the lock file no longer matches: overrides give it a version.
func TestNoTagIsLeftToItsOwner(t *testing.T) {
	t.Parallel()
	var manifest struct{ Overrides map[string]string }
	var lock struct {
		Packages map[string]struct{ Dependencies map[string]string }
	}
	readJSON(t, "package.json", &manifest)
	readJSON(t, "package-lock.json", &lock)
	for path, p := range lock.Packages {
		for name, wanted := range p.Dependencies {
			if tag.MatchString(wanted) && manifest.Overrides[name] == "" {
				t.Errorf("%s wants %s@%s: give it a version in package.json's overrides", path, name, wanted)
			}
		}
	}
	if len(lock.Packages) < 100 {
		t.Errorf("%d packages are no lock file", len(lock.Packages))
	}
}

var tag = regexp.MustCompile(`^[a-wyz][a-z-]*$`)

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
