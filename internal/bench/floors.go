package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// floors are what this machine takes for the least that each figure needs.
type floors struct{ commit, notify time.Duration }

const floorSamples = 300

func (s *stack) measureFloors(ctx context.Context) (f floors, err error) {
	if f.commit, err = s.commitFloor(ctx); err != nil {
		return f, fmt.Errorf("floor of a commit: %w", err)
	}
	if f.notify, err = s.notifyFloor(ctx); err != nil {
		return f, fmt.Errorf("floor of a notification: %w", err)
	}
	return f, nil
}

func (f floors) String() string {
	return fmt.Sprintf("one pgx transaction %s, one NOTIFY %s", ms(f.commit), ms(f.notify))
}

// commitFloor is the median of bare transactions that write one row.
func (s *stack) commitFloor(ctx context.Context) (time.Duration, error) {
	if _, err := s.pool.Exec(ctx, `CREATE TABLE floor (at timestamptz)`); err != nil {
		return 0, err
	}
	return repeat(floorSamples, func() error {
		return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO floor VALUES (now())`)
			return err
		})
	})
}

// notifyFloor is the median time from a bare NOTIFY to another connection.
func (s *stack) notifyFloor(ctx context.Context) (time.Duration, error) {
	listener, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return 0, err
	}
	defer listener.Close(ctx)
	if _, err := listener.Exec(ctx, `LISTEN floor`); err != nil {
		return 0, err
	}
	return repeat(floorSamples, func() error {
		if _, err := s.pool.Exec(ctx, `NOTIFY floor`); err != nil {
			return err
		}
		_, err := listener.WaitForNotification(ctx)
		return err
	})
}

func repeat(n int, once func() error) (time.Duration, error) {
	samples := make([]time.Duration, n)
	for i := range samples {
		start := time.Now()
		if err := once(); err != nil {
			return 0, err
		}
		samples[i] = time.Since(start)
	}
	return quantile(samples, 0.5), nil
}
