package audit

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// Filter says which entries of a tenant are meant; what is nil means all.
type Filter struct {
	TenantID string
	// Actor is an e-mail address, or "operator" or "golive".
	Actor, Action, Subject *string
	// Since is the first instant, Until the first that is not meant.
	Since, Until *time.Time
}

// Page is a part of an audit log, newest entry first.
type Page struct {
	Entries     []Entry
	HasNextPage bool
}

const entryColumns = `id::text, at, tenant_id::text, actor, coalesce(actor_kind, '') AS actor_kind, action, subject, nullif(reason, '') AS reason,
	nullif(request_id, '') AS request_id, nullif(remote_address, '') AS remote_address,
	details, before, after, number, hash`

// filterSQL takes a filter's arguments as $1 to $6.
const filterSQL = ` FROM audit_log WHERE tenant_id = $1
	AND ($2::text IS NULL OR actor = $2 OR actor IN (SELECT '` + aliased + `' || a.id FROM audit_aliases a WHERE a.tenant_id = $1 AND a.value = $2))
	AND ($3::text IS NULL OR action = $3) AND ($4::text IS NULL OR subject = $4
		OR subject IN (SELECT '` + aliased + `' || a.id FROM audit_aliases a WHERE a.tenant_id = $1 AND a.value = $4))
	AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6)`

func (f Filter) args(more ...any) []any {
	return append([]any{f.TenantID, f.Actor, f.Action, f.Subject, f.Since, f.Until}, more...)
}

// List returns the first of the entries that f means (0 to 100) that are older than the
// one with the id after; "" starts at the newest. Any other number or id is
// INVALID_INPUT.
func List(ctx context.Context, db postgres.Querier, f Filter, first int, after string) (Page, error) {
	if first < 0 || first > 100 {
		return Page{}, fault.New(fault.InvalidInput, "first must be between 0 and 100.").At("first")
	}
	before, err := cursor(after)
	if err != nil {
		return Page{}, err
	}
	entries, err := entriesOf(ctx, db, f.TenantID, `SELECT `+entryColumns+filterSQL+`
		AND ($7::bigint IS NULL OR id < $7) ORDER BY audit_log.id DESC LIMIT $8`, f.args(before, first+1)...)
	if err != nil {
		return Page{}, fmt.Errorf("list audit log: %w", err)
	}
	return Page{Entries: entries[:min(first, len(entries))], HasNextPage: len(entries) > first}, nil
}

// entriesOf reads entries of one tenant as people read them.
func entriesOf(ctx context.Context, db postgres.Querier, tenantID, sql string, args ...any) ([]Entry, error) {
	entries, err := postgres.All(ctx, db, pgx.RowToStructByName[Entry], sql, args...)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		if entries[i].ActorKind == "" { // of an earlier version
			entries[i].ActorKind = kindOf(entries[i].Actor)
		}
	}
	return entries, reveal(ctx, db, tenantID, entries)
}

func cursor(after string) (*int64, error) {
	if after == "" {
		return nil, nil
	}
	id, err := strconv.ParseInt(after, 10, 64)
	if err != nil {
		return nil, fault.New(fault.InvalidInput, "after must be the endCursor of a previous page.").At("after")
	}
	return &id, nil
}
