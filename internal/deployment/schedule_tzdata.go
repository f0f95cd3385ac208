package deployment

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/postgres"
)

// wallTimeSchedule is a schedule by a wall time that older time zone data resolved.
type wallTimeSchedule struct {
	Deployment
	Disambiguation localtime.Disambiguation `db:"disambiguation"`
	TzdataVersion  string                   `db:"tzdata_version"`
}

// ResolveAgain works out again, by this process's time zone data, the instants of
// schedules by wall time that older data resolved, and returns how many moved. What
// newer data resolved it leaves alone: in a rolling upgrade the older process must
// not turn the clock back. Chosen instants, and held schedules, stay as they are.
//
// One whose new instant has passed is due, or missed, like any other. What is due
// next comes first, for it may begin meanwhile.
func (s *Service) ResolveAgain(ctx context.Context) (moved int, err error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	older, err := olderVersions(ctx, s.DB)
	for err == nil && len(older) > 0 {
		var found, changed int
		found, changed, err = s.resolveLot(ctx, older)
		moved += changed
		s.lookout.All() // some may have moved into the past
		if found < sweepLot {
			break
		}
	}
	if err != nil {
		return moved, fmt.Errorf("resolve wall times again: %w", err)
	}
	return moved, nil
}

// olderVersions hops through the index from one version to the next: there are few,
// however many schedules there are.
func olderVersions(ctx context.Context, db postgres.Querier) ([]string, error) {
	stored, err := postgres.All(ctx, db, pgx.RowTo[string], `WITH RECURSIVE versions AS (
			(SELECT tzdata_version AS v FROM deployments WHERE `+byWallTime+` ORDER BY tzdata_version LIMIT 1)
			UNION ALL
			SELECT (SELECT tzdata_version FROM deployments WHERE `+byWallTime+` AND tzdata_version > v ORDER BY tzdata_version LIMIT 1)
			FROM versions WHERE v IS NOT NULL)
		SELECT v FROM versions WHERE v IS NOT NULL ORDER BY v`)
	var older []string
	for _, v := range stored {
		if localtime.CompareVersions(v, localtime.Version()) < 0 {
			older = append(older, v)
		}
	}
	return older, err
}

const byWallTime = `status = 'SCHEDULED' AND wait_reason = 'DUE_TIME' AND local_time IS NOT NULL`

func (s *Service) resolveLot(ctx context.Context, older []string) (found, moved int, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.SweepTime)
	defer cancel()
	var rang []*Deployment
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		rang = nil
		lot, err := postgres.All(ctx, tx, pgx.RowToStructByName[wallTimeSchedule], `SELECT `+columns+`, disambiguation, tzdata_version FROM deployments
			WHERE `+byWallTime+` AND tzdata_version = ANY($1) ORDER BY deployments.due_at, deployments.id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED`,
			older, sweepLot)
		if err != nil {
			return err
		}
		found = len(lot)
		for i := range lot {
			changed, err := resolveOne(ctx, s.Log, tx, &lot[i])
			if err != nil {
				return err
			}
			if changed {
				rang = append(rang, &lot[i].Deployment)
			}
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	for _, d := range rang {
		s.Notify.Ring(Topics(d)...)
	}
	return found, len(rang), nil
}

// resolveOne notes the new version in any case, so that nobody asks again.
func resolveOne(ctx context.Context, log *slog.Logger, tx pgx.Tx, w *wallTimeSchedule) (moved bool, err error) {
	resolved := w.resolve()
	if resolved == nil {
		log.ErrorContext(ctx, "unknown time zone on a schedule; keeping its instant", "deployment_id", w.ID, "time_zone", *w.TimeZone)
		resolved = &localtime.Resolved{Instant: *w.DueAt, Resolution: *w.TimeResolution}
	}
	sets := setResolved(localtime.Version(), resolved)
	if resolved.Instant.Equal(*w.DueAt) {
		return false, write(ctx, tx, w.ID, nil, sets...)
	}
	return true, tellMoved(ctx, tx, w, resolved.Instant, sets)
}

// resolve gives nil where the zone is gone. A person who wanted to be asked cannot
// be, so a reading that has come to mean two instants, or none, is taken as
// calendars take it.
func (w *wallTimeSchedule) resolve() *localtime.Resolved {
	zone, err := localtime.Load(*w.TimeZone)
	if err != nil {
		return nil
	}
	how := w.Disambiguation
	if how == localtime.Reject {
		how = localtime.Compatible
	}
	resolved, err := zone.Resolve(*w.LocalTime, how)
	if err != nil {
		return nil
	}
	return &resolved
}

func tellMoved(ctx context.Context, tx pgx.Tx, w *wallTimeSchedule, to time.Time, sets []Set) error {
	from := *w.DueAt
	change := fmt.Sprintf("moved it from %s to %s because the time zone rules for %s changed", localtime.UTC(from), localtime.UTC(to), *w.TimeZone)
	wait := WaitDueTime
	message := fmt.Sprintf("The time zone rules for %s changed (now %s, was %s): %s there is now %s, not %s",
		*w.TimeZone, localtime.Version(), w.TzdataVersion, localtime.WithoutSeconds(w.LocalTime.String()), localtime.UTC(to), localtime.UTC(from))
	m := Move{Status: Scheduled, Message: message, WaitReason: &wait, Set: append(sets, changed(system, change)...)}
	moved, err := Advance(ctx, tx, w.ID, nil, m)
	if err != nil {
		return err
	}
	err = audit.Record(ctx, tx, audit.Entry{
		TenantID: w.TenantID, Actor: system, Action: "deployment.moved", Subject: w.ID, Details: map[string]any{
			"from": from, "dueAt": to, "timeZone": w.TimeZone, "tzdata": map[string]string{"from": w.TzdataVersion, "to": localtime.Version()},
		},
	})
	if err != nil {
		return err
	}
	return Tell(ctx, tx, &w.Deployment, moved, notice.TimeZoneMoved)
}
