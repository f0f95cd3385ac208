package app_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func readRoot(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// directOf are the modules that a go.mod requires for itself.
func directOf(goMod string) (modules []string) {
	for _, found := range regexp.MustCompile(`(?m)^(?:require |\t)(\S+) v\S+$`).FindAllStringSubmatch(goMod, -1) {
		modules = append(modules, found[1])
	}
	return modules
}

// toolsOf are the modules of a go.mod's tools.
func toolsOf(goMod string) (modules []string) {
	for _, found := range regexp.MustCompile(`(?m)^tool (\S+)$`).FindAllStringSubmatch(goMod, -1) {
		module, _, _ := strings.Cut(found[1], "/cmd/")
		modules = append(modules, module)
	}
	return modules
}

// sectionsOf are the modules that the page lists below each heading, each with all columns filled.
func sectionsOf(t *testing.T, page string) map[string][]string {
	t.Helper()
	sections := map[string][]string{}
	for _, section := range strings.Split(page, "\n## ")[1:] {
		title, _, _ := strings.Cut(section, "\n")
		for line := range strings.Lines(section) {
			cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
			name := regexp.MustCompile("^ `(.+)` $").FindStringSubmatch(cells[0])
			if name == nil {
				continue
			}
			if len(cells) != 4 || slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) == "" }) {
				t.Errorf("%s: %q is not complete", title, line)
			}
			sections[title] = append(sections[title], name[1])
		}
	}
	return sections
}

// Whoever adds a dependency says why, and who keeps it.
func TestDependenciesAreExplained(t *testing.T) {
	t.Parallel()
	listed := sectionsOf(t, readRoot(t, "docs", "dependencies.md"))
	var playground struct {
		Dependencies, DevDependencies map[string]string
	}
	if err := json.Unmarshal([]byte(readRoot(t, "internal", "server", "playground", "package.json")), &playground); err != nil {
		t.Fatal(err)
	}
	main, binaries, tests := directOf(readRoot(t, "go.mod")), listed["In the binaries"], listed["In tests only"]
	for what, want := range map[string][]string{
		"In the witness": directOf(readRoot(t, "internal", "witness", "go.mod")),
		"Tools":          toolsOf(readRoot(t, "tools", "go.mod")),
		"In the playground": slices.Concat(
			slices.Collect(maps.Keys(playground.Dependencies)), slices.Collect(maps.Keys(playground.DevDependencies))),
		"In the binaries": slices.DeleteFunc(slices.Clone(main), func(m string) bool { return slices.Contains(tests, m) }),
		"In tests only":   slices.DeleteFunc(slices.Clone(main), func(m string) bool { return slices.Contains(binaries, m) }),
	} {
		got := slices.Sorted(slices.Values(listed[what]))
		if slices.Sort(want); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s: docs/dependencies.md lists %q, want %q", what, got, want)
		}
	}
	if tools := toolsOf(readRoot(t, "go.mod")); len(tools) != 1 || !slices.Contains(binaries, tools[0]) {
		t.Errorf("the tools %q are not all listed", tools)
	}
}
