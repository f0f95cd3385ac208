package audit

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// Last returns the details of the newest of these actions on a subject, nil where there
// was none; people are aliases in it.
func Last(ctx context.Context, db postgres.Querier, tenantID, subject string, actions ...string) (json.RawMessage, error) {
	return postgres.One(ctx, db, pgx.RowTo[json.RawMessage], nil, `SELECT details FROM audit_log
		WHERE tenant_id = $1 AND subject = $2 AND action = ANY($3) ORDER BY id DESC LIMIT 1`, tenantID, subject, actions)
}
