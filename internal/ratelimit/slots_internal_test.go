package ratelimit

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/pgtest"
)

const (
	prices   = "POST /v1/prices"
	products = "POST /v1/products"
)

// asked is one request for slots, as a process makes it.
type asked struct {
	account     string
	endpoint    string
	want, share int
	turn        bool
	// at is what the database's clock shows, after the epoch; the test moves it.
	at time.Duration
}

// clocked is a database whose limiter goes by the clock that the test sets.
func clocked(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := pgtest.New(t)
	exec(t, pool, `CREATE TABLE test_clock (at timestamptz)`)
	exec(t, pool, `INSERT INTO test_clock VALUES (now())`)
	exec(t, pool, `CREATE FUNCTION test_clock() RETURNS timestamptz LANGUAGE sql AS 'SELECT at FROM test_clock'`)
	exec(t, pool, `DO $$ BEGIN EXECUTE replace(pg_get_functiondef('take_rate_slots'::regproc), 'clock_timestamp()', 'test_clock()'); END $$`)
	return pool
}

func exec(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// took asks at rates of 80 a second for the account and 20 for an endpoint, and
// returns slots and next turn as times after the epoch.
func took(t *testing.T, pool *pgxpool.Pool, a asked) (slots []time.Duration, again time.Duration) {
	t.Helper()
	return tookAt(t, pool, a, 80, 20)
}

func tookAt(t *testing.T, pool *pgxpool.Pool, a asked, account, endpoint int) (slots []time.Duration, again time.Duration) {
	t.Helper()
	exec(t, pool, `UPDATE test_clock SET at = $1`, epoch.Add(a.at))
	rows, err := pool.Query(t.Context(), `SELECT at, slots, again FROM take_rate_slots($1, true, $2, $3, $4, $5, $6, $7)`,
		"acct_"+a.account, a.endpoint, a.want, max(1, a.share), a.turn, account, endpoint)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[answer])
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range got.Slots {
		slots = append(slots, s.Sub(epoch))
	}
	if got.Again != nil {
		again = got.Again.Sub(epoch)
	}
	return slots, again
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func millis(all ...int) (out []time.Duration) {
	for _, n := range all {
		out = append(out, ms(n))
	}
	return out
}

func TestIdleAccountGivesASecondsWorthAtOnce(t *testing.T) {
	t.Parallel()
	pool := clocked(t)
	for round := range 3 {
		at := time.Duration(round) * 1250 * time.Millisecond
		slots, again := took(t, pool, asked{endpoint: prices, want: 20, at: at})
		if len(slots) != 20 || slots[0] != at || slots[19] != at || again != 0 {
			t.Errorf("round %d: %v, again %s", round, slots, again)
		}
	}
}

func TestWhoWantsMoreGetsItEvenlySpreadAndNeverFarAhead(t *testing.T) {
	t.Parallel()
	pool := clocked(t)
	slots, again := took(t, pool, asked{endpoint: prices, want: 30})
	if len(slots) != 20 || again != ms(850) {
		t.Fatalf("%v, again %s", slots, again)
	}
	slots, again = took(t, pool, asked{endpoint: prices, want: 10, turn: true, at: again})
	if !slices.Equal(slots, millis(1000, 1050, 1100)) || again != ms(1000) {
		t.Errorf("%v, again %s", slots, again)
	}
	slots, again = took(t, pool, asked{endpoint: prices, want: 2, turn: true, at: again})
	if !slices.Equal(slots, millis(1150, 1200)) || again != 0 {
		t.Errorf("%v, again %s", slots, again)
	}
}

// No second and a quarter may hold more than 1.25 times the rate, whoever asks
// for how many, when, and with or without a turn.
func TestNoWindowIsOverfull(t *testing.T) {
	t.Parallel()
	pool := clocked(t)
	all := map[string][]time.Duration{}
	at := time.Duration(0)
	for i := range 600 {
		at += ms(i * 7919 % 97)
		a := asked{endpoint: []string{prices, products, "GET /v1/prices"}[i%3], want: 1 + i*31%40, share: 1 + i%4, turn: i%2 == 0, at: at}
		slots, _ := tookAt(t, pool, a, 40, 20)
		all[a.endpoint] = append(all[a.endpoint], slots...)
		all[""] = append(all[""], slots...)
		for _, s := range slots {
			if s < at || s > at+ms(250) {
				t.Fatalf("a slot %s ahead", s-at)
			}
		}
	}
	for name, slots := range all {
		rate := 20
		if name == "" {
			rate = 40
		}
		slices.Sort(slots)
		if len(slots) < 3*rate {
			t.Errorf("%q: only %d slots", name, len(slots))
		}
		overfull(t, name, slots, rate+rate/4, ms(1250))
	}
}

func overfull(t *testing.T, name string, slots []time.Duration, most int, window time.Duration) {
	t.Helper()
	for i := most; i < len(slots); i++ {
		if within := slots[i] - slots[i-most]; within < window {
			t.Fatalf("%q: %d slots within %s", name, most+1, within)
		}
	}
}

// Processes that wait come in turns; each gets as many slots as requesters wait
// in it, and nobody is passed by.
func TestTurnsFollowTheNumberOfRequesters(t *testing.T) {
	t.Parallel()
	pool := clocked(t)
	type process struct {
		share int
		again time.Duration
		turn  bool
		got   int
	}
	all := []*process{{share: 1}, {share: 2}, {share: 3}}
	_, _ = took(t, pool, asked{endpoint: prices, want: 20}) // the second is full
	for range 90 {
		next := slices.MinFunc(all, func(p, q *process) int { return int(p.again - q.again) })
		slots, again := took(t, pool, asked{endpoint: prices, want: 100, share: next.share, turn: next.turn, at: max(next.again, 0)})
		next.got += len(slots)
		next.again, next.turn = again, true
	}
	one := all[0].got
	for _, p := range all {
		if p.got < one*p.share-6 || p.got > one*p.share+6 {
			t.Errorf("%d requesters got %d slots, where one got %d", p.share, p.got, one)
		}
	}
	if last, total := all[0].again, all[0].got+all[1].got+all[2].got; total < int(last.Seconds()*20)-20 {
		t.Errorf("%d slots in %s", total, last)
	}
}

// A process that dies wastes what it took last, and its turn goes to the next.
func TestADeadProcessWastesItsLastLotOnly(t *testing.T) {
	t.Parallel()
	pool := clocked(t)
	_, dead := took(t, pool, asked{endpoint: prices, want: 40, share: 3})
	_, next := took(t, pool, asked{endpoint: prices, want: 40, share: 3})
	if dead != ms(850) || next != ms(1000) {
		t.Fatalf("turns at %s and %s", dead, next)
	}
	var slots []time.Duration
	for len(slots) < 20 {
		var more []time.Duration
		more, next = took(t, pool, asked{endpoint: prices, want: 40, share: 3, turn: true, at: next})
		slots = append(slots, more...)
	}
	if slots[0] != ms(1000) || slots[19] > ms(2100) {
		t.Errorf("slots %v", slots)
	}
}

// Whoever comes while others have been promised turns takes nothing before them.
func TestANewcomerQueuesBehindThePromisedTurns(t *testing.T) {
	t.Parallel()
	pool := clocked(t)
	took(t, pool, asked{endpoint: prices, want: 40, share: 3})
	took(t, pool, asked{endpoint: prices, want: 40, share: 3})
	slots, again := took(t, pool, asked{endpoint: prices, want: 1, at: ms(860)})
	if len(slots) != 0 || again != ms(1050) {
		t.Errorf("%v, again %s", slots, again)
	}
	if slots, _ = took(t, pool, asked{endpoint: prices, want: 40, share: 3, turn: true, at: ms(900)}); !slices.Equal(slots, millis(1000, 1050, 1100)) {
		t.Errorf("whose turn it is gets %v", slots)
	}
}

// Whoever waits for a busy endpoint is in nobody's way at another.
func TestABusyEndpointIsNoBusyAccount(t *testing.T) {
	t.Parallel()
	pool := clocked(t)
	took(t, pool, asked{endpoint: prices, want: 100})
	if slots, _ := took(t, pool, asked{endpoint: products, want: 20, at: ms(1)}); len(slots) != 20 || slots[19] != ms(1) {
		t.Errorf("%v", slots)
	}
	if slots, _ := took(t, pool, asked{account: "other", endpoint: prices, want: 20, at: ms(1)}); len(slots) != 20 {
		t.Errorf("another account waits: %v", slots)
	}
}

func TestAFullAccountMakesEveryEndpointWait(t *testing.T) {
	t.Parallel()
	pool := clocked(t)
	for _, endpoint := range []string{prices, products} {
		if slots, _ := tookAt(t, pool, asked{endpoint: endpoint, want: 10}, 20, 20); len(slots) != 10 {
			t.Fatalf("%v", slots)
		}
	}
	slots, again := tookAt(t, pool, asked{endpoint: "GET /v1/prices", want: 1}, 20, 20)
	if len(slots) != 0 || again != ms(750) {
		t.Errorf("%v, again %s", slots, again)
	}
}

// connected lets the pool have so many connections.
func connected(t *testing.T, pool *pgxpool.Pool, n int) {
	t.Helper()
	all := make([]*pgxpool.Conn, n)
	for i := range all {
		var err error
		if all[i], err = pool.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, conn := range all {
		conn.Release()
	}
}

// A 429 halves the rate once, and it grows back; where the endpoint is ours alone, it
// falls back to the distance that others keep.
func TestALimitOfStripesSlowsDown(t *testing.T) {
	t.Parallel()
	t.Run("others'", func(t *testing.T) { t.Parallel(); slowsDown(t, "GET /v1/prices", 20, 10, 15) })
	t.Run("ours", func(t *testing.T) { t.Parallel(); slowsDown(t, prices, 24, 20, 24) })
}

func slowsDown(t *testing.T, endpoint string, rate, wantNow, wantSoon int) {
	t.Helper()
	pool := pgtest.New(t)
	l := New(pool, Rates{Live: 80, Test: 20, Endpoint: 20}, slog.New(slog.DiscardHandler))
	s := scope{"acct_1", true, endpoint}
	if got := l.rateOfEndpoint(endpoint); got != rate {
		t.Fatalf("the rate is %d, want %d", got, rate)
	}
	if got, err := l.take(s, 1, 1, false); err != nil || len(got.slots) != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	connected(t, pool, 10) // on a busy machine that may take a second, after which a 429 counts anew
	var storm sync.WaitGroup
	for range 10 {
		storm.Go(func() { l.Slow(t.Context(), s.account, s.live, s.endpoint, "endpoint-rate") })
	}
	storm.Wait()
	left := func(seconds int) (is int) {
		rows, err := pool.Query(t.Context(), `SELECT rate_left($3, r, r.slowed_at + make_interval(secs => $1)) FROM rate_slots r WHERE endpoint = $2`, seconds, endpoint, rate)
		if err != nil {
			t.Fatal(err)
		}
		if is, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int]); err != nil {
			t.Fatal(err)
		}
		return is
	}
	if now, soon, later := left(0), left(5), left(20); now != wantNow || soon != wantSoon || later != rate {
		t.Errorf("the rate is %d, then %d, then %d", now, soon, later)
	}
	var slowed int
	l.Slow(t.Context(), s.account, s.live, s.endpoint, "global-rate")
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM rate_slots WHERE slowed_to < 1 AND endpoint = ''`).Scan(&slowed); err != nil || slowed != 1 {
		t.Errorf("%d accounts slowed down, %v", slowed, err)
	}
}
