package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestCalendarsAreReadByFewAtOnce(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	full := calendars{places: make(chan struct{})}
	full.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/calendar/x.ics", nil))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
