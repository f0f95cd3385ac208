package server_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/server"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	s := start(t, inDevelopment)
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/":                         {404, "API is at /graphql"},
		"/favicon.svg":              {200, "<svg"},
		"/playground":               {200, `<div id="root">`},
		"/playground/playground.js": {200, "deploymentProgress"},
		"/playground/LICENSES.txt":  {200, "MIT"},
		"/healthz":                  {200, "ok"},
		"/readyz":                   {200, "ok"},
		"/metrics":                  {404, ""},
		"/nothing":                  {404, "/"},
		"/assets/nothing":           {404, "another version"},
		"/playground/nothing":       {404, ""},
	} {
		status, header, body := s.send(t, http.MethodGet, path, "", nil, nil)
		if status != want.status || !strings.Contains(string(body), want.text) {
			t.Errorf("%s: %d %.200s", path, status, body)
		}
		for name, value := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"} {
			if header.Get(name) != value {
				t.Errorf("%s: %s is %q", path, name, header.Get(name))
			}
		}
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "http") || strings.Contains(policy, "unsafe") ||
			!strings.Contains(policy, "frame-ancestors 'none'") || header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: policy %q", path, policy)
		}
	}
}

func TestReadyzKeepsItsReasons(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *server.Config) {
		c.Ready = func(context.Context) error { return errors.New("schema version 3, want 5") }
	})
	status, _, body := s.send(t, http.MethodGet, "/readyz", "", nil, nil)
	if status != http.StatusServiceUnavailable || strings.Contains(string(body), "schema") {
		t.Errorf("%d %s", status, body)
	}
	if !strings.Contains(s.logs.String(), "schema version 3") {
		t.Error("the log does not say why")
	}
	if status, _, _ := s.send(t, http.MethodGet, "/healthz", "", nil, nil); status != http.StatusOK {
		t.Errorf("healthz: %d", status)
	}
}

// Pages work offline: nothing in them is fetched from another place.
func TestPagesLoadNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	s := start(t, inDevelopment)
	elsewhere := regexp.MustCompile(`(?i)(src|href)=["']?(https?:)?//|@import\s+["']?(url\()?["']?https?:|url\(["']?https?:`)
	for _, path := range []string{"/playground", "/playground/playground.css"} {
		_, _, body := s.send(t, http.MethodGet, path, "", nil, nil)
		if found := elsewhere.Find(body); found != nil {
			t.Errorf("%s loads %s", path, found)
		}
	}
}
