package deployment

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// lookout knows the live objects with schedules that are due: sweeps ask by it and never
// read all that is due, which for one tenant may be thousands of rows that wait for each
// other. Each row is read when it falls due and, in case something was moved into the
// past, at every whole look. Those are the rarer the longer they take.
type lookout struct {
	mu    sync.Mutex
	due   map[liveObject]bool
	until time.Time // by golive_now(); what was due by then is in due
	whole time.Time // when all is looked at again, by this machine's clock
}

type liveObject struct{ account, product string }

// perRow is how long a whole look lets the next one wait for each row that it reads,
// which is some fifty times as long as that takes.
const perRow = 50 * time.Microsecond

const dueSince = `SELECT live_account_id, stripe_product_id, count(*), golive_now() FROM deployments
	WHERE status = 'SCHEDULED' AND wait_reason = 'DUE_TIME' AND due_at > $1 AND due_at <= golive_now() GROUP BY 1, 2`

// look returns the accounts and the products of the live objects, in step.
func (l *lookout) look(ctx context.Context, db postgres.Querier) (accounts, products []string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	since := l.until.Add(-time.Second)
	whole := time.Now().After(l.whole)
	if whole {
		since = time.Time{}
	}
	type found struct {
		Account, Product string
		Rows             int
		Now              time.Time
	}
	all, err := postgres.All(ctx, db, pgx.RowToStructByPos[found], dueSince, since)
	if err != nil {
		return nil, nil, err
	}
	if whole {
		l.due, l.whole = map[liveObject]bool{}, time.Now()
	}
	for _, f := range all {
		l.due[liveObject{f.Account, f.Product}], l.until = true, f.Now
		if whole {
			l.whole = l.whole.Add(time.Duration(f.Rows) * perRow)
		}
	}
	for o := range l.due {
		accounts, products = append(accounts, o.account), append(products, o.product)
	}
	return accounts, products, nil
}
