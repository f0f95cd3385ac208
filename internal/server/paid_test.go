package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// Whoever has paid is nobody to Golive: the page shows without a session, and tells nothing
// of anybody.
func TestPaidIsForEverybody(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, path := range []string{"/paid", "/paid?session_id=cs_test_1"} {
		status, header, body := s.send(t, http.MethodGet, path, "", nil, map[string]string{"Accept": "text/html"})
		if status != http.StatusOK || header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(string(body), "<h1>Thank you</h1>") {
			t.Errorf("%s: %d %v\n%s", path, status, header, body)
		}
		if strings.Contains(string(body), "cs_test_1") || !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s shows what it was given, or lets more than itself load: %v\n%s", path, header, body)
		}
	}
}
