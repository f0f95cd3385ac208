package deployment

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// PruneEvents takes away the events of deployments that ended longer ago than keep, and
// returns how many. The last one of each stays, with its number: whoever resumes is told the
// end. Nothing but people reads events, so that no rollback misses them.
func PruneEvents(ctx context.Context, db *pgxpool.Pool, keep time.Duration) (n int, _ error) {
	ctx = postgres.Across(ctx, postgres.Retention)
	for after := ""; ; {
		ids, err := postgres.All(ctx, db, pgx.RowTo[string], `SELECT id::text FROM deployments
			WHERE ($1 = '' OR id > nullif($1, '')::uuid) AND finished_at < now() - $2::interval AND NOT `+tenant.HeldSQL("tenant_id")+`
				AND EXISTS (SELECT FROM deployment_events e WHERE e.deployment_id = deployments.id AND e.sequence < deployments.last_sequence)
			ORDER BY id LIMIT 20`, after, keep)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		tag, err := db.Exec(ctx, `DELETE FROM deployment_events e USING deployments d
			WHERE d.id = ANY($1::uuid[]) AND e.deployment_id = d.id AND e.sequence < d.last_sequence AND NOT `+tenant.HeldSQL("d.tenant_id"), ids)
		if err != nil {
			return n, err
		}
		n, after = n+int(tag.RowsAffected()), ids[len(ids)-1]
	}
}
