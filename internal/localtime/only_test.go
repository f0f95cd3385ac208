package localtime_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What would be a second resolver of wall-clock readings, each with rules of its own:
// Go's, that of the machine's zones, and Postgres'.
var (
	otherCalls = []string{"LoadLocation", "LoadLocationFromTZData", "ParseInLocation"}
	otherSQL   = regexp.MustCompile(`(?i)\bat\s+time\s+zone\b|\btimezone\s*\(|\bmake_timestamptz\b`)
)

// There is one resolver in the whole system, and this package is it.
func TestNobodyElseResolves(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", ".golive", "node_modules", "localtime"}, entry.Name()):
			return filepath.SkipDir
		}
		var found []string
		switch filepath.Ext(path) {
		case ".go":
			files++
			found = inGo(t, path)
		case ".sql":
			files++
			found = inSQL(t, path)
		}
		for _, what := range found {
			t.Errorf("%s resolves local times by itself, or seems to: %s; use package localtime", path, what)
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Fatal(files, err)
	}
}

func inSQL(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return otherSQL.FindAllString(string(text), -1)
}

func inGo(t *testing.T, path string) (found []string) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if slices.ContainsFunc(otherCalls, func(name string) bool { return isTime(n, name) }) {
				found = append(found, "time."+n.Sel.Name)
			}
		case *ast.CallExpr:
			if isTime(n.Fun, "Date") && !isTime(n.Args[len(n.Args)-1], "UTC") {
				found = append(found, "time.Date in another zone than time.UTC")
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				found = append(found, otherSQL.FindAllString(n.Value, -1)...)
			}
		case *ast.ImportSpec:
			if strings.Trim(n.Path.Value, `"`) == "time/tzdata" {
				found = append(found, "time/tzdata")
			}
		}
		return true
	})
	return found
}

// isTime tells that e is name of package time.
func isTime(e ast.Expr, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "time"
}

// The search finds what it shall.
func TestTheSearchForOtherResolversFinds(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wrong.go")
	text := "package wrong\nimport (\n\"time\"\n_ \"time/tzdata\"\n)\nvar l, _ = time.LoadLocation(\"Europe/Berlin\")\n" +
		"var d = time.Date(2026, 12, 25, 9, 0, 0, 0, l)\nvar u = time.Date(2026, 12, 25, 9, 0, 0, 0, time.UTC)\n" +
		"var p, _ = time.ParseInLocation(\"\", \"\", l)\nconst q = `SELECT local_time at  time\nzone time_zone`\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if found := inGo(t, path); len(found) != 5 {
		t.Errorf("%q", found)
	}
}
