package audit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

func TestListPagesOneTenantNewestFirst(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), unchained(t)
	acme, other := makeTenant(t, db), makeTenant(t, db)
	record(t, db, audit.Entry{TenantID: acme, Actor: "a@acme.test", Action: "product.imported", Subject: "s0"})
	record(t, db, audit.Entry{TenantID: other, Actor: "b@other.test", Action: "product.imported", Subject: "theirs"})
	record(t, db, audit.Entry{
		TenantID: acme, Actor: "a@acme.test", Action: "product.imported", Subject: "s1",
		Details: map[string]any{"imported": 3},
	})
	record(t, db, audit.Entry{TenantID: acme, Actor: "a@acme.test", Action: "product.imported", Subject: "s2"})

	page := list(t, db, acme, 2, "")
	if got := subjects(page); got != "[s2 s1]" || !page.HasNextPage {
		t.Fatalf("first page %s, next %v", got, page.HasNextPage)
	}
	if got := fmt.Sprint(page.Entries[1].Details); got != "map[imported:3]" {
		t.Errorf("details %s", got)
	}
	if page.Entries[0].At.IsZero() || page.Entries[0].Actor != "a@acme.test" {
		t.Errorf("entry %+v", page.Entries[0])
	}
	page = list(t, db, acme, 2, page.Entries[1].ID)
	if got := subjects(page); got != "[s0]" || page.HasNextPage {
		t.Fatalf("second page %s, next %v", got, page.HasNextPage)
	}

	for _, bad := range []struct {
		first int
		after string
	}{{-1, ""}, {101, ""}, {1, "x"}} {
		if _, err := audit.List(ctx, db, audit.Filter{TenantID: acme}, bad.first, bad.after); fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("first %d after %q: %v", bad.first, bad.after, err)
		}
	}
}

func TestNothingIsRecordedWithoutItsChange(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), unchained(t)
	acme := makeTenant(t, db)
	failed := errors.New("the change failed")
	err := postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		if err := audit.Record(ctx, tx, audit.Entry{TenantID: acme, Actor: "a", Action: "x.done", Subject: "s"}); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if page := list(t, db, acme, 10, ""); len(page.Entries) != 0 {
		t.Errorf("recorded %+v", page.Entries)
	}
}

func TestLogIsAppendOnly(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), unchained(t)
	record(t, db, audit.Entry{TenantID: makeTenant(t, db), Actor: "a", Action: "x.done", Subject: "s"})
	for _, sql := range []string{`UPDATE audit_log SET actor = 'b'`, `DELETE FROM audit_log`, `TRUNCATE audit_log`} {
		if _, err := db.Exec(ctx, sql); err == nil {
			t.Errorf("%s was obeyed", sql)
		}
	}
}

// unchained is a database in which a worker has yet to chain what is recorded.
func unchained(t testing.TB) *pgxpool.Pool {
	t.Helper()
	db := pgtest.New(t)
	must(t, audit.LeaveUnchained(t.Context(), db))
	return db
}

func makeTenant(t testing.TB, db *pgxpool.Pool) string {
	t.Helper()
	id := uuid.NewString()
	if _, err := db.Exec(context.Background(), `INSERT INTO tenants (id, slug, name) VALUES ($1, $2, 'T')`, id, "t-"+id); err != nil {
		t.Fatal(err)
	}
	return id
}

func record(t *testing.T, db *pgxpool.Pool, e audit.Entry) {
	t.Helper()
	err := postgres.InTx(context.Background(), db, func(tx pgx.Tx) error { return audit.Record(context.Background(), tx, e) })
	if err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, db *pgxpool.Pool, tenantID string, first int, after string) audit.Page {
	t.Helper()
	page, err := audit.List(context.Background(), db, audit.Filter{TenantID: tenantID}, first, after)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func subjects(p audit.Page) string {
	var all []string
	for _, e := range p.Entries {
		all = append(all, e.Subject)
	}
	return fmt.Sprint(all)
}
