package server

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/seal/sealtest"
	"github.com/golive-hq/golive/internal/tenant"
)

// Whoever guesses and goes away before the answer has guessed all the same.
func TestGuessesOfWhoGoesAwayCount(t *testing.T) {
	t.Parallel()
	g, here := newGuesses(1), logid.WithRemote(t.Context(), "203.0.113.7")
	for range guessesAtOnce {
		ctx, leave := context.WithCancel(here)
		_, err := g.look(ctx, fault.NotFound, func(ctx context.Context) error { leave(); return ctx.Err() })
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if g.take(network(here)) == 0 {
		t.Error("there are guesses left")
	}
}

// A delivery that nobody waits for any more is no fault of ours.
func TestADeliveryThatIsLeftIsNotLogged(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	h := newHooks(Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	h.found.add("x", inbox.Hook{}, time.Time{})
	for range storedAtOnce {
		h.stored.take(t.Context())
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	_, result, err := h.find(ctx, "x")
	if result != hookGone || err != nil {
		t.Errorf("%s, %v", result, err)
	}
}

// More than 1,000 at once of one endpoint are too many, and no other one's trouble.
func TestAnEndpointHasALimit(t *testing.T) {
	t.Parallel()
	pool, paths := hookPaths(t)
	h, now := newHooks(Config{Log: slog.New(slog.DiscardHandler), API: graph.Deps{Inbox: &inbox.Service{Deps: inbox.Deps{DB: pool}}}}), time.Now()
	h.known.now = func() time.Time { return now }
	results := map[inbox.Result]int{}
	for range hooksAtOnce + 5 {
		_, result, err := h.find(t.Context(), paths[catalog.Test])
		if err != nil {
			t.Fatal(err)
		}
		results[result]++
	}
	if results[""] != hooksAtOnce || results[hookLimited] != 5 {
		t.Errorf("%v", results)
	}
	if _, result, err := h.find(t.Context(), paths[catalog.Live]); result != "" || err != nil {
		t.Errorf("another endpoint is refused, too: %s, %v", result, err)
	}
	now = now.Add(hooksEvery)
	if _, result, err := h.find(t.Context(), paths[catalog.Test]); result != "" || err != nil {
		t.Errorf("after a while: %s, %v", result, err)
	}
}

// hookPaths are those of an account's two endpoints, in a database of its own.
func hookPaths(t *testing.T) (*pgxpool.Pool, map[catalog.Mode]string) {
	t.Helper()
	pool := pgtest.New(t)
	if err := audit.LeaveUnchained(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	if _, err := (&tenant.Service{DB: pool}).CreateTenant(t.Context(), "acme", "Acme", ""); err != nil {
		t.Fatal(err)
	}
	paths := map[catalog.Mode]string{catalog.Test: strings.Repeat("t", 43), catalog.Live: strings.Repeat("l", 43)}
	for mode, path := range paths {
		hash := sha256.Sum256([]byte(path))
		exec(t, pool, `INSERT INTO payments_modules (tenant_id, livemode, account_id, path_hash) SELECT id, $1, 'acct_1', $2 FROM tenants`, mode == catalog.Live, hash[:])
	}
	return pool, paths
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string, arguments ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql, arguments...); err != nil {
		t.Fatal(err)
	}
}

// What an endpoint was found to be is believed for a second and no longer, and its secret only
// where it has signed.
func TestEndpointsAreRemembered(t *testing.T) {
	t.Parallel()
	pool, paths := hookPaths(t)
	_, keys := sealtest.Keys(t)
	h := newHooks(Config{Log: slog.New(slog.DiscardHandler), API: graph.Deps{Inbox: &inbox.Service{Deps: inbox.Deps{DB: pool, Keys: keys}}}})
	path := paths[catalog.Live]
	find := func(want inbox.Result) inbox.Hook {
		t.Helper()
		hook, result, err := h.find(t.Context(), path)
		if result != want || err != nil {
			t.Errorf("%q, %v; want %q", result, err, want)
		}
		return hook
	}
	hook := find("")
	body := []byte(`{"id": "evt_1", "object": "event", "type": "golive.tried", "created": 1, "livemode": true}`)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
	r.SetPathValue("path", path)
	at := time.Now().Unix()
	mac := hmac.New(sha256.New, []byte("whsec_new"))
	_, _ = fmt.Fprintf(mac, "%d.%s", at, body) // a hash takes everything
	r.Header.Set("Stripe-Signature", fmt.Sprintf("t=%d,v1=%x", at, mac.Sum(nil)))
	sealed, err := keys.Seal("whsec_new", seal.Slot{TenantID: hook.TenantID, Column: "webhook_secrets.sealed.LIVE", Version: 1})
	if err != nil {
		t.Fatal(err)
	}
	exec(t, pool, `INSERT INTO webhook_secrets (tenant_id, livemode, number, sealed, seal_version) VALUES ($1, true, 1, $2, 1)`, hook.TenantID, sealed)
	if result, err := h.take(t.Context(), hook, httptest.NewRecorder(), r); !result.Accepted() || err != nil {
		t.Errorf("signed with a secret of this second: %s, %v", result, err)
	}
	exec(t, pool, `UPDATE payments_modules SET path_hash = NULL`)
	h.found.add(path, hook, time.Now())
	find("")
	h.found.add(path, hook, time.Now().Add(-hookFresh))
	find(hookUnknown)
	if _, known := h.found.get(path); known {
		t.Error("an endpoint that is gone is still remembered")
	}
}

// Who waited for a place takes what others have found meanwhile, and asks no database.
func TestAnEndpointIsLookedUpOnceForAllWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHooks(Config{Log: slog.New(slog.DiscardHandler)})
		for range storedAtOnce {
			h.stored.take(t.Context())
		}
		found := make(chan string, 1)
		go func() {
			hook, err := h.lookAnew(t.Context(), "known")
			found <- fmt.Sprint(hook.TenantID, err)
		}()
		synctest.Wait()
		<-time.After(time.Second)
		h.found.add("known", inbox.Hook{TenantID: "acme"}, time.Now())
		h.stored.leave()
		if got := <-found; got != "acme<nil>" {
			t.Errorf("found %s", got)
		}
	})
}

