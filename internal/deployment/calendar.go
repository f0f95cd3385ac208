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
	// heldInFeed is how long one that waits for a person stays in sight.
	heldInFeed = "30 days"
)

// Calendar returns a tenant's schedules as an iCalendar object to subscribe to,
// the next ones first, held ones marked tentative. The same schedules give the
// same bytes. publicURL is where their links lead, without a slash at the end. It
// asks for no actor: the feed's secret was the right to read.
func (s *Service) Calendar(ctx context.Context, t tenant.Tenant, publicURL string) ([]byte, error) {
	found, err := postgres.All(ctx, s.DB, pgx.RowToStructByName[appointment],
		`SELECT d.id::text, d.version, d.due_at, coalesce(d.changed_at, d.created_at) AS changed_at, d.wait_reason, d.requested_by,
			d.reason, p.name AS product
		FROM deployments d JOIN products p ON p.id = d.product_id
		WHERE d.tenant_id = $1 AND d.status = 'SCHEDULED' AND d.due_at > golive_now() - $2::interval
		ORDER BY d.due_at, d.id LIMIT $3`, t.ID, heldInFeed, mostInFeed)
	if err != nil {
		return nil, fmt.Errorf("read schedules: %w", err)
	}
	events := make([]mail.Event, 0, len(found))
	for _, a := range found {
		events = append(events, a.event(publicURL))
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

func (a appointment) event(publicURL string) mail.Event {
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
		Summary: summary, Description: strings.Join(about, "\n"), URL: publicURL + "/?deployment=" + a.ID,
	}
}
