package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/golive-hq/golive/internal/postgres"
)

// riverPeer is the argument that makes this program a worker of River's alone, on
// the database whose URL follows.
const riverPeer = "river-peer"

// nothing is a job that only notes how late it began.
type nothing struct{}

func (nothing) Kind() string { return "nothing" }

type noteLateness struct {
	river.WorkerDefaults[nothing]
	pool *pgxpool.Pool
}

// Work notes its begin by Postgres' clock, as events of deployments do.
func (w *noteLateness) Work(ctx context.Context, job *river.Job[nothing]) error {
	_, err := w.pool.Exec(ctx, `INSERT INTO lateness SELECT $1, clock_timestamp() - $2 ON CONFLICT DO NOTHING`, job.ID, job.ScheduledAt)
	return err
}

// beRiverPeer works jobs with River's defaults until ctx ends.
func beRiverPeer(ctx context.Context, url string) error {
	pool, err := postgres.Open(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	workers := river.NewWorkers()
	river.AddWorker(workers, &noteLateness{pool: pool})
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Logger: slog.New(slog.DiscardHandler), Workers: workers,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 100}},
	})
	if err != nil {
		return err
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	<-ctx.Done()
	return client.StopAndCancel(context.WithoutCancel(ctx))
}

// riversLateness is that of plain River jobs that are scheduled as the go-lives are,
// beside so many others, worked by two processes of which the leader is killed
// half-way.
func (s *stack) riversLateness(ctx context.Context, pending int) ([]time.Duration, error) {
	url, pool, err := s.riverDatabase(ctx)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	leader, err := s.run(ctx, os.Args[0], nil, riverPeer, url)
	if err == nil {
		err = awaitRow(ctx, pool, `SELECT count(*) FROM river_leader`)
	}
	if err == nil {
		_, err = s.run(ctx, os.Args[0], nil, riverPeer, url)
	}
	if err != nil {
		return nil, err
	}
	from := time.Now().Add(lead).Truncate(time.Second)
	for n, at := range map[int]string{
		pending: `now() + interval '1 day' + random() * interval '300 days'`,
		goLives: fmt.Sprintf(`timestamptz '%s' + (i - 1) * interval '%d microseconds'`, from.Format(time.RFC3339), (spread / goLives).Microseconds()),
	} {
		_, err := pool.Exec(ctx, `INSERT INTO river_job (args, kind, max_attempts, state, scheduled_at)
			SELECT '{}', 'nothing', 5, 'scheduled', `+at+` FROM generate_series(1, $1) AS g (i)`, n)
		if err != nil {
			return nil, err
		}
	}
	if err := until(ctx, from.Add(spread/2)); err != nil {
		return nil, err
	}
	if err := leader.Process.Kill(); err != nil {
		return nil, err
	}
	return riverResult(ctx, pool, from.Add(spread))
}

func (s *stack) riverDatabase(ctx context.Context) (url string, pool *pgxpool.Pool, err error) {
	if _, err := s.pool.Exec(ctx, `CREATE DATABASE river`); err != nil {
		return "", nil, err
	}
	url = s.server.DSN("river")
	if err := postgres.Migrate(ctx, url, slog.New(slog.DiscardHandler)); err != nil {
		return "", nil, err
	}
	if pool, err = postgres.Open(ctx, url); err != nil {
		return "", nil, err
	}
	_, err = pool.Exec(ctx, `CREATE TABLE lateness (job bigint PRIMARY KEY, late interval NOT NULL)`)
	return url, pool, err
}

// riverResult waits for all jobs, which take longer where their leader had to be
// found again.
func riverResult(ctx context.Context, pool *pgxpool.Pool, end time.Time) ([]time.Duration, error) {
	if err := until(ctx, end); err != nil {
		return nil, err
	}
	if err := awaitRow(ctx, pool, fmt.Sprintf(`SELECT count(*) / %d FROM lateness`, goLives)); err != nil {
		return nil, err
	}
	return postgres.All(ctx, pool, pgx.RowTo[time.Duration], `SELECT late FROM lateness`)
}

// awaitRow waits until a count is not zero.
func awaitRow(ctx context.Context, pool *pgxpool.Pool, count string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for n := 0; n == 0; {
		if err := pool.QueryRow(ctx, count).Scan(&n); err != nil {
			return err
		}
		if err := until(ctx, time.Now().Add(50*time.Millisecond)); err != nil {
			return err
		}
	}
	return nil
}
