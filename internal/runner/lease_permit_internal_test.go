package runner

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// wire counts what is sent.
type wire struct{ sent int }

func (w *wire) RoundTrip(*http.Request) (*http.Response, error) {
	w.sent++
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// No write is sent whose timeout outlasts its lease, unless the lease can still be
// renewed; reads pass.
func TestFence(t *testing.T) {
	t.Parallel()
	w, _ := newOwner(t)
	for name, c := range map[string]struct {
		method string
		epoch  int64
		length time.Duration
		leased bool
		sent   int
	}{
		"a lease that outlasts the call":        {http.MethodPost, 6, time.Hour, true, 1},
		"a lease that ends during the call":     {http.MethodPost, 6, time.Second, true, 0},
		"one that is renewed just in time":      {http.MethodPost, 7, time.Second, true, 1},
		"an expired one that another has taken": {http.MethodPost, 6, -time.Hour, true, 0},
		"no lease":                              {http.MethodPost, 7, time.Hour, false, 0},
		"a read":                                {http.MethodGet, 6, -time.Hour, false, 1},
		"what no lease is for":                  {http.MethodPost, 7, time.Hour, false, 1},
	} {
		l := w.leased(t, c.epoch)
		l.deadline = w.Clock() + c.length
		ctx := t.Context()
		if c.leased {
			ctx = withPermit(ctx, &Permit{l, w.renew})
		}
		if name == "what no lease is for" {
			ctx = WithoutLease(ctx)
		}
		if sent, err := attempt(ctx, t, c.method); sent != c.sent || (err == nil) != (c.sent == 1) || err != nil && !errors.Is(err, engine.ErrFenced) {
			t.Errorf("%s: %d sent, %v", name, sent, err)
		}
	}
}

// A machine that slept for longer than its lease sends nothing, however little of its
// own time has passed; where nobody has taken over, it takes its lease anew.
func TestFenceAfterASleep(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		slept time.Duration
		taken bool
		sent  int
	}{
		"no sleep":                         {0, false, 1},
		"less than a lease":                {10 * time.Minute, false, 1},
		"a lease, and others are working":  {2 * time.Hour, true, 0},
		"a lease, and nobody has come yet": {2 * time.Hour, false, 1},
	} {
		w, pool := newOwner(t)
		var slept time.Duration
		w.Clock = func() time.Duration { return SinceBoot() + slept }
		l := w.leased(t, 7)
		if slept = c.slept; c.taken {
			disown(t, pool)
		}
		sent, err := attempt(withPermit(t.Context(), &Permit{l, w.renew}), t, http.MethodPost)
		if sent != c.sent || err != nil && !errors.Is(err, engine.ErrFenced) {
			t.Errorf("%s: %d sent, %v", name, sent, err)
		}
	}
}

// A worker whose lifeline has ended starts no write before it has taken its leases anew,
// under the next one, and none at all of what others have taken.
func TestFenceAfterTheLifelineEnded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		taken bool
		sent  int
	}{
		"nobody was quicker": {false, 1}, "others have taken over": {true, 0},
	} {
		w, pool := newOwner(t)
		l := w.leased(t, 7)
		number, changed := w.Lifeline.Number()
		if c.taken {
			disown(t, pool)
		}
		if _, err := pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_locks
			WHERE locktype = 'advisory' AND objsubid = 1 AND (classid::bigint << 32) + objid::bigint = $1`, number); err != nil {
			t.Fatal(err)
		}
		<-changed
		if l.fits(0) {
			t.Errorf("%s: a lease outlasts its lifeline", name)
		}
		sent, err := attempt(withPermit(t.Context(), &Permit{l, w.renew}), t, http.MethodPost)
		if sent != c.sent || err != nil && !errors.Is(err, engine.ErrFenced) {
			t.Errorf("%s: %d sent, %v", name, sent, err)
		}
		if now, _ := w.Lifeline.Number(); now == number || c.sent == 1 && l.lifeline != now {
			t.Errorf("%s: the lease is under %d, the lifeline was %d and is %d", name, l.lifeline, number, now)
		}
	}
}

// No beat of the heart makes up for a lifeline: a step that is begun prolongs a lease, and
// does not take it anew.
func TestFenceIsNotOpenedByABegunStep(t *testing.T) {
	t.Parallel()
	w, _ := newOwner(t)
	l := w.leased(t, 7)
	l.lifeline--
	if l.extend(w.Clock()); l.fits(0) {
		t.Error("a lease of another lifeline fits")
	}
}

// fenced is the id of the deployment of these tests.
const fenced = "01a200cd-28d4-705d-8218-3fbfed24bab2"

// newOwner is a runner with a lifeline, which owns a deployment under epoch 7.
func newOwner(t *testing.T) (*Runner, *pgxpool.Pool) {
	t.Helper()
	url, log := pgtest.URL(t), slog.New(slog.DiscardHandler)
	pool, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	lifeline, err := postgres.NewLifeline(url, log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		defer close(over)
		lifeline.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-over
	})
	insertActive(t, pool, fenced, 7)
	return New(Deps{
		Deployments: deployment.New(deployment.Deps{DB: pool, Log: log}), Lifeline: lifeline, Lease: time.Hour, Clock: SinceBoot,
	}), pool
}

// leased is a lease of that epoch, just taken.
func (w *Runner) leased(t *testing.T, epoch int64) *lease {
	t.Helper()
	number, err := w.Lifeline.Await(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l := &lease{id: fenced, epoch: epoch, right: &w.Deps}
	_, end := context.WithCancelCause(t.Context())
	t.Cleanup(func() { end(nil) })
	l.setEnd(end, false)
	l.take(number, w.Clock())
	return l
}

// disown lets another worker take over.
func disown(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), `UPDATE deployments SET epoch = epoch + 1`); err != nil {
		t.Fatal(err)
	}
}

// attempt makes a call through the fence, and counts what passes.
func attempt(ctx context.Context, t *testing.T, method string) (sent int, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, "http://stripe.example/v1/prices", nil)
	if err != nil {
		t.Fatal(err)
	}
	var wire wire
	res, err := (&Fence{Base: &wire, Call: 6 * time.Second}).RoundTrip(req)
	if err == nil {
		res.Body.Close()
	}
	return wire.sent, err
}
