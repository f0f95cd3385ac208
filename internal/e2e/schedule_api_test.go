package e2e_test

import (
	"context"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/client"
)

// scheduled is what the tests look at of a schedule.
type scheduled struct {
	ID, Status, Trigger string
	WaitReason          *string
	ProgressMessage     string
	ScheduledFor        time.Time
	TimeResolution      *string
	Version             int
	LiveOutcome         *string
}

const scheduledFields = `id status trigger waitReason progressMessage scheduledFor timeResolution version liveOutcome`

// change sends a mutation on schedules.
func (a api) change(ctx context.Context, mutation string, input object) (*scheduled, error) {
	return patiently(func() (*scheduled, error) {
		return client.Change[scheduled](ctx, a.Client, mutation, input, scheduledFields)
	})
}

func (a api) schedule(t testing.TB, input object) *scheduled {
	t.Helper()
	d, err := a.change(t.Context(), "scheduleGoLive", input)
	if err != nil {
		t.Fatalf("scheduleGoLive: %v", err)
	}
	return d
}

func (a api) reschedule(ctx context.Context, d *scheduled, to time.Time) (*scheduled, error) {
	return a.change(ctx, "rescheduleDeployment", object{"deploymentId": d.ID, "version": d.Version, "instant": to, "timeZone": "UTC"})
}

func (a api) deployNow(ctx context.Context, d *scheduled) (*scheduled, error) {
	return a.change(ctx, "deployNow", object{"deploymentId": d.ID, "version": d.Version})
}

func (a api) cancel(ctx context.Context, d *scheduled) (*scheduled, error) {
	return a.change(ctx, "cancelDeployment", object{"deploymentId": d.ID, "version": d.Version})
}

func (a api) scheduled(t testing.TB, id string) *scheduled {
	t.Helper()
	d, err := patiently(func() (*scheduled, error) {
		return client.Deployment[scheduled](t.Context(), a.Client, id, scheduledFields)
	})
	if err != nil || d == nil {
		t.Fatalf("deployment %s: %v", id, err)
	}
	return d
}

// clock lets it be that time for everything that is due, in all processes.
func (s *stack) clock(t testing.TB, at time.Time) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `INSERT INTO clock (clock_offset) VALUES (make_interval(secs => extract(epoch FROM $1::timestamptz - clock_timestamp())))
		ON CONFLICT (singleton) DO UPDATE SET clock_offset = EXCLUDED.clock_offset`, at)
	if err != nil {
		t.Fatal(err)
	}
}

// time is what the clock shows.
func (s *stack) time(t testing.TB) (now time.Time) {
	t.Helper()
	if err := s.pool.QueryRow(t.Context(), `SELECT golive_now()`).Scan(&now); err != nil {
		t.Fatal(err)
	}
	return now
}

// begins returns the event with which a schedule leaves SCHEDULED.
func begins(t testing.TB, s subscription) event {
	t.Helper()
	for {
		if e := mustNext(t, s); e.Status != "SCHEDULED" {
			return e
		}
	}
}

func at(t testing.TB, instant string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, instant)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
