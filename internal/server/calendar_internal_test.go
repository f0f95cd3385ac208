package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/tenant"
)

func TestCalendarsAreReadByFewAtOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if err := audit.LeaveUnchained(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	tenants := &tenant.Service{DB: pool}
	if _, err := tenants.CreateTenant(t.Context(), "acme", "Acme", ""); err != nil {
		t.Fatal(err)
	}
	secret, err := tenants.CreateFeed(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	full := calendars{
		tenants: tenants, places: make(chan struct{}), guesses: newGuesses(1), unavailable: func(err error) error { return err },
		within: func(ctx context.Context, do func(context.Context) error) error { return do(ctx) },
	}
	ask := func(secret string) *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/calendar/x.ics", nil)
		r.SetPathValue("file", secret+".ics")
		full.ServeHTTP(w, r)
		return w
	}
	if w := ask(secret); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	// A guess takes no place, so it learns that it is none.
	if w := ask("glc_GUESS"); w.Code != http.StatusNotFound {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
