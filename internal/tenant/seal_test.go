package tenant_test

import (
	"context"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

const testKey, liveKey = "sk_test_51AbcdefGHIJKLmnop", "sk_live_51QrstuvWXYZabcdef"

// connected is a setup with acme connected in both modes of one account.
func connected(t *testing.T) bundle {
	t.Helper()
	b := setup(t)
	b.Prove = proves(map[string]string{testKey: "acct_1", liveKey: "acct_1"})
	b.connect(t, catalog.Test, testKey)
	b.connect(t, catalog.Live, liveKey)
	return b
}

func (b bundle) connect(t *testing.T, mode catalog.Mode, key string) tenant.Connection {
	t.Helper()
	c, err := b.ConnectStripe(b.ctx(), tenant.ConnectInput{TenantID: b.acme.ID, Mode: mode, SecretKey: key})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (b bundle) opens(t *testing.T, mode catalog.Mode, want string) {
	t.Helper()
	key, account, err := b.StripeKey(context.Background(), b.DB, b.acme.ID, mode)
	if err != nil || key != want || account != "acct_1" {
		t.Errorf("opened %v as %q of %q, %v", mode, key, account, err)
	}
}

func TestSealedKeysOpenOnlyWhereTheyBelong(t *testing.T) {
	t.Parallel()
	b := connected(t)
	b.opens(t, catalog.Test, testKey)
	b.opens(t, catalog.Live, liveKey)

	other := b.makeTenant(t, "other")
	exec(t, b.DB, `INSERT INTO stripe_connections (tenant_id, mode, account_id, sealed_key, key_hint)
		SELECT $1, mode, account_id, sealed_key, key_hint FROM stripe_connections`, other.ID)
	b.refusesToOpen(t, other.ID, catalog.Live)
	exec(t, b.DB, `UPDATE stripe_connections SET sealed_key = (SELECT sealed_key FROM stripe_connections WHERE mode = 'LIVE' AND tenant_id = $1)
		WHERE mode = 'TEST'`, b.acme.ID)
	b.refusesToOpen(t, b.acme.ID, catalog.Test)
	exec(t, b.DB, `UPDATE stripe_connections SET seal_version = 2`)
	b.refusesToOpen(t, b.acme.ID, catalog.Live)
}

func (b bundle) refusesToOpen(t *testing.T, tenantID string, mode catalog.Mode) {
	t.Helper()
	key, _, err := b.StripeKey(context.Background(), b.DB, tenantID, mode)
	if err == nil || key != "" {
		t.Errorf("opened %q", key)
	}
}

func TestRotationKeepsOldSealsOpen(t *testing.T) {
	t.Parallel()
	old, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := seal.RotateKeyset(old)
	if err != nil {
		t.Fatal(err)
	}
	b := connected(t)
	b.Keys = mustParse(t, old)
	b.connect(t, catalog.Live, liveKey)

	b.Keys = mustParse(t, rotated)
	b.opens(t, catalog.Live, liveKey)
	b.connect(t, catalog.Test, testKey)
	b.opens(t, catalog.Test, testKey)

	// The new primary seals: the old keyset alone is no longer enough.
	b.Keys = mustParse(t, old)
	b.refusesToOpen(t, b.acme.ID, catalog.Test)
	b.opens(t, catalog.Live, liveKey)

	b.Keys = mustParse(t, rotated)
	if n, err := b.Reseal(context.Background()); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	b.opens(t, catalog.Live, liveKey)
	b.Keys = mustParse(t, old)
	b.refusesToOpen(t, b.acme.ID, catalog.Live)
	if n := scalar[int](t, b.DB, `SELECT count(*) FROM audit_log WHERE action = 'stripe.resealed'`); n != 2 {
		t.Errorf("audited %d times", n)
	}
}

func TestResealIsAllOrNothing(t *testing.T) {
	t.Parallel()
	b := connected(t)
	exec(t, b.DB, `UPDATE stripe_connections SET sealed_key = 'damaged' WHERE mode = 'TEST'`)
	before := scalar[string](t, b.DB, `SELECT string_agg(sealed_key::text, ',' ORDER BY mode) FROM stripe_connections`)
	if n, err := b.Reseal(context.Background()); err == nil || n != 0 {
		t.Error(n, err)
	}
	if after := scalar[string](t, b.DB, `SELECT string_agg(sealed_key::text, ',' ORDER BY mode) FROM stripe_connections`); after != before {
		t.Error("some keys were resealed")
	}
}
func mustParse(t *testing.T, text string) *seal.Keys {
	t.Helper()
	keys, err := seal.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
