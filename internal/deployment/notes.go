package deployment

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// journal notes the engine's steps in the database. Each note is a fence: it
// succeeds only under the owner's epoch. Begin, which precedes every call, renews
// the lease as well.
type journal struct{ *run }

// Begin notes RUNNING before the call, and is where a run learns that it shall
// stop; key differs from the stored one where the first key holds a stored failure.
// Postgres may still be carrying out a statement whose caller has given up: a lease
// that was let go is never taken back, and once the run has turned back, no step of
// the way forward is begun, only settled.
func (j *journal) Begin(ctx context.Context, s engine.Step, key string) error {
	sent := time.Now()
	p, begun, err := BeginStep(ctx, j.DB, j.d.ID, j.epoch, j.Lease, s.Index, key)
	if err != nil {
		return err
	}
	j.lease.extend(sent, j.Lease)
	if stop := stopOf(p); stop != nil || begun {
		return stop
	}
	return ErrLost
}

// bounded is for notes that outlast the run: not for longer than the lease, after
// which whoever takes over finds out by looking.
func (j *journal) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, j.Lease)
}

// Done notes the effect, the link of a created object and the event in one
// transaction. A step of the way back also notes what it undid.
func (j *journal) Done(ctx context.Context, s engine.Step, w catalog.Written) error {
	ctx, cancel := j.bounded(ctx)
	defer cancel()
	err := postgres.InTx(ctx, j.DB, func(tx pgx.Tx) error {
		if err := Lock(ctx, tx, j.d.ID, j.epoch); err != nil {
			return err
		}
		done, total, err := markDone(ctx, tx, j.d.ID, s.Index, w)
		if err != nil {
			return err
		}
		if s.Action == plan.Create {
			link := plan.Link{Resource: s.Resource, TestID: s.TestID, LiveID: w.ID}
			if err := product.SaveLink(ctx, tx, j.link(link)); err != nil {
				return err
			}
		}
		return Advance(ctx, tx, j.d.ID, &j.epoch, Move{
			Status: Deploying, Message: j.told(s), Percentage: percentage(done, total), Set: SetStripeAnswered(),
		})
	})
	return j.ringing(err)
}

// told is a step in the words of the direction in which it was taken. Before the way
// back is planned, steps of the way forward are found to be done.
func (j *journal) told(s engine.Step) string {
	switch {
	case j.d.Direction == Forward:
		return s.Summary
	case !j.d.UndoPlanned:
		return "Done before turning back: " + s.Summary
	default:
		return "Turning back: " + s.Summary
	}
}

// Failed notes that a step was refused. The event that people see comes with the
// turn that follows.
func (j *journal) Failed(ctx context.Context, s engine.Step) error {
	return j.note(ctx, s, `UPDATE deployment_steps SET status = 'FAILED', finished_at = clock_timestamp()
		WHERE deployment_id = $1 AND index = $2`)
}

// Unsent takes RUNNING back, so that no way back has to settle what never left.
func (j *journal) Unsent(ctx context.Context, s engine.Step) error {
	return j.note(ctx, s, `UPDATE deployment_steps SET status = 'PENDING', started_at = NULL
		WHERE deployment_id = $1 AND index = $2 AND status = 'RUNNING'`)
}

// note changes a step's row under the owner's epoch.
func (j *journal) note(ctx context.Context, s engine.Step, update string) error {
	ctx, cancel := j.bounded(ctx)
	defer cancel()
	return postgres.InTx(ctx, j.DB, func(tx pgx.Tx) error {
		if err := Lock(ctx, tx, j.d.ID, j.epoch); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, update, j.d.ID, s.Index)
		return err
	})
}

// Waiting tells people why nothing moves, and until when.
func (j *journal) Waiting(ctx context.Context, cause *catalog.Error, length time.Duration) error {
	reason := waitFor(cause)
	message := fmt.Sprintf("%s; continuing in %d s", waitWords(reason), seconds(length))
	return j.announce(ctx, Move{Status: Deploying, Message: message, WaitReason: &reason})
}

func waitFor(cause *catalog.Error) WaitReason {
	if cause.Kind == catalog.KindRateLimit {
		return WaitStripeRateLimit
	}
	return WaitStripeUnavailable
}

func waitWords(reason WaitReason) string {
	if reason == WaitStripeRateLimit {
		return "Stripe is limiting us"
	}
	return "Stripe does not answer properly"
}

// seconds are whole ones, rounded up.
func seconds(length time.Duration) int { return int(math.Ceil(length.Seconds())) }

// markDone notes a step's effect and counts what is done of the way there. A step
// back that is done shows what it undid as UNDONE.
func markDone(ctx context.Context, tx pgx.Tx, id string, index int, w catalog.Written) (done, total int, err error) {
	_, err = tx.Exec(ctx, `WITH done AS (
			UPDATE deployment_steps SET status = 'DONE', live_id = $3, stripe_request_id = NULLIF($4, ''), finished_at = clock_timestamp()
			WHERE deployment_id = $1 AND index = $2 RETURNING deployment_id, live_id, undo)
		UPDATE deployment_steps s SET status = 'UNDONE' FROM done
		WHERE done.undo AND s.deployment_id = done.deployment_id AND NOT s.undo AND s.live_id = done.live_id AND s.status = 'DONE'`,
		id, index, w.ID, w.RequestID)
	if err != nil {
		return 0, 0, err
	}
	err = tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE status IN ('DONE', 'UNDONE')), count(*)
		FROM deployment_steps WHERE deployment_id = $1 AND NOT undo`, id).Scan(&done, &total)
	return done, total, err
}
