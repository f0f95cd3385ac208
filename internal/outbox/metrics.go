package outbox

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// counts are what this process did, for metrics.
type counts struct {
	sent, dropped, limited, refused, retried, lag atomic.Int64
}

func (c *counts) count(live, moot []Notice) {
	c.dropped.Add(int64(len(moot)))
	c.sent.Add(1)
	c.lag.Add(int64(live[0].Now.Sub(live[0].DueAt)))
}

// Counts is what a process did with mails since it began.
type Counts struct {
	// Sent counts mails, the others rows: a digest is one mail.
	Sent, Dropped, Refused, Retried int64
	// Limited counts mails beyond what their tenants may send in a day.
	Limited int64
	// Lag is how long after their time the sent ones went out, in sum.
	Lag time.Duration
}

// Counts returns what this process did with mails.
func (s *Service) Counts() Counts {
	c := &s.counts
	return Counts{
		Sent: c.sent.Load(), Dropped: c.dropped.Load(), Limited: c.limited.Load(), Refused: c.refused.Load(), Retried: c.retried.Load(),
		Lag: time.Duration(c.lag.Load()),
	}
}

// QueueState is what waits to be sent, of the whole service.
type QueueState struct {
	// Due counts mails whose time has come, and Oldest is how long the oldest of
	// them waits.
	Due    int           `db:"due"`
	Oldest time.Duration `db:"oldest"`
	// Out is how long the mail server has been out of order, zero where it is not.
	Out time.Duration `db:"out"`
}

// queueSQL counts what was put off or is tried again, too. Its lower bound is
// for the planner: for a range it expects few rows, and uses the index.
const queueSQL = `SELECT count(*) AS due,
		coalesce((SELECT golive_now()) - min(due_at), '0') AS oldest,
		coalesce((SELECT golive_now() - since FROM mail_outage), '0') AS out
	FROM mails WHERE settled_at IS NULL AND due_at BETWEEN '-infinity' AND (SELECT golive_now())`

// QueueState looks at what waits to be sent.
func (s *Service) QueueState(ctx context.Context) (QueueState, error) {
	return postgres.One(postgres.Across(ctx, postgres.Sweeps), s.DB, pgx.RowToStructByName[QueueState], errors.New("no answer"), queueSQL)
}
