package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const house = "github.com/golive-hq/golive/internal/"

var (
	// forDevelopers is what golive dev brings: in production it would be a way to answer for
	// Stripe, to swallow mail, and to start a database.
	forDevelopers = []string{house + "devstack", house + "oidcsim", house + "pgembed", house + "smtpsim", house + "stripesim"}
	// forTests belongs into no binary at all.
	forTests = []string{"testing", "net/http/httptest", house + "bench", house + "domaintest", house + "pgtest", house + "stripesim/simtest"}
)

// goTool runs the go command in the project's root.
func goTool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = filepath.Join("..", "..")
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, complaints.String())
	}
	return string(out)
}

// packagesOf are those that the three commands are made of, in a build with that tag.
func packagesOf(t *testing.T, tag string) []string {
	t.Helper()
	return strings.Fields(goTool(t, "list", "-deps", "-tags", tag, "./cmd/..."))
}

// symbolsOf are a binary's functions and variables by package.
func symbolsOf(t *testing.T, binary string) map[string]int {
	t.Helper()
	found := map[string]int{}
	symbol := regexp.MustCompile(`^([\w./\-]*?[^./]+)\.[^/]*$`)
	for line := range strings.Lines(goTool(t, "tool", "nm", binary)) {
		fields := strings.Fields(line)
		name := symbol.FindStringSubmatch(fields[len(fields)-1])
		if name != nil {
			found[name[1]]++
		}
	}
	return found
}

// What is for development is in no binary of a release, neither as a package nor as a
// function; and in the one that developers build it is, or this test would see nothing.
func TestProductionHoldsNothingForDevelopment(t *testing.T) {
	t.Parallel()
	plain, production := packagesOf(t, ""), packagesOf(t, "production")
	dir := t.TempDir()
	// Without what debuggers read, which takes the most time to link.
	goTool(t, "build", "-ldflags=-w", "-o", filepath.Join(dir, "plain")+"/", "./cmd/golive")
	goTool(t, "build", "-ldflags=-w", "-tags", "production", "-o", filepath.Join(dir, "production")+"/", "./cmd/...")
	tool := symbolsOf(t, filepath.Join(dir, "plain", "golive"))
	for _, name := range forDevelopers {
		if !slices.Contains(plain, name) || tool[name] == 0 {
			t.Errorf("developers' golive lacks %s, with %d symbols", name, tool[name])
		}
	}
	unwanted := slices.Concat(forDevelopers, forTests)
	for _, name := range unwanted {
		if slices.Contains(production, name) {
			t.Errorf("a production build is made of %s", name)
		}
	}
	for _, binary := range []string{"api", "worker", "golive"} {
		path := filepath.Join(dir, "production", binary)
		symbols := symbolsOf(t, path)
		if symbols[house+"app"] == 0 {
			t.Fatalf("no symbol of %s was read", binary)
		}
		for _, name := range unwanted {
			if symbols[name] > 0 {
				t.Errorf("%s has %d symbols of %s", binary, symbols[name], name)
			}
		}
		if !strings.Contains(goTool(t, "version", "-m", path), "-tags=production") {
			t.Errorf("%s does not say how it was built", binary)
		}
	}
}

// Of the three binaries, the API and the worker hold none of it in any build.
func TestServicesHoldNothingForDevelopment(t *testing.T) {
	t.Parallel()
	services := strings.Fields(goTool(t, "list", "-deps", "./cmd/api", "./cmd/worker"))
	for _, name := range slices.Concat(forDevelopers, forTests) {
		if slices.Contains(services, name) {
			t.Errorf("the services are made of %s", name)
		}
	}
}

func TestReleasesAreBuiltForProduction(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{"Dockerfile": "go build -tags production ", "Makefile": `go build -tags "$(TAGS)" `} {
		text, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("%s builds otherwise than by %q", file, want)
		}
	}
}
