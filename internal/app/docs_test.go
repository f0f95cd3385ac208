package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/app"
)

// The table of variables in the operations guide is written from Variables;
// UPDATE=1 writes it again.
func TestOperationsGuideListsEveryVariable(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- variables:begin -->\n", "<!-- variables:end -->"
	file := filepath.Join(root, "docs", "operations.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	shown, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the variables", file)
	}
	if want := variableTable(); shown != want {
		if os.Getenv("UPDATE") == "" {
			t.Fatalf("%s lists other variables than there are; UPDATE=1 go test ./internal/app writes them anew", file)
		}
		if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func variableTable() string {
	var b strings.Builder
	b.WriteString("| variable | default | by file | meaning |\n| --- | --- | --- | --- |\n")
	for _, v := range app.Variables {
		fallback, byFile := "", ""
		switch {
		case v.Required:
			fallback = "**required**"
		case v.Default != "":
			fallback = "`" + v.Default + "`"
		}
		if v.Secret {
			byFile = "`" + v.FileName() + "`"
		}
		meaning := strings.ReplaceAll(v.Meaning, "|", `\|`)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", v.Name, fallback, byFile, meaning)
	}
	return b.String()
}
