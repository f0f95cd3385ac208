package connection_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

// bundle is a service on a database of its own, with one tenant and its admin.
// Prove is its Stripe.
type bundle struct {
	*connection.Service
	DB      *pgxpool.Pool
	Prove   func(context.Context, string) (connection.Proof, error)
	keys    *seal.Keys
	tenants *tenant.Service
	acme    tenant.Tenant
}

// ctx acts as acme's admin.
func (b *bundle) ctx() context.Context { return as(b.acme, tenant.RoleAdmin) }

func setup(t *testing.T) *bundle {
	t.Helper()
	text, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	db := pgtest.New(t)
	if err := audit.LeaveUnchained(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	b := &bundle{DB: db, tenants: &tenant.Service{DB: db}, Prove: proves(map[string]string{})}
	b.sealWith(t, text)
	b.acme = b.makeTenant(t, "acme")
	return b
}

// sealWith makes the service anew, as a process does that starts with other keys.
func (b *bundle) sealWith(t *testing.T, keyset string) {
	t.Helper()
	keys, err := seal.ParseKeys(keyset)
	if err != nil {
		t.Fatal(err)
	}
	b.keys = keys
	b.Service = connection.New(connection.Deps{
		DB: b.DB, Keys: keys,
		Prove:         func(ctx context.Context, key string) (connection.Proof, error) { return b.Prove(ctx, key) },
		NeededAccount: deployment.NeededAccount, Unfinished: deployment.Unfinished, Connected: inbox.Connected, Paying: order.Paying,
	})
}

// later is when all quotas are there again.
func (b *bundle) later(t *testing.T) {
	t.Helper()
	if _, err := b.DB.Exec(t.Context(), `DELETE FROM quotas`); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) makeTenant(t *testing.T, slug string) tenant.Tenant {
	t.Helper()
	made, err := b.tenants.CreateTenant(context.Background(), slug, "The "+slug+" company", "Europe/Berlin")
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

// proves is a Stripe that knows these keys, each with its account; a key's mode
// is what its prefix says.
func proves(accounts map[string]string) func(context.Context, string) (connection.Proof, error) {
	return func(_ context.Context, key string) (connection.Proof, error) {
		account, ok := accounts[key]
		if !ok {
			return connection.Proof{}, &catalog.Error{Kind: catalog.KindPermission, Status: 401, Message: "Invalid API Key provided: sk_test_***1"}
		}
		return connection.Proof{Account: catalog.Account{ID: account}, Livemode: key[3:7] == "live"}, nil
	}
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

func actions(t *testing.T, b *bundle) string {
	t.Helper()
	page, err := b.tenants.AuditLog(as(b.acme, tenant.RoleViewer), audit.Filter{TenantID: b.acme.ID}, 100, "")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range page.Entries {
		all = append(all, e.Action+" by "+e.Actor)
	}
	return fmt.Sprint(all)
}

const testKey, liveKey = "sk_test_51AbcdefGHIJKLmnop", "sk_live_51QrstuvWXYZabcdef"

// connected is a setup with acme connected in both modes of one account.
func connected(t *testing.T) *bundle {
	t.Helper()
	b := setup(t)
	b.Prove = proves(map[string]string{testKey: "acct_1", liveKey: "acct_1"})
	b.connect(t, catalog.Test, testKey)
	b.connect(t, catalog.Live, liveKey)
	return b
}

func (b *bundle) connect(t *testing.T, mode catalog.Mode, key string) connection.Connection {
	t.Helper()
	c, err := b.Connect(b.ctx(), connection.Input{TenantID: b.acme.ID, Mode: mode, SecretKey: key})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (b *bundle) opens(t *testing.T, mode catalog.Mode, want string) {
	t.Helper()
	key, account, err := b.StripeKey(context.Background(), b.DB, b.acme.ID, mode)
	if err != nil || key != want || account != "acct_1" {
		t.Errorf("opened %v as %q of %q, %v", mode, key, account, err)
	}
}

func (b *bundle) refusesToOpen(t *testing.T, tenantID string, mode catalog.Mode) {
	t.Helper()
	key, _, err := b.StripeKey(context.Background(), b.DB, tenantID, mode)
	if err == nil || key != "" {
		t.Errorf("opened %q", key)
	}
}

func TestConnectionsAreTheTenantsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stranger := as(b.makeTenant(t, "other"), tenant.RoleAdmin)
	_, err := b.List(stranger, b.acme.ID)
	wantCode(t, err, fault.NotFound)
	_, err = b.List(context.Background(), b.acme.ID)
	wantCode(t, err, fault.Unauthenticated)
}

func TestAServiceIsWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	defer func() {
		if recover() == nil {
			t.Error("a service without guards was made")
		}
	}()
	connection.New(connection.Deps{DB: b.DB, Keys: b.keys, Prove: b.Prove})
}
