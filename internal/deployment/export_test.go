package deployment

// SweepQueries are what a worker asks five times a second, whether anything is due
// or not.
var SweepQueries = []struct {
	SQL  string
	Args []any
}{
	{dueProducts, []any{grace, sweepLot}},
	{missedQuery(waitingTooLong), []any{grace, sweepLot}},
	{missedQuery(begunTooLate), []any{grace, sweepLot}},
}
