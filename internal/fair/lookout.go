package fair

import (
	"context"
	"sync"
	"time"
)

// Due is a live object with so many schedules that have fallen due by Now. Of no account,
// it says but what time it is.
type Due struct {
	Account, Product string
	Rows             int
	Now              time.Time
}

// Lookout knows the live objects with schedules that are due: sweeps ask by it and never
// read all that is due, which for one tenant may be thousands of rows that wait for each
// other. Each row is read when it falls due and, in case something was moved into the
// past, at every whole look. Those are the rarer the longer they take.
type Lookout struct {
	mu    sync.Mutex
	due   map[[2]string]bool
	until time.Time // what was due by then, on the clock of due times, is in due
	whole time.Time // when all is looked at again, by this machine's clock
}

// perRow is how long a whole look lets the next one wait for each row that it read, which
// is a hundred times as long as reading it takes.
const perRow = 200 * time.Microsecond

// All lets the next look be a whole one.
func (l *Lookout) All() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.whole = time.Time{}
}

// Look returns the accounts and the products of the live objects, in step. read returns
// what has fallen due since an instant, or ever where that is zero.
func (l *Lookout) Look(ctx context.Context, read func(ctx context.Context, since time.Time) ([]Due, error)) (accounts, products []string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	since, whole := l.until, !time.Now().Before(l.whole)
	if whole {
		since = time.Time{}
	}
	found, err := read(ctx, since)
	if err != nil {
		return nil, nil, err
	}
	if whole {
		l.due, l.whole = map[[2]string]bool{}, time.Now()
	}
	for _, f := range found {
		l.until = f.Now
		if f.Account != "" {
			l.due[[2]string{f.Account, f.Product}] = true
		}
		if whole {
			l.whole = l.whole.Add(time.Duration(f.Rows) * perRow)
		}
	}
	for o := range l.due {
		accounts, products = append(accounts, o[0]), append(products, o[1])
	}
	return accounts, products, nil
}
