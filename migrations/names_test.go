package migrations_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/golive-hq/golive/migrations"
)

var (
	sqlComment = regexp.MustCompile(`--[^\n]*|/\*.*?\*/`)
	made       = regexp.MustCompile(`(?i)\bCREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)`)
)

// tablesMade are those of all migrations, River's among them.
func tablesMade(t *testing.T) (tables []string) {
	t.Helper()
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var sql strings.Builder
	for _, file := range files {
		text, err := migrations.FS.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sql.Write(text)
	}
	river, err := rivermigrate.New(riverpgxv5.New(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range river.AllVersions() {
		sql.WriteString(version.SQLUp)
	}
	for _, m := range made.FindAllStringSubmatch(sqlComment.ReplaceAllString(sql.String(), ""), -1) {
		tables = append(tables, m[1])
	}
	slices.Sort(tables)
	return slices.Compact(tables)
}

// goFiles are those that go into binaries, as paths below root.
func goFiles(t *testing.T, root string) (files []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		case path.Ext(file) == ".go" && !strings.HasSuffix(file, "_test.go"):
			files = append(files, file)
		}
		return nil
	})
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

// name is a table in SQL, "" for one that the SQL takes from somewhere else.
type name struct{ at, table string }

// unwritten stands in a text for what is no literal.
const unwritten = "\x00"

var (
	// The words after which SQL names a table.
	named = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE|USING|TABLE|TRUNCATE|LATERAL)\s+(?:ONLY\s+|IF\s+EXISTS\s+)?(?:public\.)?"?(\w+)`)
	// In this house SQL's words are capitals; people are told things in small letters.
	lists  = regexp.MustCompile(`\b(?:FROM|USING|TABLE|TRUNCATE)\s`)
	listed = regexp.MustCompile(`,\s*(?:ONLY\s+)?(?:public\.)?"?(\w+)`)
	hidden = regexp.MustCompile(`\b(?:FROM|JOIN|INTO|UPDATE|TABLE|TRUNCATE)\s+(?:` + unwritten + `|%|$)`)
)

func tablesIn(text string, known []string) (tables []string) {
	if hidden.MatchString(text) {
		tables = append(tables, "")
	}
	found := named.FindAllStringSubmatch(text, -1)
	if lists.MatchString(text) {
		found = append(found, listed.FindAllStringSubmatch(text, -1)...)
	}
	for _, m := range found {
		if table := strings.ToLower(m[1]); slices.Contains(known, table) && !slices.Contains(tables, table) {
			tables = append(tables, table)
		}
	}
	return tables
}

func TestTablesInSQL(t *testing.T) {
	t.Parallel()
	known := []string{"links", "products", "tenants"}
	for text, want := range map[string]string{
		"SELECT id FROM products p":                             "[products]",
		"select id from products":                               "[products]",
		"SELECT FROM x\n\t\tJOIN products p ON true":            "[products]",
		"INSERT INTO links (a) SELECT id FROM tenants":          "[links tenants]",
		"UPDATE ONLY links SET a = 1":                           "[links]",
		"DELETE FROM l USING public.links":                      "[links]",
		"LOCK TABLE products":                                   "[products]",
		"DROP TABLE IF EXISTS links":                            "[links]",
		"SELECT FROM x AS p, products, LATERAL unnest(p.links)": "[products]",
		`SELECT FROM "tenants"`:                                 "[tenants]",
		"SELECT FROM " + unwritten:                              "[]",
		"SELECT FROM %s":                                        "[]",
		"DELETE FROM ":                                          "[]",
		"SELECT links FROM x WHERE products.a":                  "nothing",
		"Nothing went live, products came from %s":              "nothing",
		"no links, products or tenants":                         "nothing",
	} {
		got := "nothing"
		if tables := tablesIn(text, known); len(tables) > 0 {
			got = fmt.Sprint(tables)
		}
		if got != want {
			t.Errorf("%q names %s; want %s", text, got, want)
		}
	}
}

// namesIn returns the tables that a file's string literals name, concatenations as
// one text.
func namesIn(t *testing.T, root, file string, known []string) (names []name) {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, path.Join(root, file), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		expr, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		text, between := textOf(expr)
		if text == unwritten {
			return true
		}
		at := fmt.Sprintf("%s:%d", file, files.Position(n.Pos()).Line)
		for _, table := range tablesIn(text, known) {
			names = append(names, name{at, table})
		}
		for _, other := range between { // such as a call, which may have texts of its own
			ast.Inspect(other, visit)
		}
		return false
	}
	ast.Inspect(parsed, visit)
	return names
}

// textOf returns the text of a literal or a concatenation, and what in it is no
// literal, for which the text has unwritten.
func textOf(expr ast.Expr) (text string, between []ast.Expr) {
	switch e := expr.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text, nil
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			x, inX := textOf(e.X)
			y, inY := textOf(e.Y)
			return x + y, append(inX, inY...)
		}
	}
	return unwritten, []ast.Expr{expr}
}
