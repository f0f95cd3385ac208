package deployment

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// A feed ends somewhere: calendar programs take only so much, and whoever guesses
// at load has an address that costs a bounded amount.
const (
	mostInFeed = 500
	// mostHeldInFeed bounds those that wait for a person, the newest of them: a day on
	// which hundreds were missed hides nothing that is to come. heldInFeed is how long
	// one of them stays in sight.
	mostHeldInFeed = 100
	heldInFeed     = "30 days"
)

// Calendar returns a tenant's schedules as an iCalendar object to subscribe to,
// in the order of their times, held ones marked tentative. The same schedules give the
// same bytes. It asks for no actor: the feed's secret was the right to read.
func (s *Service) Calendar(ctx context.Context, t tenant.Tenant) ([]byte, error) {
	found, err := postgres.All(ctx, s.DB, pgx.RowToStructByName[appointment],
		`WITH shown AS (
			(SELECT * FROM deployments WHERE tenant_id = $1 AND status = 'SCHEDULED' AND wait_reason = 'DUE_TIME'
				ORDER BY due_at, id LIMIT $3)
			UNION ALL
			(SELECT * FROM deployments WHERE tenant_id = $1 AND status = 'SCHEDULED' AND wait_reason <> 'DUE_TIME'
				AND due_at > golive_now() - $2::interval ORDER BY due_at DESC, id DESC LIMIT $4))
		SELECT d.id::text, d.version, d.due_at, coalesce(d.changed_at, d.created_at) AS changed_at, d.wait_reason, d.requested_by,
			d.reason, p.name AS product
		FROM shown d JOIN products p ON p.id = d.product_id ORDER BY d.due_at, d.id`, t.ID, heldInFeed, mostInFeed, mostHeldInFeed)
	if err != nil {
		return nil, fmt.Errorf("read schedules: %w", err)
	}
	events := make([]mail.Event, 0, len(found))
	for _, a := range found {
		events = append(events, a.event(s.pageOf(a.ID)))
	}
	return mail.Feed("Go-lives of "+t.Name, events), nil
}

// appointment is a schedule as a calendar needs it.
type appointment struct {
	ID          string     `db:"id"`
	Version     int        `db:"version"`
	DueAt       time.Time  `db:"due_at"`
	ChangedAt   time.Time  `db:"changed_at"`
	WaitReason  WaitReason `db:"wait_reason"`
	RequestedBy string     `db:"requested_by"`
	Reason      *string    `db:"reason"`
	Product     string     `db:"product"`
}

func (a appointment) event(page string) mail.Event {
	held := a.WaitReason != WaitDueTime
	about := []string{"Scheduled by " + a.RequestedBy}
	summary := "Go-live: " + a.Product
	if held {
		summary = "On hold: " + a.Product
		about = append(about, "It does not go live by itself, but waits for a person.")
	}
	if a.Reason != nil {
		about = append(about, *a.Reason)
	}
	return mail.Event{
		UID: mail.UID(a.ID), Sequence: a.Version - 1, Start: a.DueAt, Changed: a.ChangedAt, OnHold: held,
		Summary: summary, Description: strings.Join(about, "\n"), URL: page,
	}
}
