package tenant

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
)

// Admins returns the addresses of the tenant's admins who can act.
func Admins(ctx context.Context, db postgres.Querier, tenantID string) ([]string, error) {
	found, err := postgres.All(ctx, db, pgx.RowTo[string],
		`SELECT email FROM members m WHERE tenant_id = $1 AND role = 'ADMIN' AND `+present+` ORDER BY email`, tenantID)
	for i := range found {
		found[i] = mailbox.Normal(found[i])
	}
	return found, wrap(err, "find admins")
}

// Responsible returns the addresses of those who have to be told of trouble with
// what the person with this address asked for: that person, and where that one
// can't act any more, the tenant's admins who can. Where there are none
// either it is the person all the same. An actor without an address is nobody.
func Responsible(ctx context.Context, db postgres.Querier, tenantID, email string) ([]string, error) {
	found, err := postgres.All(ctx, db, pgx.RowTo[string], `WITH present AS (
			SELECT email, role FROM members m WHERE tenant_id = $1 AND `+present+`)
		SELECT email FROM present WHERE email IN ($2, $3)
			OR role = 'ADMIN' AND NOT EXISTS (SELECT FROM present WHERE email IN ($2, $3))
		ORDER BY email`, tenantID, email, mailbox.Normal(email))
	for i := range found {
		found[i] = mailbox.Normal(found[i]) // older versions kept other spellings
	}
	if err != nil || len(found) > 0 {
		return found, wrap(err, "find responsible members")
	}
	if !strings.Contains(email, "@") {
		return nil, nil
	}
	return []string{mailbox.Normal(email)}, nil
}