// unread fails a test that reads a body.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body is read")
	return 0, io.EOF
}

// What can't be Stripe's, or is too large, costs no memory; nor does what comes while too many
// bodies are read.
func TestBodiesThatAreNotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHooks(Config{Log: slog.New(slog.DiscardHandler)})
		signed := "t=1,v1=" + strings.Repeat("ab", 32)
		take := func(header string, length int64, want inbox.Result) {
			t.Helper()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", unread{t})
			r.ContentLength = length
			r.Header.Set("Stripe-Signature", header)
			ctx, stop := context.WithTimeout(t.Context(), time.Second)
			defer stop()
			if result, err := h.take(ctx, inbox.Hook{}, httptest.NewRecorder(), r); result != want || err != nil {
				t.Errorf("%s, %v; want %s", result, err, want)
			}
		}
		take("", 10, inbox.Forged)
		take("t=1,v1=no", 10, inbox.Forged)
		take(signed, mostHook+1, hookTooLarge)
		for range bodiesAtOnce {
			h.bodies.take(t.Context())
		}
		take(signed, 10, hookUnavailable)
	})
}

// Where somebody guesses from the same address, or behind the same proxy, known endpoints get
// what is theirs at once, however many deliveries there are.
func TestKnownPathsDoNotQueueBehindGuesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHooks(Config{Log: slog.New(slog.DiscardHandler)})
		here := logid.WithRemote(t.Context(), "203.0.113.7")
		for h.strange.take(network(here)) == 0 {
		}
		h.strange.line <- struct{}{} // someone is being looked up
		for range storedAtOnce {
			h.stored.take(t.Context())
		}
		ctx, stop := context.WithTimeout(here, time.Second)
		defer stop()
		if _, err := h.look(ctx, "unknown", &inbox.Hook{}); fault.CodeOf(err) != fault.RateLimited {
			t.Errorf("an unknown path: %v", err)
		}
		h.found.add("known", inbox.Hook{}, time.Time{})
		ctx, stop = context.WithTimeout(here, time.Second)
		defer stop()
		// It waits for a place, not in that line.
		if _, err := h.look(ctx, "known", &inbox.Hook{}); fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("a known path: %v", err)
		}
		for range mostPaths + 10 {
			h.found.add(time.Now().Add(time.Duration(len(h.found.byHash))).String(), inbox.Hook{}, time.Time{})
		}
		if len(h.found.byHash) > mostPaths {
			t.Errorf("%d paths are remembered", len(h.found.byHash))
		}
	})
}
