package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/quota"
)

// The table of variables in the operations guide is written from Variables;
// UPDATE=1 writes it again.
func TestOperationsGuideListsEveryVariable(t *testing.T) {
	t.Parallel()
	generated(t, "operations.md", "variables", variableTable())
}

// The table of quotas in the API guide is written from quota.All.
func TestAPIGuideListsEveryQuota(t *testing.T) {
	t.Parallel()
	table := "| what | limit |\n| --- | --- |\n"
	for _, q := range quota.All {
		table += fmt.Sprintf("| %s | %s |\n", q.What, q.Limit())
	}
	generated(t, "api.md", "quotas", table)
}

// generated holds what stands between two marks of a guide to be this.
func generated(t *testing.T, guide, mark, want string) {
	t.Helper()
	begin, end := "<!-- "+mark+":begin -->\n", "<!-- "+mark+":end -->"
	file := filepath.Join(root, "docs", guide)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	shown, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the %s", file, mark)
	}
	if shown != want {
		if os.Getenv("UPDATE") == "" {
			t.Fatalf("%s lists other %s than there are; UPDATE=1 go test ./internal/app writes them anew", file, mark)
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
