package chaos_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/stripesim"
)

// tenure is who owns a deployment.
type tenure struct {
	ID      string  `db:"id"`
	Account string  `db:"account"`
	Epoch   int64   `db:"epoch"`
	Owner   *string `db:"owner"`
	Ended   bool    `db:"ended"`
}

// timeTakeovers prepares to measure how long what a worker owns goes without an
// owner. The returned function starts the clock. Where the epoch has then grown by
// another number than one takeover takes, other troubles came in between.
func (c *chaos) timeTakeovers(ctx context.Context, owner *process, steps int64, into *[]time.Duration) (start func()) {
	rows, err := c.pool.Query(ctx, `SELECT id::text, live_account_id AS account, epoch, owner, false AS ended FROM deployments
		WHERE owner = $1 AND status IN ('PENDING', 'VALIDATING', 'DEPLOYING')`, owner.name)
	if err != nil {
		return func() {}
	}
	owned, err := pgx.CollectRows(rows, pgx.RowToStructByName[tenure])
	if err != nil {
		return func() {}
	}
	return func() {
		from := time.Now()
		for _, t := range owned {
			held := c.holding(t.Account)
			c.later.Go(func() { c.timeTakeover(from, t, steps, held, into) })
		}
	}
}

// holding tells whether a call of the account is being held: nobody can be quicker
// than the call in flight.
func (c *chaos) holding(account string) bool {
	now, stop := context.WithCancel(context.Background())
	stop()
	held, _ := c.sim.Held(now, "") // its error says that none is
	return slices.ContainsFunc(held, func(h stripesim.Held) bool { return h.Account == account })
}

func (c *chaos) timeTakeover(from time.Time, before tenure, steps int64, held bool, into *[]time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var now tenure
	taken := poll(ctx, func() bool {
		rows, err := c.pool.Query(ctx, `SELECT id::text, live_account_id AS account, epoch, owner, finished_at IS NOT NULL AS ended
			FROM deployments WHERE id = $1`, before.ID)
		if err != nil {
			return false
		}
		now, err = pgx.CollectOneRow(rows, pgx.RowToStructByName[tenure])
		return err == nil && (now.Ended || now.Owner != nil && *now.Owner != *before.Owner)
	})
	clean := taken == nil && !held && now.Epoch == before.Epoch+steps && c.database.up(from, time.Now())
	c.report.took(into, time.Since(from), clean)
}

// timeCancel measures from when the call in flight could end.
func (r *run) timeCancel(events []deployment.Event) error {
	if r.asked.IsZero() {
		return nil
	}
	var epoch string
	if err := r.pool.QueryRow(r.as, `SELECT epoch::text FROM deployments WHERE id = $1`, r.id).Scan(&epoch); err != nil {
		return err
	}
	for _, e := range events {
		if strings.HasPrefix(e.Message, "Cancelled; undoing") {
			clean := epoch == r.epoch && r.chaos.database.up(r.asked, e.At)
			r.chaos.report.took(&r.chaos.report.cancelled, e.At.Sub(r.asked), clean)
		}
	}
	return nil
}
