package deployment

import (
	"context"
	"time"

	"github.com/golive-hq/golive/internal/moment"
)

// Now is moment.Now.
func (s *Service) Now(ctx context.Context) (time.Time, error) { return moment.Now(ctx, s.DB) }

// isOf tells that d has this time already.
func isOf(m moment.Time, d *Deployment) bool { return m.Is(d.LocalTime, d.DueAt, d.TimeZone) }

// dueWords says when d is due, as its person chose it.
func (d *Deployment) dueWords() string { return moment.Words(d.DueAt, d.TimeZone) }
