package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/postgres"
)

// Queue is the River queue of reads.
const Queue = "stripe"

// RefreshArgs is the job that reads one object. The row is the truth; the job only says that
// somebody should look at it.
type RefreshArgs struct {
	TenantID  string `json:"tenant_id"`
	AccountID string `json:"account_id"`
	Livemode  bool   `json:"livemode"`
	Object    Kind   `json:"object"`
	ID        string `json:"id"`
}

// mostRuns is how often River runs a job that fails for a fault of ours.
const mostRuns = 3

// Kind is the job's name in River.
func (RefreshArgs) Kind() string { return "stripe_refresh" }

// InsertOpts leaves trying again to the row.
func (RefreshArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: Queue, MaxAttempts: mostRuns}
}

func argsOf(o Object) RefreshArgs {
	return RefreshArgs{o.TenantID, o.AccountID, live(o.Mode), o.Kind, o.ID}
}

func (a RefreshArgs) object() Object {
	return Object{a.TenantID, a.AccountID, modeOf(a.Livemode), a.Object, a.ID}
}

// errOlder tells a read that a newer one has begun, or that the object is clean.
var errOlder = errors.New("inbox: a newer read has begun")

// is takes the first five arguments of a statement for an object.
const is = ` WHERE tenant_id = $1 AND account_id = $2 AND livemode = $3 AND kind = $4 AND id = $5`

func (o Object) arguments(more ...any) []any {
	return append([]any{o.TenantID, o.AccountID, live(o.Mode), o.Kind, o.ID}, more...)
}

// Touch makes an object dirty, in the transaction of what made it so, and gives it a job if
// it was clean or given up, or waited for its row, which may be what has come.
func (s *Service) Touch(ctx context.Context, tx pgx.Tx, o Object) error {
	_, err := tx.Exec(ctx, `WITH `+ring(`VALUES ($1, $2, $3, $4, $5, `+nextJob+`)`, "$6")+` SELECT`, o.arguments(argsOf(o))...)
	return wrap(err, "make an object dirty")
}

// nextJob is the id of a job that an object is to get.
const nextJob = `nextval('river_job_id_seq')`

// ring is Touch as a part of a statement: object is its row, and args the argument that has
// its job's. The job waits a moment, because what rings meanwhile is read with it. So nobody
// is told of it, which is what makes commits wait for each other: workers look often enough.
func ring(object, args string) string {
	const wakes, fresh = `(o.dirty_seq = o.clean_seq OR o.dead OR o.waits_since IS NOT NULL AND o.job_id IS NULL)`, `(o.dirty_seq = o.clean_seq OR o.dead)`
	return fmt.Sprintf(`o AS (INSERT INTO stripe_objects AS o (tenant_id, account_id, livemode, kind, id, job_id) %[3]s
			ON CONFLICT (tenant_id, account_id, livemode, kind, id) DO UPDATE SET dirty_seq = o.dirty_seq + 1, dead = false,
				woken_seq = CASE WHEN %[1]s THEN o.dirty_seq + 1 ELSE o.woken_seq END,
				job_id = CASE WHEN %[1]s THEN EXCLUDED.job_id ELSE o.job_id END,
				lifeline = CASE WHEN %[1]s THEN NULL ELSE o.lifeline END,
				next_try_at = CASE WHEN %[1]s THEN NULL ELSE o.next_try_at END,
				attempts = CASE WHEN %[2]s THEN 0 ELSE o.attempts END,
				waits_since = CASE WHEN %[2]s THEN NULL ELSE o.waits_since END
			RETURNING job_id, woken_seq = dirty_seq AS wakes),
		j AS (INSERT INTO river_job (id, kind, queue, max_attempts, args, scheduled_at)
			SELECT job_id, '%[5]s', '%[6]s', %[7]d, %[4]s::jsonb, clock_timestamp() + interval '100 ms' FROM o WHERE wakes)`,
		wakes, fresh, object, args, RefreshArgs{}.Kind(), Queue, mostRuns)
}

// wake makes a new job the only one that may read the object.
func (s *Service) wake(ctx context.Context, tx pgx.Tx, o Object) error {
	job, err := s.Jobs.InsertTx(ctx, tx, argsOf(o), nil)
	if err != nil {
		return wrap(err, "insert a job")
	}
	_, err = tx.Exec(ctx, `UPDATE stripe_objects SET job_id = $6, lifeline = NULL, next_try_at = NULL`+is, o.arguments(job.Job.ID)...)
	return wrap(err, "give an object a job")
}

// reading is a read of an object that has begun.
type reading struct {
	*Service
	Object
	readingRow
	// News is when the newest of the events was made that it will have seen, nil for none.
	News *time.Time
}

