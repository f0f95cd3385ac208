package runner

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/pgtest"
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
	pool := pgtest.New(t)
	const id = "01a200cd-28d4-705d-8218-3fbfed24bab2"
	w := New(Deps{
		Deployments: deployment.New(deployment.Deps{DB: pool, Log: slog.New(slog.DiscardHandler)}), Lease: time.Hour,
	})
	insertActive(t, pool, id, 7)
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
	} {
		var sent wire
		l := &lease{id: id, epoch: c.epoch}
		ctx, end := context.WithCancelCause(t.Context())
		l.setEnd(end, false)
		l.extend(time.Now(), c.length)
		if c.leased {
			ctx = withPermit(ctx, &Permit{l, w.renew})
		}
		req, err := http.NewRequestWithContext(ctx, c.method, "http://stripe.example/v1/prices", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := (&Fence{Base: &sent, Call: 6 * time.Second}).RoundTrip(req)
		if err == nil {
			res.Body.Close()
		}
		if sent.sent != c.sent || (err == nil) != (c.sent == 1) || err != nil && !errors.Is(err, engine.ErrFenced) {
			t.Errorf("%s: %d sent, %v", name, sent.sent, err)
		}
		end(nil)
	}
}
