package deployment

// SweepQuery is one that looks for schedules, with its arguments.
type SweepQuery struct {
	SQL  string
	Args []any
}

// SweepQueries are what every worker asks five times a second, whether anything is
// due or not: for those who measure what that costs.
func SweepQueries() []SweepQuery {
	return []SweepQuery{
		{dueProducts, []any{grace, sweepLot}},
		{missedQuery(waitingTooLong), []any{grace, sweepLot}},
		{missedQuery(begunTooLate), []any{grace, sweepLot}},
	}
}
