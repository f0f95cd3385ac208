package deployment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pause"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// What a worker must know of to carry a deployment out. Each row says how much of it;
// a worker passes over those that ask for more than it knows. Rows of earlier versions may
// ask for 2, which is schedules, and that a rollback holds those made before it.
const (
	// requiresTurning: turning back, cancels, pauses.
	requiresTurning = 1
	// requiresKeys: metadata key by key, and what is hashed and digested by that; and (what
	// 3 stands for) journals with placeholders that name kind and escaped id.
	requiresKeys = 4

	// requiresPeople: that somebody may deploy without a token, whose session it was that
	// asked, and who is responsible for a schedule.
	requiresPeople = 5

	// knows is what this version knows of.
	knows = requiresPeople
)

func (d *Deployment) requires() int {
	if d.DueAt != nil || strings.HasPrefix(d.Credential, tenant.SessionKind+"/") {
		return requiresPeople
	}
	if d.Kind == Rollback || d.ExpectedPlanHash != nil {
		return requiresKeys
	}
	return 0
}

// setLease gives the owner time from when the statement came, not from when it had its
// turn: one of an owner that is frozen may wait for a lock for longer than the lease. Of
// two that overtake each other the later one counts.
func setLease(length time.Duration) Set {
	return set("lease_until", "GREATEST(d.lease_until, statement_timestamp() + ?::interval)", length)
}

// unowned tells that nobody has the right to act, or had it for too long.
const unowned = `(lease_until IS NULL OR lease_until < clock_timestamp())`

// Owned is what a worker gets with the right to act.
type Owned struct {
	// Epoch fences out every earlier owner.
	Epoch int64 `db:"epoch"`
	// TooLate tells that nobody began the schedule within its grace.
	TooLate bool `db:"too_late"`
	// Late is how long after its time a schedule begins; 0 for all else.
	Late time.Duration `db:"late"`
	// Waited is how long ago it became PENDING; 0 where somebody has worked on it. Since
	// then no other deployment was active on its live object.
	Waited time.Duration `db:"waited"`
}

var ownedColumns = `epoch, ` + tooLate("?") + ` AS too_late,
	CASE WHEN trigger = 'SCHEDULED' AND status = 'PENDING' THEN golive_now() - due_at ELSE '0' END AS late,
	coalesce(CASE WHEN status = 'PENDING' THEN (SELECT clock_timestamp() - max(at) FROM deployment_events
		WHERE deployment_id = d.id AND status = 'PENDING') END, '0') AS waited`

// Owner is a worker, and the number of the postgres.Lifeline with which its right to act
// ends: others take over as soon as that session has ended.
type Owner struct {
	Name     string
	Lifeline int64
}

// Own makes a worker the owner of an active deployment for a length of time, if jobID
// is its job, nobody else owns it, and the worker knows all that it requires. ErrLost
// where any of that is not so, or everything is paused. It writes able_epoch and
// schedule_epoch for workers of earlier versions: see the migrations on them.
func Own(ctx context.Context, db postgres.Querier, id string, jobID int64, owner Owner, length time.Duration) (Owned, error) {
	sql, args := update{
		sets: []Set{
			set("owner", "?", owner.Name), set("epoch", "epoch + 1"), set("able_epoch", "epoch + 1"), set("schedule_epoch", "epoch + 1"),
			set("lifeline", "?", owner.Lifeline), set("lifeline_epoch", "epoch + 1"),
			set("retry_at", "NULL"), setLease(length),
		},
		where: []clause{
			where("d.id = ?", id), where("job_id = ?", jobID), where(active), where("requires <= ?", knows),
			where(unowned + " AND NOT " + pause.Holds),
		},
	}.sql(where(ownedColumns, grace, grace))
	return postgres.One(ctx, db, pgx.RowToStructByName[Owned], ErrLost, sql, args...)
}

// IsOwned tells whether somebody else is alive on a deployment under the same job.
func IsOwned(ctx context.Context, db postgres.Querier, id string, jobID int64) (bool, error) {
	return postgres.One(ctx, db, pgx.RowTo[bool], nil, `SELECT EXISTS (SELECT FROM deployments
		WHERE id = $1 AND job_id = $2 AND `+active+` AND lease_until >= clock_timestamp())`, id, jobID)
}

// Renewal is what an owner learns with more time.
type Renewal struct {
	ID string `db:"id"`
	// Cancelled tells that somebody wants the way forward to end, Paused that an
	// operator has stopped everything.
	Cancelled bool `db:"cancelled"`
	Paused    bool `db:"paused"`
}

const renewal = `d.id::text, d.cancel_requested_at IS NOT NULL AND d.direction = 'FORWARD' AS cancelled,
	` + pause.Holds + ` AS paused`

