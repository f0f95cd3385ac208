package app

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
)

var (
	// errDraining makes load balancers look elsewhere while requests in flight end.
	errDraining = errors.New("this process is shutting down")
	// errIdle is a worker that would never work again without a restart.
	errIdle = errors.New("the job client has stopped: this worker takes no more jobs")
)

// readiness returns whether a process can do its work: it is not stopping, and
// the database answers with a schema that fits.
func readiness(stopping context.Context, pool *pgxpool.Pool) func(context.Context) error {
	return func(ctx context.Context) error {
		if stopping.Err() != nil {
			return errDraining
		}
		return CheckSchema(ctx, pool)
	}
}

// works is readiness for a worker, whose jobs must have been started.
func (p *parts) works(stopping context.Context, jobs *river.Client[pgx.Tx]) func(context.Context) error {
	ready, ended := readiness(stopping, p.Pool), jobs.Stopped()
	return func(ctx context.Context) error {
		if err := ready(ctx); err != nil {
			return err
		}
		select {
		case <-ended:
			return errIdle
		default:
			return nil
		}
	}
}
