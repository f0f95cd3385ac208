package inbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// How often an object is read until it is given up: mostTries, in at most a day, since the
// longest pauses double from firstPause on.
const (
	mostTries  = 12
	firstPause = 40 * time.Second
)

// How long an object may be stamped as ours without a row of ours, and the longest pause
// between two looks meanwhile.
const (
	mostWait      = time.Hour
	longestLook   = 5 * time.Minute
	soonestLook   = time.Second
	neverArrived  = "It's stamped as Golive's, but Golive has no payment that it belongs to."
	oursToExplain = "Something went wrong on our side. The worker's log says what."
)

// apart is how long after a read another one of the same object begins: what rings within it
// shares one. What happens to a payment rings for its session, its intent and its charge, and
// again once Stripe has booked it.
const apart = time.Second

// TooSoonError tells a worker to come back later, because the object was read just now.
type TooSoonError struct{ Wait time.Duration }

func (t TooSoonError) Error() string { return "inbox: the object was read just now" }

// readTime bounds one read with all its calls to Stripe.
const readTime = 2 * time.Minute

var errSlow = fault.New(fault.StripeUnavailable, "Stripe took longer than two minutes to answer.")

// ErrAway tells a worker that the database could not be reached.
var ErrAway = errors.New("inbox: the database is unreachable")

// Run reads the object of a job, once. nil: it is done with, or with others, for now. A
// TooSoonError has the job come again.
func (s *Service) Run(ctx context.Context, args RefreshArgs, jobID int64) error {
	ctx = postgres.For(ctx, args.TenantID)
	lifeline, err := s.Lifeline.Await(ctx)
	if err != nil {
		return err
	}
	r, err := s.begin(ctx, args.object(), jobID, lifeline)
	if err == nil {
		err = r.read(ctx)
	}
	switch {
	case errors.Is(err, errOlder):
		return nil
	case isAway(err):
		return errors.Join(ErrAway, err)
	}
	return err
}

// isAway tells trouble with the database from trouble with Stripe.
func isAway(err error) bool {
	var stripe *catalog.Error
	return postgres.IsAway(err) && !errors.As(err, &stripe)
}

// read asks whoever owns payments, and notes what came of it.
func (r reading) read(ctx context.Context) error {
	reading, stop := context.WithTimeout(ctx, readTime)
	defer stop()
	verdict, err := r.Refresh(withNews(reading, r.News), r.Object, r.settle)
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // the worker is being stopped: the job goes back to the queue
	case reading.Err() != nil:
		return r.fail(ctx, errSlow)
	case isAway(err):
		return err
	case err != nil:
		return r.fail(ctx, err)
	case verdict == Waiting:
		return r.postpone(ctx)
	}
	ages, err := r.finish(ctx, verdict)
	if err == nil && r.Observe.Applied != nil {
		for _, age := range ages {
			r.Observe.Applied(r.Mode, age)
		}
	}
	return err
}

// fail notes a read that failed, and when to try again.
func (r reading) fail(ctx context.Context, cause error) error {
	if r.Attempts+1 >= mostTries {
		return r.giveUp(ctx, r.told(ctx, cause))
	}
	return r.again(ctx, rand.N(firstPause<<r.Attempts), 1, r.told(ctx, cause))
}

// told is an error in words for people; what was not written for them is logged.
func (r reading) told(ctx context.Context, cause error) string {
	var stripe *catalog.Error
	if errors.As(cause, &stripe) {
		cause = connection.StripeFault(cause)
	}
	if f := fault.As(cause); f != nil {
		return f.Message
	}
	if stripe != nil {
		return stripe.Message
	}
	r.Log.ErrorContext(ctx, "reading an object of Stripe's failed", "object", r.String(), "tenant_id", r.TenantID, "error", cause)
	return oursToExplain
}

// postpone looks again the later the longer an object has waited for its row.
func (r reading) postpone(ctx context.Context) error {
	waited, err := postgres.One(ctx, r.DB, pgx.RowTo[time.Duration], errOlder, `UPDATE stripe_objects SET waits_since = coalesce(waits_since, golive_now())`+is+`
		AND fetch_epoch = $6 RETURNING golive_now() - waits_since`, r.arguments(r.Epoch)...)
	if err != nil {
		return wrap(err, "note that an object waits")
	}
	if waited >= mostWait {
		return r.giveUp(ctx, neverArrived)
	}
	return r.again(ctx, rand.N(min(max(waited, soonestLook), longestLook)), 0, neverArrived)
}

// again has the sweep give the object a job after a pause.
func (r reading) again(ctx context.Context, after time.Duration, tries int, why string) error {
	return postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE stripe_objects SET attempts = attempts + $7, next_try_at = golive_now() + $8::interval, error = $9,
			job_id = NULL, lifeline = NULL`+is+` AND fetch_epoch = $6`, r.arguments(r.Epoch, tries, after, why)...)
		if err == nil && tag.RowsAffected() == 0 {
			return errOlder
		}
		if err != nil {
			return wrap(err, "put a read off")
		}
		_, err = tx.Exec(ctx, `UPDATE stripe_events SET error = $7 WHERE tenant_id = $1 AND account_id = $2 AND livemode = $3 AND kind = $4 AND object_id = $5
			AND status = 'RECEIVED' AND fetch_epoch <= $6`, r.arguments(r.Epoch, why)...)
		return wrap(err, "note why events are not applied")
	})
}

// giveUp leaves the object to people, until there is news of it.
func (r reading) giveUp(ctx context.Context, why string) error {
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE stripe_objects SET dead = true, attempts = attempts + 1, error = $7, next_try_at = NULL, job_id = NULL, lifeline = NULL`+is+`
			AND fetch_epoch = $6`, r.arguments(r.Epoch, why)...)
		if err == nil && tag.RowsAffected() == 0 {
			return errOlder
		}
		if err != nil {
			return wrap(err, "give an object up")
		}
		_, err = r.end(ctx, tx, StatusDead, &why)
		return err
	})
	if err == nil {
		r.Log.ErrorContext(ctx, "gave up on an object of Stripe's; its events are dead", "object", r.String(), "tenant_id", r.TenantID, "says", why)
	}
	return err
}
