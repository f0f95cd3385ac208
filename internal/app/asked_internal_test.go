package app

import (
	"context"
	"log/slog"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/ratelimit"
	"github.com/golive-hq/golive/internal/runner"
	"github.com/golive-hq/golive/internal/seal/sealtest"
)

// What the API asks of Stripe is what people ask for; what a worker asks is not.
func TestTheAPIAsksStripeForPeople(t *testing.T) {
	t.Parallel()
	_, keys := sealtest.Keys(t)
	cfg := Config{DatabaseURL: Secret(pgtest.URL(t)), Keys: keys, Lease: runner.DefaultLease, Rates: ratelimit.DefaultRates, StripeAPIBase: "http://127.0.0.1:1"}
	for name, c := range map[string]struct {
		connect func(context.Context, Config) (pools, error)
		asked   int
	}{"acct_api": {callersPools, 1}, "acct_worker": {onePool, 0}} {
		p, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler), c.connect)
		if err != nil {
			t.Fatal(err)
		}
		defer p.pools.close()
		_, _ = p.Stripe.Open(catalog.Live, name, "rk_live_x").Balance(t.Context()) // nobody answers
		var rows int
		if err := p.Pool.QueryRow(t.Context(), `SELECT count(*) FROM rate_slots WHERE account_id = $1 AND endpoint = 'any'`, name+" asked").Scan(&rows); err != nil || rows != c.asked {
			t.Errorf("%s: %d rows of what people ask for, %v", name, rows, err)
		}
	}
}
