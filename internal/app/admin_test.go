package app_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/pgtest"
)

// Callers of the API learn nothing of the others' load, nor what is in memory; a
// worker shows no memory to anybody.
func TestOnlyOperatorsSeeMetricsAndProfiles(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	api, worker := run(t, "api", map[string]string{"DATABASE_URL": url}), run(t, "worker", map[string]string{"DATABASE_URL": url})
	profiles := []string{"/debug/pprof/", "/debug/pprof/heap?debug=1", "/debug/pprof/cmdline", "/debug/pprof/trace?seconds=0.01", "/debug/pprof/symbol"}
	for _, path := range append(profiles, "/metrics", "/metrics/", "/debug/vars") {
		if code, body := api.get(t, path); code != http.StatusNotFound {
			t.Errorf("the API's %s: %d %.100s", path, code, body)
		}
	}
	for _, path := range profiles {
		if code, body := api.getAt(t, api.admin+path); (code != http.StatusOK) != strings.HasSuffix(path, "cmdline") {
			t.Errorf("the admin's %s: %d %.100s", path, code, body)
		}
		if code, body := worker.get(t, path); code != http.StatusNotFound {
			t.Errorf("the worker's %s: %d %.100s", path, code, body)
		}
	}
	for _, path := range []string{"/graphql", "/playground", "/"} {
		if code, _ := api.getAt(t, api.admin+path); code != http.StatusNotFound {
			t.Errorf("the admin's %s: %d", path, code)
		}
	}
}

// While the last requests end, operators still see what happens.
func TestAdminOutlastsTheLastRequest(t *testing.T) {
	t.Parallel()
	p := run(t, "api", map[string]string{"DATABASE_URL": pgtest.URL(t)})
	p.get(t, "/readyz")
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// It waits for a body, so it is in flight until that comes.
	if _, err := io.WriteString(c, "POST /graphql HTTP/1.1\r\nHost: golive\r\nContent-Type: application/json\r\nContent-Length: 22\r\nExpect: 100-continue\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer := bufio.NewReader(c)
	if line, err := answer.ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		t.Fatalf("%q, %v", line, err)
	}
	p.stop()
	for code := http.StatusOK; code == http.StatusOK; {
		code, _ = p.getAt(t, p.admin+"/readyz")
	}
	if text := p.metrics(t); !strings.Contains(text, "golive_pool_connections_max") {
		t.Error(text)
	}
	if _, err := io.WriteString(c, `{"query":"{__typename"`); err != nil {
		t.Fatal(err)
	}
	if err := <-p.err; err != nil {
		t.Error(err)
	}
	if _, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.admin, "http://")); err == nil {
		t.Error("the admin's address is still served")
	}
}

func TestDoctorTellsWhoReachesTheMetrics(t *testing.T) {
	t.Parallel()
	for addr, told := range map[string]bool{"": false, "localhost:9090": false, "[::1]:9090": false, ":9090": true, "10.0.0.1:9090": true} {
		found := false
		for f := range app.Examine(t.Context(), environment(t, map[string]string{
			"GOLIVE_ADMIN_ADDR": addr, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "GOLIVE_STRIPE_API_BASE": "http://127.0.0.1:1",
		})) {
			found = found || f.Subject == "addresses" && strings.Contains(f.Says, addr) && !f.Fix
		}
		if found != told {
			t.Errorf("%q: told is %v", addr, found)
		}
	}
}
