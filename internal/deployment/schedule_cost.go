package deployment

import (
	"time"

	"github.com/golive-hq/golive/internal/fair"
)

// SweepQuery is one that looks for schedules, with its arguments.
type SweepQuery struct {
	SQL  string
	Args []any
}

// SweepQueries are what every worker asks five times a second, whether anything is due or
// not, or, with the live objects that are due, then: for those who measure what it costs.
func SweepQueries(accounts, products []string) []SweepQuery {
	return []SweepQuery{
		{dueSince, []any{time.Time{}}},
		{lockDueProducts, []any{grace, accounts, products, fair.Places, sweepLot}},
		{firstDue, []any{grace, accounts, products, []string{}}},
		{missedQuery(waitingTooLong), []any{grace, sweepLot, accounts, products}},
		{missedQuery(begunTooLate), []any{grace, sweepLot}},
	}
}
