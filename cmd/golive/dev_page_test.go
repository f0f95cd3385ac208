package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/golive-hq/golive/internal/pgtest"
)

// What people do with the page, in Chromium, against all that golive dev runs: web/e2e says
// it step by step. Whatever the browser complains of on the way fails it, too. It isn't
// parallel, because a browser beside this package's other stacks would hardly get on.
//
//nolint:paralleltest // see above
func TestPageInABrowser(t *testing.T) {
	folder := filepath.Join("..", "..", "web")
	noticeJourneys(t, folder)
	database := "DATABASE_URL=" + pgtest.URL(t)
	s := startStack(t, dataDir(t), database)
	// A business that has nothing yet, for a first visit.
	for _, args := range [][]string{
		{"tenant", "create", "quay", "--name", "Quay Street Books"},
		{"token", "create", "--tenant", "quay", "--email", "dan@golive.localhost", "--role", "admin"},
	} {
		golive(t, []string{database}, args...).line(t)
	}
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("node_modules", "@playwright", "test", "cli.js"), "test", "--project=page")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOLIVE_URL="+s.url, "GOLIVE_STRIPE="+s.stripe, "CI=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// noticeJourneys looks at what is run, so that Go, which keeps the results of tests, runs it
// again when it has changed.
func noticeJourneys(t *testing.T, web string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(web, "e2e"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"playwright.config.ts", "package-lock.json", "documents.json"} {
		if _, err := os.Stat(filepath.Join(web, file)); err != nil {
			t.Fatal(err)
		}
	}
}