// readingRow is what its row said when it began.
type readingRow struct {
	// Seen is the object's dirty_seq when it began, and Epoch which read it is.
	Seen     int64 `db:"dirty_seq"`
	Epoch    int64 `db:"fetch_epoch"`
	Attempts int   `db:"attempts"`
}

// begin makes a job's read the newest, and notes the events that it will have seen; errOlder
// where there is nothing for this job to read any more.
func (s *Service) begin(ctx context.Context, o Object, jobID, lifeline int64) (reading, error) {
	r := reading{Service: s, Object: o}
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		r.readingRow, err = postgres.One(ctx, tx, pgx.RowToStructByName[readingRow], errOlder, `UPDATE stripe_objects SET fetch_epoch = fetch_epoch + 1, lifeline = $7`+is+`
			AND job_id = $6 AND dirty_seq > clean_seq AND NOT dead AND (clean_since IS NULL OR clean_since <= clock_timestamp() - $8::interval)
			RETURNING dirty_seq, fetch_epoch, attempts`, o.arguments(jobID, lifeline, apart)...)
		if errors.Is(err, errOlder) {
			return tooSoon(ctx, tx, o, jobID)
		}
		if err != nil {
			return wrap(err, "begin to read an object")
		}
		// Whoever made it dirty held its row until its event could be seen: these are all.
		err = tx.QueryRow(ctx, `WITH seen AS (UPDATE stripe_events SET fetch_epoch = $6, attempts = attempts + 1
				WHERE tenant_id = $1 AND account_id = $2 AND livemode = $3 AND kind = $4 AND object_id = $5 AND status = 'RECEIVED' RETURNING created_at, source)
			SELECT max(created_at) FROM seen WHERE source <> 'REPLAY'`, o.arguments(r.Epoch)...).Scan(&r.News)
		return wrap(err, "note what a read sees")
	})
	return r, err
}

// tooSoon is a TooSoonError where the job's object is dirty and was read just now, and errOlder
// otherwise.
func tooSoon(ctx context.Context, tx pgx.Tx, o Object, jobID int64) error {
	wait, err := postgres.One(ctx, tx, pgx.RowTo[time.Duration], errOlder, `SELECT clean_since + $7::interval - clock_timestamp() FROM stripe_objects`+is+`
		AND job_id = $6 AND dirty_seq > clean_seq AND NOT dead AND clean_since IS NOT NULL`, o.arguments(jobID, apart)...)
	if err != nil {
		return wrap(err, "ask when an object was read")
	}
	return TooSoonError{max(wait, 0)}
}

// settle is the Settle of a read. It keeps newer reads from beginning until tx ends.
func (r reading) settle(ctx context.Context, tx pgx.Tx) (newest bool, err error) {
	newest, err = postgres.One(ctx, tx, pgx.RowTo[bool], nil, `SELECT fetch_epoch = $6 FROM stripe_objects`+is+` FOR NO KEY UPDATE`, r.arguments(r.Epoch)...)
	return newest, wrap(err, "ask whether a read is the newest")
}

// finish ends what a read has seen, and gives what came meanwhile to another job.
func (r reading) finish(ctx context.Context, verdict Verdict) (ages []time.Duration, err error) {
	err = postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		more, err := postgres.One(ctx, tx, pgx.RowTo[bool], errOlder, `UPDATE stripe_objects SET clean_seq = $7, attempts = 0, waits_since = NULL,
				clean_since = now(), next_try_at = NULL, error = NULL, job_id = NULL, lifeline = NULL, woken_seq = CASE WHEN dirty_seq > $7 THEN dirty_seq ELSE woken_seq END`+is+`
			AND fetch_epoch = $6 RETURNING dirty_seq > clean_seq`, r.arguments(r.Epoch, r.Seen)...)
		if err != nil {
			return wrap(err, "finish a read")
		}
		if ages, err = r.end(ctx, tx, Status(verdict), nil); err != nil || !more {
			return err
		}
		return r.wake(ctx, tx, r.Object)
	})
	return ages, err
}

// end gives the events that a read saw a status, and tells how old those were that nobody had
// replayed. Those that were given up are among them: what they told of has been read now.
func (r reading) end(ctx context.Context, tx pgx.Tx, status Status, why *string) ([]time.Duration, error) {
	ages, err := postgres.All(ctx, tx, pgx.RowTo[time.Duration], `WITH ended AS (UPDATE stripe_events SET status = $7, error = $8,
				applied_at = CASE WHEN $7 <> 'DEAD' THEN clock_timestamp() END
			WHERE tenant_id = $1 AND account_id = $2 AND livemode = $3 AND kind = $4 AND object_id = $5 AND status IN ('RECEIVED', 'DEAD') AND fetch_epoch <= $6
			RETURNING created_at, source)
		SELECT clock_timestamp() - created_at FROM ended WHERE source <> 'REPLAY'`, r.arguments(r.Epoch, status, why)...)
	return ages, wrap(err, "end events")
}
