package web

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var isTest = regexp.MustCompile(`\.test\.tsx?$`)

// sources are what the page is built from, in the order that scripts/stamp.mjs hashes them.
func sources(t *testing.T) (all []string) {
	t.Helper()
	here := os.DirFS(".")
	for _, root := range []string{"index.html", "package-lock.json", "package.json", "public", "src", "tsconfig.json", "vite.config.ts"} {
		err := fs.WalkDir(here, root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && !isTest.MatchString(path) {
				all = append(all, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(all)
	return all
}

// Whoever has no Node still learns that somebody forgot to build the page.
func TestPageIsBuiltFromItsSources(t *testing.T) {
	t.Parallel()
	sum := sha256.New()
	for _, path := range sources(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sum.Write([]byte(path + "\x00"))
		sum.Write(data)
		sum.Write([]byte{0})
	}
	stamp, err := os.ReadFile("dist/BUILT_FROM")
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != strings.TrimSpace(string(stamp)) {
		t.Errorf("web/dist is older than its sources: run `make page` and commit what it writes.\nbuilt from %s, sources are %s", stamp, got)
	}
}
