package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// Whoever searches the log for a deployment finds why its job failed.
func TestWorkerLogsWhyAJobFailed(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	p := run(t, "worker", map[string]string{"DATABASE_URL": url})
	pool, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	jobs, err := river.NewClient(riverpgxv5.New(pool), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	// The database refuses an id that is none.
	if _, err := jobs.Insert(t.Context(), deployment.RunArgs{DeploymentID: "no-uuid", Dispatch: 1}, nil); err != nil {
		t.Fatal(err)
	}
	for !tells(p.log.String(), "level=ERROR", "deployment_id=no-uuid", "attempt=1", "uuid") {
		select {
		case <-t.Context().Done():
			t.Fatalf("not told: %s", p.log.String())
		case err := <-p.err:
			t.Fatalf("the process ended: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// tells reports whether one line of a log has all parts.
func tells(log string, parts ...string) bool {
	for line := range strings.Lines(log) {
		missing := len(parts)
		for _, part := range parts {
			if strings.Contains(line, part) {
				missing--
			}
		}
		if missing == 0 {
			return true
		}
	}
	return false
}
