package mail_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/mail"
)

// The pages in docs/mail are what the mails look like; UPDATE=1 draws them again.
func TestPreviewsAreDrawn(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "docs", "mail")
	var index strings.Builder
	index.WriteString("# Emails\n\nWhat each kind of email looks like, drawn from the code by a test. Times are in the zone that was chosen, then in UTC.\n\n")
	index.WriteString("| kind | subject | text | page | calendar |\n| --- | --- | --- | --- | --- |\n")
	drawn := map[string]string{}
	for _, kind := range mail.Kinds {
		m := render(t, sample(kind))
		name := string(kind)
		drawn[name+".txt"] = "Subject: " + m.Subject + "\n\n" + m.Plain
		drawn[name+".html"] = m.HTML
		calendar := ""
		if m.Calendar != nil {
			drawn[name+".ics"] = strings.ReplaceAll(string(m.Calendar), "\r\n", "\n")
			calendar = fmt.Sprintf("[ics](%s.ics)", name)
		}
		fmt.Fprintf(&index, "| %s | %s | [text](%s.txt) | [HTML](%s.html) | %s |\n", name, m.Subject, name, name, calendar)
	}
	drawn["README.md"] = index.String()
	for name, want := range drawn {
		check(t, filepath.Join(dir, name), want)
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		if _, ok := drawn[file.Name()]; !ok {
			t.Errorf("%s shows a kind of mail that there is not", file.Name())
		}
	}
}

func check(t *testing.T, path, want string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s shows other mails than there are (%v); UPDATE=1 go test ./internal/mail draws them anew", path, err)
	}
}
