package runner

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// journal notes the engine's steps in the database. Each note is a fence: it
// succeeds only under the owner's epoch. Begin, which precedes every call, renews
// the lease as well.
type notes struct{ run *run }

// Begin notes RUNNING before the call, and is where a run learns that it shall
// stop; key differs from the stored one where the first key holds a stored failure.
// Postgres may still be carrying out a statement whose caller has given up: a lease
// that was let go is never taken back, and once the run has turned back, no step of
// the way forward is begun, only settled.
func (j *notes) Begin(ctx context.Context, s engine.Step, key string) error {
	over, err := j.turn(ctx)
	if err != nil {
		return err
	}
	defer over()
	sent := j.run.runner.Clock()
	p, begun, err := deployment.NoteBegun(ctx, j.run.db, j.run.d.ID, j.run.epoch, j.run.runner.Lease, s.Index, key)
	if err != nil {
		return err
	}
	j.run.lease.extend(sent)
	if stop := stopOf(p); stop != nil || begun {
		return stop
	}
	return deployment.ErrLost
}

// turn waits until no other step of this run is being noted.
func (j *notes) turn(ctx context.Context) (over func(), err error) {
	select {
	case j.run.noting <- struct{}{}:
		return func() { <-j.run.noting }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// inTx is postgres.InTx in the step's turn.
func (j *notes) inTx(ctx context.Context, fn func(tx pgx.Tx) error) error {
	over, err := j.turn(ctx)
	if err != nil {
		return err
	}
	defer over()
	return postgres.InTx(ctx, j.run.db, func(tx pgx.Tx) error {
		if err := deployment.Lock(ctx, tx, j.run.d.ID, j.run.epoch); err != nil {
			return err
		}
		return fn(tx)
	})
}

// bounded is for notes that outlast the run: not for longer than the lease, after
// which whoever takes over finds out by looking.
func (j *notes) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, j.run.runner.Lease)
}

// Done notes the effect, the link of a created object and the event in one
// transaction. A step of the way back also notes what it undid.
func (j *notes) Done(ctx context.Context, s engine.Step, w catalog.Written) error {
	ctx, cancel := j.bounded(ctx)
	defer cancel()
	err := j.inTx(ctx, func(tx pgx.Tx) error {
		done, total, told, err := journal.NoteDone(ctx, tx, j.run.d.ID, s.Index, w)
		if err != nil {
			return err
		}
		if s.Action == plan.Create {
			link := plan.Link{Resource: s.Resource, TestID: s.TestID, LiveID: w.ID}
			if err := saveLink(ctx, tx, linkOf(j.run.d, link)); err != nil {
				return err
			}
		}
		_, err = deployment.Advance(ctx, tx, j.run.d.ID, &j.run.epoch, deployment.Move{
			Status: deployment.Deploying, Message: j.stepMessage(s), Percentage: percentage(done, total), Steps: told, Set: deployment.SetStripeAnswered(),
		})
		return err
	})
	return j.run.ringing(err)
}

// stepMessage is a step in the words of the direction in which it was taken. Before the way
// back is planned, steps of the way forward are found to be done.
func (j *notes) stepMessage(s engine.Step) string {
	switch {
	case j.run.d.Direction == deployment.Forward:
		return s.Summary
	case !j.run.d.UndoPlanned:
		return "Already done: " + s.Summary
	default:
		return "Undoing: " + s.Summary
	}
}

// Failed notes that a step was refused. The event that people see comes with the
// turn that follows.
func (j *notes) Failed(ctx context.Context, s engine.Step) error {
	return j.note(ctx, s, journal.NoteFailed)
}

// Unsent takes RUNNING back, so that no way back has to settle what never left.
func (j *notes) Unsent(ctx context.Context, s engine.Step) error {
	return j.note(ctx, s, journal.NoteUnsent)
}

// note changes a step's row under the owner's epoch.
func (j *notes) note(ctx context.Context, s engine.Step, change func(ctx context.Context, tx pgx.Tx, id string, index int) error) error {
	ctx, cancel := j.bounded(ctx)
	defer cancel()
	return j.inTx(ctx, func(tx pgx.Tx) error { return change(ctx, tx, j.run.d.ID, s.Index) })
}

// Waiting tells people why nothing moves, and until when.
func (j *notes) Waiting(ctx context.Context, cause *catalog.Error, length time.Duration) error {
	reason := waitFor(cause)
	message := fmt.Sprintf("%s; continuing in %ds", waitWords(reason), seconds(length))
	over, err := j.turn(ctx)
	if err != nil {
		return err
	}
	defer over()
	return j.run.announce(ctx, deployment.Move{Status: deployment.Deploying, Message: message, WaitReason: &reason})
}

func waitFor(cause *catalog.Error) deployment.WaitReason {
	if cause.Kind == catalog.KindRateLimit {
		return deployment.WaitStripeRateLimit
	}
	return deployment.WaitStripeUnavailable
}

func waitWords(reason deployment.WaitReason) string {
	if reason == deployment.WaitStripeRateLimit {
		return "Stripe is rate limiting requests"
	}
	return "Stripe is not responding"
}

// seconds are whole ones, rounded up.
func seconds(length time.Duration) int { return int(math.Ceil(length.Seconds())) }
