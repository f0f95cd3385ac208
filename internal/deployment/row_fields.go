package deployment

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/moment"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// The fields of a row that a Deployment does not carry, or that change without its
// status: what sets each of them, and what reads it.

// SetValidation keeps what the checks found.
func SetValidation(r *Report) Set { return set("validation", "?", r) }

// SetError keeps why the deployment did not complete.
func SetError(f *Failure) Set { return set("error", "?", f) }

// SetOutcome keeps what the deployment left behind in live.
func SetOutcome(o Outcome) Set { return set("live_outcome", "?", o) }

// SetPlan keeps the plan.
func SetPlan(p *plan.Plan) Set { return set("plan", "?", p) }

// SetPlanned keeps the plan of a run: whoever takes it over has to plan alike.
func SetPlanned(p *plan.Plan) []Set { return []Set{SetPlan(p), setRequires(requiresKeys)} }

// ReviewOf reads what checks and plan said; nil each as long as there is none.
func ReviewOf(ctx context.Context, db postgres.Querier, id string) (Review, error) {
	return postgres.One(ctx, db, pgx.RowToStructByName[Review], notFound(), `SELECT id::text, validation, plan FROM deployments WHERE id = $1`, id)
}

// SetTestSnapshot keeps what test held when the deployment was planned.
func SetTestSnapshot(test *catalog.Snapshot) Set { return set("test_snapshot", "?", test) }

// TestSnapshot is what test held when the deployment was planned.
func TestSnapshot(ctx context.Context, db postgres.Querier, id string) (*catalog.Snapshot, error) {
	test, err := field[catalog.Snapshot](ctx, db, id, "test_snapshot")
	return &test, err
}

// SetDriftSeen keeps the plan.DriftDigest that people were told of.
func SetDriftSeen(digest string) Set { return set("drift_seen", "?", digest) }

// driftSeen is the plan.DriftDigest that people were told of, of a schedule.
func driftSeen(ctx context.Context, db postgres.Querier, id string) (string, error) {
	return field[string](ctx, db, id, "drift_seen")
}

// SetTurned makes the way back the only one; the database refuses another turn. A
// worker must know of it.
func SetTurned() []Set {
	return append(SetStripeAnswered(), set("direction", "'UNDO'"), setRequires(requiresTurning))
}

// SetUndoPlanned tells that the journal has the steps that undo, which whoever takes it
// over has to judge alike.
func SetUndoPlanned() []Set {
	return []Set{set("undo_planned", "true"), setRequires(requiresKeys)}
}

// SetStripeAnswered ends what was counted of an outage: the next one is another.
func SetStripeAnswered() []Set { return []Set{set("outage", "'0'"), set("trouble", "'0'")} }

// AddOutage counts how long the deployment has tried against a Stripe that is down, or
// else that does not answer for one object, and returns how long that is in all. The
// grace of a schedule is longer by it. ErrLost where epoch is not the owner's any more.
func AddOutage(ctx context.Context, db postgres.Querier, id string, epoch int64, tried time.Duration, down bool) (sum time.Duration, err error) {
	sets, is := []Set{set("outage", "outage + ?::interval", tried)}, "trouble"
	if down {
		sets, is = append(sets, set("trouble", "'0'")), "outage"
	} else {
		sets = append(sets, set("trouble", "trouble + ?::interval", tried))
	}
	sql, args := update{sets: sets, where: []clause{where("d.id = ?", id), where("d.epoch = ?", epoch)}}.sql(where(is))
	return postgres.One(ctx, db, pgx.RowTo[time.Duration], ErrLost, sql, args...)
}

// changed makes a new version, for those who meant the one before: "moved it to …".
func changed(by, change string) []Set {
	return []Set{
		set("version", "version + 1"), set("changed_by", "?", by), set("changed_at", "clock_timestamp()"), set("last_change", "?", change),
	}
}

// happened is a change that is nobody's and makes no new version: people's requests for the
// one that there is stay good.
func happened(what string) []Set {
	return []Set{set("changed_by", "?", system), set("changed_at", "clock_timestamp()"), set("last_change", "?", what)}
}

// setCancel leaves a request to cancel with whoever carries the deployment out, who
// must know of it.
func setCancel(by string) []Set {
	return []Set{
		set("cancel_requested_at", "clock_timestamp()"), set("cancel_requested_by", "?", by), set("retry_at", "NULL"),
		setRequires(requiresTurning),
	}
}

const startedEarly = "started it early"

// setStarted lets a schedule begin by the right of whoever says so.
func setStarted(by tenant.Actor) []Set {
	return append(changed(by.Email, startedEarly), set("started_by", "?", by.Email), set("responsible", "?", by.Email),
		set("credential", "nullif(?, '')", by.Principal))
}

// setDue is when a schedule is due, and how that came about.
func setDue(m moment.Time) []Set {
	return []Set{
		set("due_at", "?", m.At), set("local_time", "?", m.Local), set("time_zone", "?", m.Zone.String()),
		set("time_resolution", "?", m.Resolution), set("disambiguation", "?", m.Disambiguation), set("tzdata_version", "?", m.TZData),
	}
}

// setResolved is when a wall time is by newer time zone data.
func setResolved(tzdata string, to *localtime.Resolved) []Set {
	return []Set{set("tzdata_version", "?", tzdata), set("time_resolution", "?", to.Resolution), set("due_at", "?", to.Instant)}
}

// setNow makes a schedule an immediate deployment; one that was held because something
// had changed deploys what there is.
func setNow() []Set {
	return []Set{
		set("trigger", "'IMMEDIATE'"),
		set("if_changed", "CASE wait_reason WHEN 'CHANGED_SINCE_SCHEDULED' THEN 'DEPLOY_LATEST' ELSE if_changed END"),
	}
}

// setDisowned takes a deployment from whoever has it: a stale owner finds another epoch.
func setDisowned() []Set {
	return []Set{set("epoch", "epoch + 1"), set("owner", "NULL"), set("lease_until", "NULL"), set("retry_at", "NULL")}
}

// setUnstarted takes it from whoever has it, job and all. It has not begun, whatever
// has been looked at.
func setUnstarted() []Set {
	return append(append(setDisowned(), SetStripeAnswered()...),
		set("job_id", "NULL"), set("started_at", "NULL"), set("started_by", "NULL"), set("trigger", "'SCHEDULED'"))
}

// setRequires must not come twice in one statement: the later one would count.
func setRequires(what int) Set { return set("requires", "GREATEST(requires, ?)", what) }

// lastJob is the number of the deployment's last job.
func lastJob(ctx context.Context, db postgres.Querier, id string) (job, error) {
	n, err := field[int](ctx, db, id, "dispatch")
	return job{ID: id, Dispatch: n}, err
}

// field reads one column.
func field[T any](ctx context.Context, db postgres.Querier, id, column string) (T, error) {
	return postgres.One(ctx, db, pgx.RowTo[T], notFound(), `SELECT `+column+` FROM deployments WHERE id = $1`, id)
}
