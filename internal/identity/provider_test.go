package identity_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/identity"
)

// asking is an identity service whose issuer answers like that, and how often it was asked.
func asking(t *testing.T, answer http.HandlerFunc) (people *identity.Service, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		answer(w, r)
	}))
	t.Cleanup(web.Close)
	return identity.New(identity.Deps{Issuer: identity.Issuer{URL: web.URL, Name: "The issuer", ClientID: "golive"}}), asked
}

func wantAway(t *testing.T, err error) {
	t.Helper()
	var refusal *identity.RefusedError
	if !errors.As(err, &refusal) || refusal.Reason != "issuer_away" {
		t.Errorf("%v", err)
	}
}

// Strangers can't have us ask an issuer that is away again and again.
func TestAnIssuerThatIsAwayIsAskedNowAndThen(t *testing.T) {
	t.Parallel()
	people, asked := asking(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	for range 20 {
		_, err := people.Begin(t.Context(), "", false)
		wantAway(t, err)
	}
	if n := asked.Load(); n > 2 { // should three seconds have passed meanwhile
		t.Errorf("it was asked %d times", n)
	}
}

// Whoever has gone away by then doesn't wait for an issuer that hangs.
func TestNobodyWaitsForAnIssuerInVain(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}, 1), make(chan struct{})
	people, _ := asking(t, func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	})
	first := make(chan error, 1)
	go func() {
		_, err := people.Begin(t.Context(), "", false)
		first <- err
	}()
	domaintest.Receive(t, arrived, "a question to the issuer")
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, err := people.Begin(gone, "", false)
	wantAway(t, err)
	if len(first) > 0 {
		t.Error("whoever had left waited until the issuer was given up")
	}
	close(release)
	wantAway(t, domaintest.Receive(t, first, "the first one's answer"))
}
