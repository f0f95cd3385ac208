package ledger_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/ledger"
)

func TestLinesAreRoundedOnceHalfUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unit     catalog.Decimal
		quantity int64
		want     int64
	}{
		{"1900", 3, 5700},
		{"0.5", 1, 1},
		{"0.4", 1, 0},
		{"1.25", 2, 3}, // 2.5, and not 2 × 1
		{"0.333333333333", 10_000, 3333},
		{"0", 10, 0},
		{"9999.9999", 10_000, 99_999_999},
	} {
		got, err := ledger.LineAmount(c.unit, c.quantity)
		if err != nil || got != c.want {
			t.Errorf("%d × %s is %d, %v; want %d", c.quantity, c.unit, got, err, c.want)
		}
	}
	for _, unit := range []catalog.Decimal{"", "x", "-1", "10000.0001", "99999999999999999999999"} {
		if got, err := ledger.LineAmount(unit, 10_000); err == nil {
			t.Errorf("10000 × %q is %d", unit, got)
		}
	}
}

func TestAmountsAreReadExactly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"10.00 usd": 1000, "10 usd": 1000, "10.5 usd": 1050, "0.01 eur": 1, "500 jpy": 500, "1.230 kwd": 1230} {
		amount, currency, _ := strings.Cut(text, " ")
		if got, err := ledger.ParseAmount(amount, currency); err != nil || got != want {
			t.Errorf("%s is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", ".", "1.", ".5", "-1", "+1", "1e3", "1,000", "1 000", "0", "0.00", "1.234", "0x1", "9999999999999", "١"} {
		if got, err := ledger.ParseAmount(text, "usd"); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
	if _, err := ledger.ParseAmount("1.0", "jpy"); err == nil {
		t.Error("yen with decimals")
	}
}

// A float loses cents. Neither this package nor the one that stores orders has one.
func TestNoFloats(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, file := range files {
		dir := filepath.Base(filepath.Dir(file))
		if dir != "ledger" && dir != "order" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		looked++
		for _, at := range floatsIn(t, file, nil) {
			t.Errorf("%s: a float", at)
		}
	}
	if looked < 8 {
		t.Errorf("only %d files", looked)
	}
	for _, bad := range []string{"var x float64", "const x = 1.5", "var x = float32(1)", "func f() { _ = 1e3 }"} {
		if len(floatsIn(t, "bad.go", "package bad\n"+bad)) == 0 {
			t.Errorf("nothing is said of %s", bad)
		}
	}
}

func floatsIn(t *testing.T, file string, source any) (found []string) {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if n.Name == "float64" || n.Name == "float32" || n.Name == "ParseFloat" {
				found = append(found, files.Position(n.Pos()).String())
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT {
				found = append(found, files.Position(n.Pos()).String())
			}
		}
		return true
	})
	return found
}
