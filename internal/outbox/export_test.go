package outbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Query is one that a sweep or a look at the metrics asks, with its arguments.
type Query struct {
	SQL  string
	Args []any
}

// Queries are what a worker asks twice a second where mail is on, with one
// pile of mails that is due, and what every look at /metrics asks.
func (s *Service) Queries(tenantID, recipient string, kind Kind) []Query {
	return []Query{
		{SQL: recoverSQL, Args: []any{s.Patience}},
		{SQL: dueNoticesSQL, Args: []any{look, turn, ""}},
		{SQL: oldSQL, Args: []any{Kept}},
		{SQL: burdensSQL, Args: []any{[]string{tenantID}, []string{recipient}, []string{string(kind)}, gatherFor, mailsAlone + 1}},
		{SQL: digestSQL, Args: []any{0, tenantID, recipient, kind, digestMost - 1, false}},
		{SQL: queueSQL},
	}
}

// KeepEvery chooses how often a sender prolongs its claim.
func (s *Service) KeepEvery(d time.Duration) { s.keepEvery = d }

// OrderQueries are what a sweep asks besides about those whose turn it is.
func (s *Service) OrderQueries(ctx context.Context, tx pgx.Tx) []Query {
	due, err := s.dueNotices(ctx, tx)
	if err != nil {
		panic(err)
	}
	ids := make([]int64, len(due))
	for i, m := range due {
		ids[i] = m.ID
	}
	return []Query{
		{SQL: dueNoticesSQL, Args: []any{look, turn, ""}},
		{SQL: supersededSQL, Args: []any{ids, []Kind{"STARTED"}}},
		{SQL: overtakingSQL, Args: []any{ids, []Kind{"STARTED"}}},
	}
}
