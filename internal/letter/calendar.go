package letter

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/postgres"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/product"
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
	heldInFeed     = 30 * 24 * time.Hour
)

// Calendar returns a tenant's schedules as an iCalendar object to subscribe to,
// in the order of their times, held ones marked tentative. The same schedules give the
// same bytes. It asks for no actor: the feed's secret was the right to read.
func (s *Writer) Calendar(ctx context.Context, t tenant.Tenant) ([]byte, error) {
	ctx = postgres.For(ctx, t.ID)
	found, err := deployment.Appointments(ctx, s.db, t.ID, mostInFeed, mostHeldInFeed, heldInFeed)
	if err != nil {
		return nil, fmt.Errorf("read schedules: %w", err)
	}
	var products []string
	for _, d := range found {
		products = append(products, d.ProductID)
	}
	names, err := product.Names(ctx, s.db, products)
	if err != nil {
		return nil, err
	}
	events := make([]mail.Event, 0, len(found))
	for _, a := range found {
		events = append(events, eventOf(a, names[a.ProductID], s.pageOf(a.ID)))
	}
	return mail.Feed("Go-lives of "+t.Name, events), nil
}

func eventOf(a *deployment.Deployment, name, page string) mail.Event {
	changed := a.CreatedAt
	if a.ChangedAt != nil {
		changed = *a.ChangedAt
	}
	held := onHold(a)
	about := []string{"Scheduled by " + a.RequestedBy}
	summary := "Go-live: " + name
	if held {
		summary = "On hold: " + name
		about = append(about, "On hold until someone decides: it won't go live on its own.")
	}
	if a.Reason != nil {
		about = append(about, *a.Reason)
	}
	return mail.Event{
		UID: mail.UID(a.ID), Sequence: a.Version - 1, Start: *a.DueAt, Changed: changed, OnHold: held,
		Summary: summary, Description: strings.Join(about, "\n"), URL: page,
	}
}
