package deployment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/fair"
	"github.com/golive-hq/golive/internal/postgres"
)

// This file alone writes rows of deployments, their events and their jobs: what the
// other row_ files set goes through its builder. So no change of a status goes without
// its event, and no job acts without its row.

// ErrLost tells a worker that the deployment is no longer its own: another one
// took over, or it has ended. It stops and touches nothing.
var ErrLost = errors.New("deployment: another worker took over")

// Move is a change of a deployment's state that people are told of.
type Move struct {
	Status  Status
	Message string
	// Percentage is what is done by now; a lower one than before changes nothing,
	// and only completion is 100.
	Percentage int
	WaitReason *WaitReason
	// Steps are the indices of those that the event tells of.
	Steps []int
	// Set assigns what else changes with it.
	Set []Set
	// only narrows down which rows it may meet.
	only []clause
}

// Moved is what a move left of the schedule: what notices of it name.
type Moved struct {
	Version int        `db:"version"`
	DueAt   *time.Time `db:"due_at"`
}

// clause is a piece of SQL with a question mark for each of its arguments.
type clause struct {
	sql  string
	args []any
}

func where(sql string, args ...any) clause { return clause{sql, args} }

// Set assigns a column of the row; the fields' table has them by name.
type Set struct {
	column string
	clause
}

func set(column, sql string, args ...any) Set { return Set{column, clause{sql, args}} }

// update is a statement that writes to deployments. Where a column is set twice, the
// later one counts.
type update struct {
	sets  []Set
	from  clause
	where []clause
}

// sql numbers the arguments from 1.
func (u update) sql(returning clause) (sql string, args []any) {
	add := func(c clause) string {
		args = append(args, c.args...)
		return c.sql
	}
	last := map[string]int{}
	for i, s := range u.sets {
		last[s.column] = i
	}
	var sets, conditions []string
	for i, s := range u.sets {
		if last[s.column] == i {
			sets = append(sets, s.column+" = "+add(s.clause))
		}
	}
	from := add(u.from)
	for _, c := range u.where {
		conditions = append(conditions, add(c))
	}
	sql = "UPDATE deployments d SET " + strings.Join(sets, ", ") + from + " WHERE " + strings.Join(conditions, " AND ")
	if returning.sql != "" {
		sql += " RETURNING " + add(returning)
	}
	return numbered(sql), args
}

// numbered turns question marks into $1, $2, … All SQL here is written in the row_
// files, and none of it has a question mark that is not an argument's.
func numbered(sql string) string {
	parts := strings.Split(sql, "?")
	for i := range parts[:len(parts)-1] {
		parts[i] += "$" + strconv.Itoa(i+1)
	}
	return strings.Join(parts, "")
}

// insert adds a row. created is false, and nothing happened, where another deployment is
// active on the same live object: the index decides.
func insert(ctx context.Context, tx pgx.Tx, d *Deployment, key *string, digest string, sets ...Set) (created bool, err error) {
	var columns, values []string
	var args []any
	for _, s := range append([]Set{
		set("id", "?", d.ID), set("tenant_id", "?", d.TenantID), set("product_id", "?", d.ProductID),
		set("live_account_id", "?", d.LiveAccountID), set("stripe_product_id", "?", d.StripeProductID),
		set("kind", "?", d.Kind), set("trigger", "?", d.Trigger), set("status", "?", d.Status), set("wait_reason", "?", d.WaitReason),
		set("requested_by", "?", d.RequestedBy), set("reason", "?", d.Reason), set("rollback_of", "?", d.RollbackOfID),
		set("idempotency_key", "?", key), set("input_digest", "?", digest), set("expected_plan_hash", "?", d.ExpectedPlanHash),
		set("adopt", "?", d.Adopt), set("if_changed", "?", d.IfChanged), set("notifications", "?", d.Notifications),
		set("requires", "?", d.requires()), set("credential", "nullif(?, '')", d.Credential),
	}, sets...) {
		columns, values, args = append(columns, s.column), append(values, s.sql), append(args, s.args...)
	}
	tag, err := tx.Exec(ctx, numbered("INSERT INTO deployments ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(values, ", ")+
		") ON CONFLICT (live_account_id, stripe_product_id) WHERE "+active+" DO NOTHING"), args...)
	return tag.RowsAffected() == 1, err
}

// mine is the row of a deployment that has not ended. A nil epoch is for those who
// act without owning it.
func mine(id string, epoch *int64) []clause {
	is := []clause{where("d.id = ?", id), where("d.finished_at IS NULL")}
	if epoch != nil {
		is = append(is, where("d.epoch = ?", *epoch))
	}
	return is
}

// withEvent writes an event with an update, which says its message and whether it is
// the last one. Its sequence continues without a gap. It returns what Moved holds.
func withEvent(u update, says clause) (sql string, args []any) {
	u.sets = append(u.sets, set("last_sequence", "last_sequence + 1"))
	sql, args = u.sql(clause{"d.id, last_sequence, status, progress_percentage, wait_reason, version, due_at, " + says.sql, says.args})
	return "WITH moved AS (" + sql + `), told AS (
		INSERT INTO deployment_events (deployment_id, sequence, status, percentage, wait_reason, message, terminal, step_indexes)
		SELECT id, last_sequence, status, progress_percentage, wait_reason, message, terminal, steps FROM moved)
		SELECT version, due_at FROM moved`, args
}

