package ratelimit_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/ratelimit"
)

// What people ask for starts ten calls a second of an account, through all processes
// together. A deployment's own calls don't wait behind those.
func TestWhatPeopleAskForLeavesRoom(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	url := pool.Config().ConnString()
	one, two := process(t, url, ratelimit.DefaultRates), process(t, url, ratelimit.DefaultRates)
	keepHistory(t, pool)
	people := ratelimit.ForPeople{Limiter: one}
	var calls sync.WaitGroup
	for range 12 {
		calls.Go(func() {
			if err := people.Wait(t.Context(), "acct_1", true, prices); err != nil {
				t.Error(err)
			}
		})
		calls.Go(func() {
			if err := two.Wait(ratelimit.Asked(t.Context()), "acct_1", true, prices); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	slots := history(t, pool, "any")
	if len(slots) < 24 { // what nobody used lapses
		t.Fatalf("%d slots", len(slots))
	}
	for i := ratelimit.AskedRate; i < len(slots); i++ {
		if within := slots[i].Sub(slots[i-ratelimit.AskedRate]); within < time.Second {
			t.Errorf("more than %d calls within %v", ratelimit.AskedRate, within)
		}
	}

	// All of the ceiling is promised for an hour: people wait, and a deployment does not.
	_, err := pool.Exec(t.Context(), `UPDATE rate_slots SET taken = (SELECT array_agg(clock_timestamp() + i * interval '1 min') FROM generate_series(1, 60) AS i)
		WHERE endpoint IN ('any', '') AND account_id = 'acct_1 asked' AND live`)
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Wait(ratelimit.For(t.Context(), "deployment"), "acct_1", true, prices); err != nil {
		t.Error(err)
	}
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := people.Wait(soon, "acct_1", true, prices); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("people: %v", err)
	}
}
