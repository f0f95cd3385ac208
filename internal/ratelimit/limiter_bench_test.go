package ratelimit_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/ratelimit"
)

// BenchmarkIdleSlot is what a call costs that need not wait, beside a statement
// that does nothing.
func BenchmarkIdleSlot(b *testing.B) {
	url := pgtest.URL(b)
	b.Run("slot", func(b *testing.B) {
		l := process(b, url, ratelimit.DefaultRates)
		for i := 0; b.Loop(); i++ {
			if err := l.Wait(b.Context(), fmt.Sprint("acct_", i%500), true, prices); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("nothing", func(b *testing.B) {
		pool, err := postgres.Open(b.Context(), url)
		if err != nil {
			b.Fatal(err)
		}
		defer pool.Close()
		for b.Loop() {
			if _, err := pool.Exec(b.Context(), `SELECT 1`); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkCrowd is many processes that always wait for one endpoint: how near
// they get to the rate, how many statements a slot takes, and how even the parts
// are.
func BenchmarkCrowd(b *testing.B) {
	for _, processes := range []int{1, 2, 20} {
		b.Run(fmt.Sprint(processes), func(b *testing.B) {
			for b.Loop() {
				crowd(b, processes)
			}
		})
	}
}

func crowd(b *testing.B, processes int) {
	b.Helper()
	const requesters, rate, seconds = 100, 20, 10
	pool := pgtest.New(b)
	keepHistory(b, pool)
	var given atomic.Int64
	got := make([]int, requesters)
	var all sync.WaitGroup
	start := time.Now()
	limiters := make([]*ratelimit.Limiter, processes)
	for i := range limiters {
		limiters[i] = process(b, pool.Config().ConnString(), ratelimit.DefaultRates)
	}
	for i := range requesters {
		all.Go(func() {
			for given.Add(1) <= rate*seconds {
				if err := limiters[i%processes].Wait(ratelimit.For(b.Context(), fmt.Sprint(i)), "acct_1", true, prices); err != nil {
					b.Error(err)
				}
				got[i]++
			}
		})
	}
	all.Wait()
	took := time.Since(start).Seconds()
	var statements float64
	if err := pool.QueryRow(b.Context(), `SELECT count(*) FROM history WHERE endpoint = $1`, prices).Scan(&statements); err != nil {
		b.Fatal(err)
	}
	calls := 0
	for _, n := range got {
		calls += n
	}
	// The burst comes at once, the next slot a second later, then 20 a second.
	b.ReportMetric(100*(float64(calls-rate)/rate+1)/took, "%-of-rate")
	b.ReportMetric(statements/float64(calls), "statements/slot")
	b.ReportMetric(float64(slices.Min(got)), "least")
	b.ReportMetric(float64(slices.Max(got)), "most")
}
