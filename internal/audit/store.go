package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// columnsOf are rows, column by column: one statement stores them all.
func columnsOf(rows []row) []any {
	var (
		ids, numbers                              []int64
		ats                                       []time.Time
		tenants, actors, kinds, actions, subjects []string
		reasons, requests, remotes                []string
		details, befores, afters                  []*string
		hashes                                    [][]byte
	)
	for _, r := range rows {
		ids, ats, tenants, numbers, hashes = append(ids, r.ID), append(ats, r.At), append(tenants, r.TenantID), append(numbers, r.Number), append(hashes, r.Hash)
		actors, kinds, actions, subjects = append(actors, r.Actor), append(kinds, r.Kind), append(actions, r.Action), append(subjects, r.Subject)
		reasons, requests, remotes = append(reasons, r.Reason), append(requests, r.RequestID), append(remotes, r.Remote)
		details, befores, afters = append(details, text(r.Details)), append(befores, text(r.Before)), append(afters, text(r.After))
	}
	return []any{ids, ats, tenants, actors, kinds, actions, subjects, reasons, requests, remotes, details, befores, afters, numbers, hashes}
}

func text(json []byte) *string {
	if json == nil {
		return nil
	}
	s := string(json)
	return &s
}

const rowsSQL = ` FROM unnest($1::bigint[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
		$11::text[], $12::text[], $13::text[], $14::bigint[], $15::bytea[])
	AS r (id, at, tenant_id, actor, actor_kind, action, subject, reason, request_id, remote_address, details, before, after, number, hash)`

// insertSQL stores new rows, updateSQL those that were there without a number.
const (
	insertSQL = `INSERT INTO audit_log (id, at, tenant_id, actor, actor_kind, action, subject, reason, request_id, remote_address,
			details, before, after, number, hash) OVERRIDING SYSTEM VALUE
		SELECT id, at, tenant_id, actor, actor_kind, action, subject, nullif(reason, ''), nullif(request_id, ''), nullif(remote_address, ''),
			details::jsonb, before::jsonb, after::jsonb, number, hash` + rowsSQL
	updateSQL = `UPDATE audit_log l SET actor = r.actor, actor_kind = r.actor_kind, subject = r.subject, reason = nullif(r.reason, ''),
			remote_address = nullif(r.remote_address, ''), details = r.details::jsonb, before = r.before::jsonb, after = r.after::jsonb,
			number = r.number, hash = r.hash` + rowsSQL + ` WHERE l.id = r.id AND l.number IS NULL`
)

// save stores the rows, and what they have made of the heads, in one round.
func save(ctx context.Context, tx pgx.Tx, heads []*head, byTenant map[string][]row, rowSQL string) error {
	var (
		rows                                []row
		tenants, owners, ids, persons, vals []string
		entries                             []int64
		hashes, macs                        [][]byte
	)
	for _, h := range heads {
		rows = append(rows, byTenant[h.TenantID]...)
		tenants, entries, hashes = append(tenants, h.TenantID), append(entries, h.Entries), append(hashes, h.Hash)
		for _, p := range h.aliases.made {
			a := alias{TenantID: h.TenantID, ID: h.aliases.known[p], Person: p.person, Value: p.value}
			owners, ids, persons, vals, macs = append(owners, a.TenantID), append(ids, a.ID), append(persons, a.Person), append(vals, a.Value), append(macs, a.mac(h.key))
		}
	}
	batch := &pgx.Batch{}
	if len(ids) > 0 {
		batch.Queue(`INSERT INTO audit_aliases (tenant_id, id, person, value, hash)
			SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bytea[])`, owners, ids, persons, vals, macs)
	}
	batch.Queue(rowSQL, columnsOf(rows)...)
	batch.Queue(`UPDATE audit_heads h SET entries = n.entries, hash = n.hash
		FROM unnest($1::uuid[], $2::bigint[], $3::bytea[]) AS n (id, entries, hash) WHERE h.tenant_id = n.id`, tenants, entries, hashes)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("record %s: %w", rows[0].Action, err)
	}
	return nil
}

// unchained stores the rows (each a row) as those without the keys can: as they are,
// without a place in the chain.
func unchained(ctx context.Context, tx pgx.Tx, all []any) error {
	ctx = reaching(ctx, all)
	rows := make([]row, len(all))
	for i, any := range all {
		rows[i] = any.(row) //nolint:forcetypeassert // record alone calls it
	}
	_, err := tx.Exec(ctx, `INSERT INTO audit_log (tenant_id, actor, actor_kind, action, subject, reason, request_id, remote_address, details, before, after)
		SELECT tenant_id, actor, actor_kind, action, subject, nullif(reason, ''), nullif(request_id, ''), nullif(remote_address, ''),
			details::jsonb, before::jsonb, after::jsonb`+rowsSQL,
		columnsOf(rows)...)
	if err != nil {
		return fmt.Errorf("record %s: %w", rows[0].Action, err)
	}
	return nil
}
