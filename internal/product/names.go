package product

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// Names returns what products are called, by id. It asks for no actor.
func Names(ctx context.Context, db postgres.Querier, ids []string) (map[string]string, error) {
	type named struct {
		ID   string `db:"id"`
		Name string `db:"name"`
	}
	found, err := postgres.All(ctx, db, pgx.RowToStructByName[named], `SELECT id::text, name FROM products WHERE id = ANY($1::uuid[])`, ids)
	names := make(map[string]string, len(found))
	for _, p := range found {
		names[p.ID] = p.Name
	}
	return names, wrap(err, "read names")
}
