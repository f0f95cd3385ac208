package deployment

<<<<<<< HEAD
import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// Tell tells of a change that a test has made by hand.
func (s *Service) Tell(ctx context.Context, id string, kind NoticeKind) error {
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		d, err := byID(ctx, tx, id)
		if err != nil {
			return err
		}
		return s.tell(ctx, tx, d, kind)
	})
=======
// SweepQueries are what a worker asks five times a second, whether anything is due
// or not.
var SweepQueries = []struct {
	SQL  string
	Args []any
}{
	{dueProducts, []any{grace, sweepLot}},
	{missedQuery(waitingTooLong), []any{grace, sweepLot}},
	{missedQuery(begunTooLate), []any{grace, sweepLot}},
>>>>>>> core
}
