package tenant_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// bundle is a service on a database of its own, with one tenant and its admin.
type bundle struct {
	*tenant.Service
	acme tenant.Tenant
}

// ctx acts as acme's admin.
func (b bundle) ctx() context.Context { return as(b.acme, tenant.RoleAdmin) }

func setup(t *testing.T) bundle {
	t.Helper()
	b := bundle{Service: &tenant.Service{DB: pgtest.New(t)}}
	if err := audit.LeaveUnchained(t.Context(), b.DB); err != nil {
		t.Fatal(err)
	}
	b.acme = b.makeTenant(t, "acme")
	return b
}

func (b bundle) makeTenant(t *testing.T, slug string) tenant.Tenant {
	t.Helper()
	made, err := b.CreateTenant(context.Background(), slug, "The "+slug+" company", "Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// as returns a context in which a member of t with that role acts.
func as(t tenant.Tenant, role tenant.Role) context.Context {
	return tenant.WithActor(context.Background(), tenant.Actor{
		Email: "ann@" + t.Slug + ".test", Memberships: []tenant.Membership{{Tenant: t, Role: role}},
	})
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != code {
		t.Errorf("code %q of %v; want %q", got, err, code)
	}
}

// scalar returns the one value of a query.
func scalar[T any](t *testing.T, db *pgxpool.Pool, sql string, args ...any) T {
	t.Helper()
	rows, err := db.Query(context.Background(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func exec(t *testing.T, db *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func actions(t *testing.T, b bundle) string {
	t.Helper()
	page, err := b.AuditLog(as(b.acme, tenant.RoleViewer), audit.Filter{TenantID: b.acme.ID}, 100, "")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range page.Entries {
		all = append(all, e.Action+" by "+e.Actor)
	}
	return fmt.Sprint(all)
}

func TestCreateTenant(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if id, err := uuid.Parse(b.acme.ID); err != nil || id.Version() != 7 {
		t.Errorf("id %s", b.acme.ID)
	}
	loaded, err := tenant.Load(b.ctx(), b.DB, b.acme.ID)
	if err != nil || loaded != b.acme {
		t.Errorf("loaded %+v, %v", loaded, err)
	}
	if got := actions(t, b); got != "[tenant.created by operator]" {
		t.Error(got)
	}

	_, err = b.CreateTenant(b.ctx(), "acme", "Another", "UTC")
	wantCode(t, err, fault.InvalidInput)
	if !strings.Contains(err.Error(), `"acme"`) {
		t.Error(err)
	}
	for _, bad := range []struct {
		slug, name, zone string
		code             fault.Code
	}{
		{"", "N", "UTC", fault.InvalidInput},
		{"Acme", "N", "UTC", fault.InvalidInput},
		{"-acme", "N", "UTC", fault.InvalidInput},
		{"a b", "N", "UTC", fault.InvalidInput},
		{"new", " ", "UTC", fault.InvalidInput},
		{"new", "N", "Local", fault.TimeZoneUnknown},
		{"new", "N", "Mars/Olympus", fault.TimeZoneUnknown},
		{"new", "N", "../etc/passwd", fault.TimeZoneUnknown},
	} {
		_, err := b.CreateTenant(b.ctx(), bad.slug, bad.name, bad.zone)
		wantCode(t, err, bad.code)
	}
	if n := scalar[int](t, b.DB, `SELECT count(*) FROM tenants`); n != 1 {
		t.Errorf("%d tenants", n)
	}
	utc, err := b.CreateTenant(b.ctx(), "new", "N", "")
	if err != nil || utc.TimeZone != "UTC" {
		t.Errorf("%+v, %v", utc, err)
	}
}

func TestTheAuditLogIsTheTenantsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stranger := as(b.makeTenant(t, "other"), tenant.RoleAdmin)
	_, err := b.AuditLog(stranger, audit.Filter{TenantID: b.acme.ID}, 10, "")
	wantCode(t, err, fault.NotFound)
	_, err = b.AuditLog(context.Background(), audit.Filter{TenantID: b.acme.ID}, 10, "")
	wantCode(t, err, fault.Unauthenticated)
}

func TestWhatConcernsAllIsInEveryLog(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.makeTenant(t, "other")
	err := postgres.InTx(b.ctx(), b.DB, func(tx pgx.Tx) error {
		return tenant.RecordEverywhere(b.ctx(), tx, audit.Entry{Actor: "ops", Action: "operations.paused", Subject: "golive", Details: map[string]any{"reason": "r"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []tenant.Tenant{b.acme, other} {
		page, err := b.AuditLog(as(of, tenant.RoleViewer), audit.Filter{TenantID: of.ID}, 1, "")
		if err != nil || len(page.Entries) != 1 || page.Entries[0].Action != "operations.paused" || page.Entries[0].Actor != "ops" {
			t.Errorf("%s: %+v, %v", of.Slug, page, err)
		}
	}
}
