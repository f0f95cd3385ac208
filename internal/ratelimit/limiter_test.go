package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/ratelimit"
)

const prices = "GET /v1/prices"

var silent = slog.New(slog.DiscardHandler)

// process is a limiter with a pool of its own, as every process has.
func process(t testing.TB, url string, rates ratelimit.Rates) *ratelimit.Limiter {
	t.Helper()
	pool, err := postgres.Open(context.Background(), url+"&pool_max_conns=2")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return ratelimit.New(pool, rates, silent)
}

// keepHistory notes every state of rate_slots.
func keepHistory(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	for _, sql := range []string{
		`CREATE TABLE history (endpoint text, taken timestamptz[])`,
		`CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN INSERT INTO history VALUES (NEW.endpoint, NEW.taken); RETURN NULL; END $$`,
		`CREATE TRIGGER note AFTER UPDATE ON rate_slots FOR EACH ROW EXECUTE FUNCTION note()`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// history returns every slot of an endpoint, each once.
func history(t *testing.T, pool *pgxpool.Pool, endpoint string) []time.Time {
	t.Helper()
	rows, err := pool.Query(t.Context(), `SELECT slot FROM
		(SELECT slot, n, max(times) AS times FROM
			(SELECT ctid, slot, count(*) AS times, 1 AS n FROM history, unnest(taken) slot WHERE endpoint = $1 GROUP BY ctid, slot) one
		 GROUP BY slot, n) most, generate_series(1, times) ORDER BY slot`, endpoint)
	if err != nil {
		t.Fatal(err)
	}
	slots, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	if err != nil {
		t.Fatal(err)
	}
	return slots
}

// Twenty processes share a rate: none is passed by, no window is overfull, and
// no slot is given that no call wanted.
func TestTwentyProcessesShareOneRate(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	keepHistory(t, pool)
	rates := ratelimit.Rates{Live: 400, Test: 100, Endpoint: 100}
	var all sync.WaitGroup
	for i := range 20 {
		l := process(t, pool.Config().ConnString(), rates)
		for j := range 3 {
			ctx := ratelimit.For(t.Context(), fmt.Sprint("deployment ", i, " ", j))
			for range 5 {
				all.Go(func() {
					if err := l.Wait(ctx, "acct_1", true, prices); err != nil {
						t.Error(err)
					}
				})
			}
		}
	}
	all.Wait()
	slots := history(t, pool, prices)
	if len(slots) < 300 {
		t.Errorf("%d slots for 300 calls", len(slots))
	}
	for i := 125; i < len(slots); i++ {
		if within := slots[i].Sub(slots[i-125]); within < 1250*time.Millisecond {
			t.Fatalf("126 slots within %s", within)
		}
	}
}

// One go-live beside a batch of fifty, in the same process or in another, is not
// put behind it.
func TestABatchStarvesNobody(t *testing.T) {
	t.Parallel()
	for name, elsewhere := range map[string]bool{"same process": false, "another process": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			rates := ratelimit.Rates{Live: 80, Test: 80, Endpoint: 80}
			busy := process(t, url, rates)
			single := busy
			if elsewhere {
				single = process(t, url, rates)
			}
			order := make(chan string, 300)
			wait := func(l *ratelimit.Limiter, who string) {
				if err := l.Wait(ratelimit.For(t.Context(), who), "acct_1", true, prices); err != nil {
					t.Error(err)
				}
				order <- who
			}
			var all sync.WaitGroup
			for i := range 200 {
				all.Go(func() { wait(busy, fmt.Sprint("batch ", i%50)) })
			}
			for range 80 { // the burst is over: from now on calls wait
				<-order
			}
			all.Go(func() { wait(single, "single") })
			var after []string
			for range 121 {
				after = append(after, <-order)
			}
			all.Wait()
			// One round of the fifty, and what was reserved 250 ms ahead.
			if at := slices.Index(after, "single"); at > 50+25+5 {
				t.Errorf("%d calls of the batch came first", at)
			}
		})
	}
}

func TestWhoGivesUpWaitsNoLonger(t *testing.T) {
	t.Parallel()
	l := process(t, pgtest.URL(t), ratelimit.Rates{Live: 1, Test: 1, Endpoint: 1})
	if err := l.Wait(t.Context(), "acct_1", true, prices); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { gone <- l.Wait(ctx, "acct_1", true, prices) }()
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := l.Wait(t.Context(), "acct_2", true, prices); err != nil {
		t.Error(err)
	}
	if err := l.Wait(t.Context(), "acct_1", false, prices); err != nil {
		t.Error(err)
	}
}

// While Postgres is away nobody's turn comes, and nobody fails.
func TestTurnsComeOnceTheDatabaseIsBack(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	hide := func(sql string) {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Error(err)
		}
	}
	hide(`ALTER TABLE rate_slots RENAME TO away`)
	failed := make(chan struct{})
	log := slog.New(told{slog.DiscardHandler, sync.OnceFunc(func() { close(failed) })})
	l := ratelimit.New(pool, ratelimit.DefaultRates, log)
	came := make(chan error)
	go func() { came <- l.Wait(t.Context(), "acct_1", true, prices) }()
	<-failed
	hide(`ALTER TABLE away RENAME TO rate_slots`)
	if err := <-came; err != nil {
		t.Error(err)
	}
}

// told is a log that calls back.
type told struct {
	slog.Handler
	call func()
}

func (told) Enabled(context.Context, slog.Level) bool { return true }

func (h told) Handle(context.Context, slog.Record) error {
	h.call()
	return nil
}