// Renew gives owners more time, under the lifeline that they have by now. What is theirs
// no longer is missing in the answer, and so is what was let go: a late renewal must not
// take that back, or nobody else could take the deployment up.
func Renew(ctx context.Context, db postgres.Querier, ids []string, epochs []int64, lifeline int64, length time.Duration) ([]Renewal, error) {
	sql, args := update{
		sets: []Set{setLease(length), set("lifeline", "?", lifeline), set("lifeline_epoch", "d.epoch")},
		from: where(" FROM unnest(?::uuid[], ?::bigint[]) AS mine (id, epoch)", ids, epochs),
		where: []clause{
			where("d.id = mine.id AND d.epoch = mine.epoch AND d.lease_until IS NOT NULL"), where("d." + active),
		},
	}.sql(where(renewal))
	return postgres.All(ctx, db, pgx.RowToStructByName[Renewal], sql, args...)
}

// NoteBegun notes a step as RUNNING under its key, and gives its owner more time. begun
// is false where it may not begin: the deployment was cancelled or everything is paused,
// or it has turned back, after which steps of the way forward are settled, not begun.
// Postgres may still be carrying out a statement whose caller has given up, so a lease
// that was let go is never taken back. ErrLost where epoch is not the owner's any more.
func NoteBegun(ctx context.Context, db postgres.Querier, id string, epoch int64, length time.Duration, index int, key string) (r Renewal, begun bool, err error) {
	sql, args := update{
		sets:  []Set{setLease(length)},
		where: []clause{where("d.id = ?", id), where("d.epoch = ? AND status = 'DEPLOYING' AND lease_until IS NOT NULL", epoch)},
	}.sql(where("direction, " + renewal))
	type answer struct {
		Renewal
		Begun bool `db:"begun"`
	}
	a, err := postgres.One(ctx, db, pgx.RowToStructByName[answer], ErrLost, fmt.Sprintf(`WITH held AS (%s), begun AS (
			UPDATE deployment_steps SET status = 'RUNNING', attempts = attempts + 1, idempotency_key = $%d,
				started_at = COALESCE(started_at, clock_timestamp())
			FROM held WHERE deployment_id = $%d AND index = $%d AND NOT cancelled AND NOT paused
				AND (undo = (direction = 'UNDO') OR deployment_steps.status = 'RUNNING')
			RETURNING index)
		SELECT id, cancelled, paused, EXISTS (SELECT FROM begun) AS begun FROM held`, sql, len(args)+1, len(args)+2, len(args)+3),
		append(args, key, id, index)...)
	return a.Renewal, a.Begun, err
}

// LetGo ends ownership; the deployment may be taken up again after wait. One that has to
// wait leaves its place, and its job, to others.
func LetGo(ctx context.Context, db postgres.Execer, id string, epoch int64, wait time.Duration) error {
	err := write(ctx, db, id, &epoch,
		set("lease_until", "NULL"), set("owner", "NULL"), set("retry_at", "clock_timestamp() + ?::interval", wait),
		set("job_id", "CASE WHEN ?::interval = '0' THEN job_id END", wait))
	if errors.Is(err, ErrLost) {
		return nil
	}
	return err
}

// lock keeps the row as it is until tx ends, whoever owns it.
func lock(ctx context.Context, tx pgx.Tx, id string) error {
	_, err := tx.Exec(ctx, `SELECT FROM deployments WHERE id = $1 FOR NO KEY UPDATE`, id)
	return err
}

// Lock is lock for an owner, and refuses a stale one with ErrLost: so steps done side by
// side count each other.
func Lock(ctx context.Context, tx pgx.Tx, id string, epoch int64) error {
	tag, err := tx.Exec(ctx, `SELECT FROM deployments WHERE id = $1 AND epoch = $2 AND finished_at IS NULL FOR NO KEY UPDATE`, id, epoch)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrLost
	}
	return err
}

// CancelCameFirst tells whether it was a cancel that kept an owner from completing.
func CancelCameFirst(ctx context.Context, db postgres.Querier, id string, epoch int64) (bool, error) {
	return postgres.One(ctx, db, pgx.RowTo[bool], nil, `SELECT cancel_requested_at IS NOT NULL AND direction = 'FORWARD' AND epoch = $2
		FROM deployments WHERE id = $1 AND finished_at IS NULL`, id, epoch)
}

// WhoEnded is who has cancelled a deployment, or else who started or asked for it.
func WhoEnded(ctx context.Context, db postgres.Querier, id string) (string, error) {
	return field[string](ctx, db, id, "coalesce(cancel_requested_by, "+startedBy+", requested_by)")
}

// LastMessage is what people were told last; ErrLost where epoch is not the owner's.
func LastMessage(ctx context.Context, db postgres.Querier, id string, epoch int64) (string, error) {
	return postgres.One(ctx, db, pgx.RowTo[string], ErrLost, `SELECT progress_message FROM deployments WHERE id = $1 AND epoch = $2`, id, epoch)
}
