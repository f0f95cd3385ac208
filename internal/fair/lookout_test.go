package fair_test

import (
	"context"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/fair"
)

// A pile is read when it falls due and seldom again; what falls due beside it is seen at
// once, and so is, where there is no pile, what was moved into the past.
func TestLookoutReadsAPileOnce(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 1, 1, 9, 0, 0, 0, time.UTC)
	var l fair.Lookout
	next, asked := fair.Due{}, time.Now()
	look := func(due fair.Due) (accounts []string) {
		next = due
		accounts, products, err := l.Look(t.Context(), func(_ context.Context, since time.Time) ([]fair.Due, error) {
			asked = since
			return []fair.Due{next}, nil
		})
		if err != nil || len(products) != len(accounts) {
			t.Errorf("%v %v %v", accounts, products, err)
		}
		return accounts
	}
	for range 2 {
		if look(fair.Due{Account: "acct_a", Product: "prod_a", Now: now}); !asked.IsZero() {
			t.Errorf("asked for what is due since %v", asked)
		}
	}
	look(fair.Due{Account: "acct_a", Product: "prod_a", Rows: 100_000_000, Now: now})
	if known := look(fair.Due{Account: "acct_b", Product: "prod_b", Rows: 1, Now: now.Add(time.Second)}); !asked.Equal(now) || len(known) != 2 {
		t.Errorf("asked for what is due since %v, and knows %v", asked, known)
	}
	look(fair.Due{Now: now.Add(time.Minute)})
	if known := look(fair.Due{Now: now.Add(time.Hour)}); !asked.Equal(now.Add(time.Minute)) || len(known) != 2 {
		t.Errorf("asked for what is due since %v, and knows %v", asked, known)
	}
}