func (m Move) sql(id string, epoch *int64) (string, []any) {
	sets := []Set{
		set("status", "?", m.Status),
		set("progress_message", "?", m.Message),
		set("wait_reason", "?", m.WaitReason),
		set("progress_percentage", "GREATEST(progress_percentage, ?)", min(m.Percentage, 99)),
	}
	if m.Status == Validating {
		sets = append(sets, set("started_at", "COALESCE(started_at, clock_timestamp())"))
	}
	if m.Status.Terminal() {
		sets = append(sets, set("finished_at", "clock_timestamp()"), set("lease_until", "NULL"))
	}
	is := append(mine(id, epoch), m.only...)
	if m.Status == Completed {
		sets = append(sets, set("progress_percentage", "100"))
		// A cancel that came first wins: "cancelled but live" cannot happen.
		is = append(is, where("cancel_requested_at IS NULL AND direction = 'FORWARD'"))
	}
	return withEvent(update{sets: append(sets, m.Set...), where: is},
		where("progress_message AS message, finished_at IS NOT NULL AS terminal, ?::int[] AS steps", m.Steps))
}

// Advance applies a move and writes its event. epoch fences out a stale owner; nil is
// for those who act without owning the deployment. ErrLost: it belongs to somebody
// else by now, has ended, or is not as the move expects it.
func Advance(ctx context.Context, tx pgx.Tx, id string, epoch *int64, m Move) (Moved, error) {
	sql, args := m.sql(id, epoch)
	moved, err := postgres.One(ctx, tx, pgx.RowToStructByName[Moved], ErrLost, sql, args...)
	if err != nil && !errors.Is(err, ErrLost) {
		return moved, fmt.Errorf("advance to %s: %w", m.Status, err)
	}
	return moved, err
}

// advanceAll applies moves, by id, all sent at once and in that order: in one statement
// for all of them Postgres would choose the order. It is a savepoint: where it fails
// nothing of it has happened.
func advanceAll(ctx context.Context, tx pgx.Tx, ids []string, moves []Move) error {
	var batch pgx.Batch
	for i, m := range moves {
		sql, args := m.sql(ids[i], nil)
		batch.Queue(sql, args...)
	}
	return postgres.InTx(ctx, tx, func(tx pgx.Tx) error { return tx.SendBatch(ctx, &batch).Close() })
}

// remark adds an event that changes nothing about a deployment which has not
// ended: no event follows the terminal one.
func remark(ctx context.Context, tx pgx.Tx, id, message string, sets ...Set) error {
	sql, args := withEvent(update{sets: sets, where: mine(id, nil)}, where("?::text AS message, false AS terminal, NULL::int[] AS steps", message))
	_, err := tx.Exec(ctx, sql, args...)
	return err
}

// write sets fields that people are not told of. ErrLost is as for Advance.
func write(ctx context.Context, db postgres.Execer, id string, epoch *int64, sets ...Set) error {
	sql, args := update{sets: sets, where: mine(id, epoch)}.sql(clause{})
	tag, err := db.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrLost
	}
	return err
}

// toggle shows a completed deployment as rolled back, and one that was rolled back as
// completed again; it returns which one that deployment had rolled back itself, if any.
func toggle(ctx context.Context, tx pgx.Tx, id string) (rollbackOf *string, err error) {
	sql, args := update{
		sets:  []Set{set("status", "CASE status WHEN 'COMPLETED' THEN 'ROLLED_BACK' ELSE 'COMPLETED' END")},
		where: []clause{where("d.id = ?", id)},
	}.sql(where("rollback_of::text"))
	err = tx.QueryRow(ctx, sql, args...).Scan(&rollbackOf)
	return rollbackOf, err
}

// job is the number of a deployment's last job, which dispatch counts up. Place is how
// many of its live account have a job already.
type job struct {
	ID       string `db:"id"`
	Dispatch int    `db:"dispatch"`
	Place    int    `db:"place"`
}

// dispatch gives each deployment its next job, the only one that may act on it from
// now on, and sets what else goes with that. Those that have no place are left to wait.
func dispatch(ctx context.Context, tx pgx.Tx, jobs *river.Client[pgx.Tx], last []job, sets ...Set) error {
	last = slices.DeleteFunc(last, func(j job) bool { return j.Place >= fair.Places })
	if len(last) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(last))
	for i, j := range last {
		params[i] = river.InsertManyParams{Args: RunArgs{DeploymentID: j.ID, Dispatch: j.Dispatch + 1}, InsertOpts: &river.InsertOpts{Priority: fair.Priority(j.Place)}}
	}
	inserted, err := jobs.InsertManyTx(ctx, tx, params)
	if err != nil {
		return fmt.Errorf("insert jobs: %w", err)
	}
	ids, next := make([]string, len(last)), make([]int64, len(last))
	for i, j := range last {
		ids[i], next[i] = j.ID, inserted[i].Job.ID
	}
	sql, args := update{
		sets:  append([]Set{set("job_id", "next.job"), set("dispatch", "dispatch + 1")}, sets...),
		from:  where(" FROM unnest(?::uuid[], ?::bigint[]) AS next (id, job)", ids, next),
		where: []clause{where("d.id = next.id")},
	}.sql(clause{})
	_, err = tx.Exec(ctx, sql, args...)
	return err
}
