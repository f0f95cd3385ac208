package postgres_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// BenchmarkDoorbell measures from Ring in one process to the subscriber's bell
// in another; "floor" is a bare NOTIFY and WaitForNotification.
func BenchmarkDoorbell(b *testing.B) {
	ctx := context.Background()
	pool := pgtest.New(b)
	b.Run("ring", func(b *testing.B) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		hub, err := postgres.NewHub(pool.Config().ConnString(), silent)
		if err != nil {
			b.Fatal(err)
		}
		n := postgres.NewNotifier(pool, silent)
		go hub.Run(ctx)
		go n.Run(ctx)
		bell := hub.Subscribe("bench")
		defer bell.Close()
		<-bell.C
		measure(b, func() { n.Ring("bench"); <-bell.C })
	})
	b.Run("floor", func(b *testing.B) {
		listener, err := pgx.Connect(ctx, pool.Config().ConnString())
		if err != nil {
			b.Fatal(err)
		}
		defer listener.Close(ctx)
		if _, err := listener.Exec(ctx, `LISTEN bare`); err != nil {
			b.Fatal(err)
		}
		measure(b, func() {
			if _, err := pool.Exec(ctx, `NOTIFY bare`); err != nil {
				b.Fatal(err)
			}
			if _, err := listener.WaitForNotification(ctx); err != nil {
				b.Fatal(err)
			}
		})
	})
}

func measure(b *testing.B, once func()) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		once()
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
