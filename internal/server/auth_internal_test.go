package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/tenant"
)

// A flood of wrong tokens leaves the door to others.
func TestWrongTokensAreLookedForByFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var inside atomic.Int64
		release := make(chan struct{})
		b := bearer{guesses: newGuesses(strangersAtOnce), authenticate: func(_ context.Context, token string) (tenant.Actor, error) {
			inside.Add(1)
			<-release
			if token == "glt_ada" {
				return tenant.Actor{Email: "ada@acme.example"}, nil
			}
			return tenant.Actor{}, fault.New(fault.Unauthenticated, "no")
		}}
		here := logid.WithRemote(t.Context(), "203.0.113.7")
		var flood sync.WaitGroup
		for range 100 {
			flood.Go(func() { _, _ = b.identified("Bearer glt_wrong")(here) })
		}
		synctest.Wait()
		if got := inside.Load(); got != guessesAtOnce+strangersAtOnce {
			t.Errorf("%d wrong tokens are looked for at once", got)
		}
		close(release)
		flood.Wait()
		if actor, err := b.identified("Bearer glt_ada")(here); err != nil || actor.Email == "" {
			t.Errorf("a good one at the same address: %v", err)
		}
		if _, err := b.identified("Bearer glt_wrong")(here); fault.CodeOf(err) != fault.Unauthenticated {
			t.Errorf("a wrong one: %v", err)
		}
	})
}

// So does a flood of wrong cookies.
func TestWrongSessionsAreLookedForByFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var inside atomic.Int64
		release := make(chan struct{})
		b := bearer{guesses: newGuesses(strangersAtOnce), session: func(*http.Request) whois {
			return func(context.Context) (tenant.Actor, error) {
				inside.Add(1)
				<-release
				return tenant.Actor{}, tenant.SessionEnded()
			}
		}}
		here := logid.WithRemote(t.Context(), "203.0.113.7")
		var flood sync.WaitGroup
		for range 100 {
			flood.Go(func() {
				_, _ = b.shown(httptest.NewRequestWithContext(here, http.MethodGet, "/graphql", nil))(here)
			})
		}
		synctest.Wait()
		if got := inside.Load(); got != guessesAtOnce+strangersAtOnce {
			t.Errorf("%d wrong cookies are looked for at once", got)
		}
		close(release)
		flood.Wait()
	})
}

// A browser that opens a page sends no token: whatever tells who somebody is will do.
func TestPagesAreShownByAnyCredential(t *testing.T) {
	t.Parallel()
	page := shownTo(false, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }), graphqlRefusal)
	for name, c := range map[string]struct {
		ctx  context.Context
		want int
	}{
		"nobody":    {t.Context(), http.StatusUnauthorized},
		"a token":   {tenant.WithActor(t.Context(), tenant.Actor{Email: "ada@acme.example", Principal: "token/1"}), http.StatusOK},
		"a session": {tenant.WithActor(t.Context(), tenant.Actor{Email: "ada@acme.example", Principal: "session/1"}), http.StatusOK},
	} {
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequestWithContext(c.ctx, http.MethodGet, "/playground", nil))
		if w.Code != c.want {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}
