package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// house is the house's own code, by path from its root: no tests, nothing generated.
func house(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (path == ".git" || path == ".golive" || path == "graph/generated"):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := fs.ReadFile(root, path)
		files[path] = string(text)
		return err
	})
	if err != nil || len(files) < 300 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

// filesWith returns the files in which a pattern stands.
func filesWith(files map[string]string, pattern string) []string {
	var found []string
	for path, text := range files {
		if regexp.MustCompile(pattern).MatchString(text) {
			found = append(found, path)
		}
	}
	slices.Sort(found)
	return found
}

// What a deployment is, people's news of it and the jobs that work on it change in one
// file each, so that none of them changes without the others.
func TestHouseHasOneWriter(t *testing.T) {
	t.Parallel()
	files := house(t)
	maps.DeleteFunc(files, func(path, _ string) bool {
		// These come as a person with psql does.
		return strings.HasPrefix(path, "internal/bench/") || strings.HasPrefix(path, "internal/domaintest/")
	})
	for pattern, want := range map[string][]string{
		`(?i)\b(UPDATE|INSERT\s+INTO)\s+deployments\b`:              {"internal/deployment/row.go"},
		`(?i)\bINSERT\s+INTO\s+deployment_events\b`:                 {"internal/deployment/row.go"},
		`\.Insert(Many)?(Tx|Fast|FastTx)?\([^)]*(params|jobs|Args)`: {"internal/deployment/row.go", "internal/importing/dispatch.go", "internal/order/tend.go", "internal/outbox/sweep.go", "internal/payout/look.go"},
		`\bupdate\{`: {"internal/deployment/row.go", "internal/deployment/row_fields.go", "internal/deployment/row_owner.go"},
	} {
		if got := filesWith(files, pattern); !slices.Equal(got, want) {
			t.Errorf("%s stands in %v, want %v", pattern, got, want)
		}
	}
}

// The heart knows who may act only as columns of its row; how long somebody may, and what
// goes over which wire, is the business of others.
func TestHouseKeepsTheHeartApart(t *testing.T) {
	t.Parallel()
	files := house(t)
	for path := range files {
		if !strings.HasPrefix(path, "internal/deployment/") {
			delete(files, path)
		}
	}
	for _, path := range filesWith(files, `(?i)\bleases?(_|\b)`) {
		if !strings.HasPrefix(path, "internal/deployment/row_") && path != "internal/deployment/row.go" {
			t.Errorf("%s speaks of leases", path)
		}
	}
	for pattern, why := range map[string]string{`(?i)smtp`: "SMTP", `"net/http"|\bHTTP\b`: "HTTP", `golive/internal/mail"`: "mail"} {
		if found := filesWith(files, pattern); len(found) > 0 {
			t.Errorf("%v know %s", found, why)
		}
	}
}

// Faces act for people: what asks for no actor is for workers and for rooms that have
// asked for one.
func TestHouseShowsFacesNothingUnasked(t *testing.T) {
	t.Parallel()
	files := house(t)
	maps.DeleteFunc(files, func(path, _ string) bool {
		face := strings.HasPrefix(path, "graph/") || strings.HasPrefix(path, "internal/server/")
		return !face
	})
	for _, name := range []string{
		`deployment\.(ByID|ReviewOf|TestSnapshot|Known|Those|Appointments|EventsAfter|Seen|Own|Advance|Tell)\(`,
		`journal\.(Read|Touched|Shown)\(`, `eployments\.(Examine|ExamineRollback|Account|Redispatch)\(`,
		`product\.(Names|ForDeployment|Links)\(`, `importing\.NewestOf\(`, `tenant\.(Load|RoleNow|Responsible)\(`, `audit\.(Last|Record)\(`,
	} {
		if found := filesWith(files, name); len(found) > 0 {
			t.Errorf("%v use %s, which asks for no actor", found, name)
		}
	}
}

// A renaming by search and replace goes through the texts, too.
func TestHouseTellsPeopleNoNamesOfCode(t *testing.T) {
	t.Parallel()
	names := regexp.MustCompile(`\b(deployment|outbox|connection|runner|seal|tenant|product|progress|letter)\.[A-Z]`)
	for path, text := range house(t) {
		ast.Inspect(parse(t, path, text), func(n ast.Node) bool {
			if s, ok := n.(*ast.BasicLit); ok && s.Kind == token.STRING && names.MatchString(s.Value) && !strings.Contains(s.Value, "all of Deps") {
				t.Errorf("%s says %s", path, s.Value)
			}
			return true
		})
	}
}

func TestHouseRunsTheEngineInOneRoom(t *testing.T) {
	t.Parallel()
	for path, text := range house(t) {
		file := parse(t, path, text)
		if strings.HasPrefix(path, "internal/engine/") || strings.HasPrefix(path, "internal/runner/") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Run" {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "engine" {
					t.Errorf("%s runs the engine", path)
				}
			}
			return true
		})
	}
}

// A type with more methods is several; a room with more lines wants a wall.
func TestHouseStaysSmall(t *testing.T) {
	t.Parallel()
	const mostMethods = 40
	mostLines := map[string]int{"internal/deployment": 4000, "internal/runner": 2500, "internal/outbox": 1500}
	methods, lines := map[string]int{}, map[string]int{}
	for path, text := range house(t) {
		room := filepath.ToSlash(filepath.Dir(path))
		lines[room] += strings.Count(text, "\n")
		for _, d := range parse(t, path, text).Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
				methods[room+"."+receiver(f)]++
			}
		}
	}
	for name, n := range methods {
		if n > mostMethods {
			t.Errorf("%s has %d methods", name, n)
		}
	}
	for room, most := range mostLines {
		if lines[room] == 0 || lines[room] > most {
			t.Errorf("%s has %d lines, at most %d", room, lines[room], most)
		}
	}
}

func parse(t *testing.T, path, text string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func receiver(f *ast.FuncDecl) string {
	is := f.Recv.List[0].Type
	if p, ok := is.(*ast.StarExpr); ok {
		is = p.X
	}
	if g, ok := is.(*ast.IndexExpr); ok {
		is = g.X
	}
	if name, ok := is.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}
