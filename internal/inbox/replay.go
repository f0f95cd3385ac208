package inbox

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// mostReplayed bounds how many events may be named, and replayLot how many one transaction
// replays.
const (
	mostReplayed = 100
	replayLot    = 500
)

// ReplayInput says which events to replay: those with the ids, or all that are dead.
type ReplayInput struct {
	TenantID string
	Mode     catalog.Mode
	// EventIDs are Stripe's.
	EventIDs []string
	AllDead  bool
}

// Replay has the objects of events read again, whatever became of the events, and returns how
// many events there were; those that are about nothing that is read don't count. It needs the
// role ADMIN. NOT_FOUND names an event that never came.
func (s *Service) Replay(ctx context.Context, in ReplayInput) (replayed int, err error) {
	if err := tenant.Require(ctx, in.TenantID, tenant.RoleAdmin); err != nil {
		return 0, err
	}
	switch {
	case in.AllDead == (len(in.EventIDs) > 0):
		return 0, fault.New(fault.InvalidInput, "Name events in stripeEventIds, or set allDead.").At("input", "stripeEventIds")
	case len(in.EventIDs) > mostReplayed:
		return 0, fault.New(fault.InvalidInput, "At most %d events can be named at a time.", mostReplayed).At("input", "stripeEventIds")
	}
	for lot := replayLot; lot == replayLot; replayed += lot {
		err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
			if err := stillAdmin(ctx, tx, in.TenantID); err != nil {
				return err
			}
			lot, err = s.replayIn(ctx, tx, in)
			return err
		})
		if err != nil {
			return replayed, err
		}
	}
	return replayed, nil
}

// replayable is an event with its object.
type replayable struct {
	EventID string  `db:"event_id"`
	Account string  `db:"account_id"`
	Kind    *Kind   `db:"kind"`
	Object  *string `db:"object_id"`
}

func (s *Service) replayIn(ctx context.Context, tx pgx.Tx, in ReplayInput) (int, error) {
	found, err := postgres.All(ctx, tx, pgx.RowToStructByName[replayable], `SELECT event_id, account_id, kind, object_id FROM stripe_events
		WHERE tenant_id = $1 AND livemode = $2 AND (event_id = ANY($3) OR $4 AND status = 'DEAD') ORDER BY id LIMIT $5`,
		in.TenantID, live(in.Mode), in.EventIDs, in.AllDead, replayLot)
	if err != nil {
		return 0, wrap(err, "look for events to replay")
	}
	if err := allFound(in, found); err != nil {
		return 0, err
	}
	found = slices.DeleteFunc(found, func(r replayable) bool { return r.Object == nil })
	if len(found) == 0 {
		return 0, nil
	}
	if err := s.touchAll(ctx, tx, in, found); err != nil {
		return 0, err
	}
	ids := make([]string, len(found))
	for i, r := range found {
		ids[i] = r.EventID
	}
	_, err = tx.Exec(ctx, `UPDATE stripe_events SET status = 'RECEIVED', source = $4, applied_at = NULL, error = NULL
		WHERE tenant_id = $1 AND livemode = $2 AND event_id = ANY($3)`, in.TenantID, live(in.Mode), ids, fromReplay)
	if err != nil {
		return 0, wrap(err, "replay events")
	}
	return len(found), recordReplay(ctx, tx, in, ids)
}

func allFound(in ReplayInput, found []replayable) error {
	for i, id := range in.EventIDs {
		if !slices.ContainsFunc(found, func(r replayable) bool { return r.EventID == id }) {
			return fault.New(fault.NotFound, "No event of Stripe's with this ID has come.").At("input", "stripeEventIds", strconv.Itoa(i))
		}
	}
	return nil
}

// touchAll takes the objects first, as reads do, and in one order, so that nobody waits for
// each other.
func (s *Service) touchAll(ctx context.Context, tx pgx.Tx, in ReplayInput, found []replayable) error {
	var objects []Object
	for _, r := range found {
		objects = append(objects, Object{in.TenantID, r.Account, in.Mode, *r.Kind, *r.Object})
	}
	slices.SortFunc(objects, func(a, b Object) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	for _, o := range slices.Compact(objects) {
		if err := s.Touch(ctx, tx, o); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE stripe_objects SET `+dueNow+is+` AND job_id IS NULL`, o.arguments()...); err != nil {
			return wrap(err, "end an object's pause")
		}
	}
	return nil
}

// dueNow has an object that pauses read again at once, and as often as a new one.
const dueNow = `next_try_at = golive_now(), attempts = 0`

// Connected has the objects of an account read again at once that paused because its key was of
// no use, in the transaction that connects another one.
func Connected(ctx context.Context, tx pgx.Tx, tenantID string, mode catalog.Mode, accountID string) error {
	_, err := tx.Exec(ctx, `UPDATE stripe_objects SET `+dueNow+` WHERE tenant_id = $1 AND livemode = $2 AND account_id = $3
		AND dirty_seq > clean_seq AND NOT dead AND job_id IS NULL`, tenantID, live(mode), accountID)
	return wrap(err, "end the pauses of an account's objects")
}

func recordReplay(ctx context.Context, tx pgx.Tx, in ReplayInput, ids []string) error {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return err
	}
	details := map[string]any{"mode": in.Mode, "events": len(ids), "allDead": in.AllDead}
	if !in.AllDead {
		details["ids"] = ids
	}
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: in.TenantID, Actor: actor.Email, Action: "webhook_events.replayed", Subject: in.TenantID, Details: details,
	})
}
