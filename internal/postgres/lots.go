package postgres

import "context"

// Lot is how many rows a statement of InLots takes at most: its LIMIT.
const Lot = 500

// InLots runs a statement that takes away at most Lot rows until there are no more, each time
// in a transaction of its own, so that it never holds locks for long. It returns how many are
// gone.
func InLots(ctx context.Context, db Execer, sql string, args ...any) (n int, err error) {
	for done := int64(Lot); done == Lot; n += int(done) {
		tag, err := db.Exec(ctx, sql, args...)
		if err != nil {
			return n, blamed(err)
		}
		done = tag.RowsAffected()
	}
	return n, nil
}
