package deployment

import (
	"context"
	"time"

	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/moment"
)

// Now is moment.Now.
func (s *Service) Now(ctx context.Context) (time.Time, error) { return moment.Now(ctx, s.DB) }

// isOf tells that d has this time already, chosen in the same way: an instant stays where
// new rules of its zone would move a local time.
func isOf(m moment.Time, d *Deployment) bool {
	sameLocal := m.Local == nil && d.LocalTime == nil || m.Local != nil && d.LocalTime != nil && *m.Local == *d.LocalTime
	return sameLocal && m.At.Truncate(time.Microsecond).Equal(*d.DueAt) && d.TimeZone != nil && *d.TimeZone == m.Zone.String()
}

// dueWords says when d is due, as its person chose it.
func (d *Deployment) dueWords() string {
	if d.DueAt == nil || d.TimeZone == nil {
		return "now"
	}
	zone, err := localtime.Load(*d.TimeZone)
	if err != nil { // newer data have dropped it
		return localtime.UTC(*d.DueAt)
	}
	return zone.Brief(*d.DueAt)
}
