package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/pgtest"
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
	h.paths.add("x")
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
		_, err := pool.Exec(t.Context(), `INSERT INTO payments_modules (tenant_id, livemode, account_id, path_hash) SELECT id, $1, 'acct_1', $2 FROM tenants`,
			mode == catalog.Live, hash[:])
		if err != nil {
			t.Fatal(err)
		}
	}
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
		h.paths.add("known")
		ctx, stop = context.WithTimeout(here, time.Second)
		defer stop()
		// It waits for a place, not in that line.
		if _, err := h.look(ctx, "known", &inbox.Hook{}); fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("a known path: %v", err)
		}
		for range mostPaths + 10 {
			h.paths.add(time.Now().Add(time.Duration(len(h.paths.hashes))).String())
		}
		if len(h.paths.hashes) > mostPaths {
			t.Errorf("%d paths are remembered", len(h.paths.hashes))
		}
	})
}
