package e2e_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim"
)

// wantDocumentedRights holds all calls so far to the table of rights in
// docs/operations.md: who gives a restricted key those must need no others.
func wantDocumentedRights(t *testing.T, s *stack) {
	t.Helper()
	rights := documentedRights(t)
	calls, err := s.stripe.Sim.Requests(stripesim.RequestFilter{})
	if err != nil || len(calls) == 0 {
		t.Fatalf("%d calls, error %v", len(calls), err)
	}
	missing := map[string]bool{}
	for _, c := range calls {
		_, path, _ := strings.Cut(c.Endpoint, " ")
		enough := []string{"Write"}
		if c.Method == "GET" {
			enough = []string{"Read", "Write"}
		}
		if call := string(c.Mode) + " " + c.Endpoint; !slices.Contains(enough, rights[string(c.Mode)+" "+path]) && !missing[call] {
			missing[call] = true
			t.Errorf("docs/operations.md gives no key the right to %s", call)
		}
	}
}

// documentedRights maps "live /v1/prices" to Read, Write or None.
func documentedRights(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	rights := map[string]string{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || !strings.Contains(cells[4], "`/v1/") {
			continue
		}
		for _, path := range strings.Split(cells[4], ",") {
			path = strings.Trim(path, " `")
			rights["test "+path] = strings.TrimSpace(cells[2])
			rights["live "+path] = strings.TrimSpace(cells[3])
		}
	}
	return rights
}
