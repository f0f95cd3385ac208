package connection_test

import (
	"context"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/seal"
)

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
	b.sealWith(t, old)
	b.connect(t, catalog.Live, liveKey)

	b.sealWith(t, rotated)
	b.opens(t, catalog.Live, liveKey)
	b.connect(t, catalog.Test, testKey)
	b.opens(t, catalog.Test, testKey)

	// The new primary seals: the old keyset alone is no longer enough.
	b.sealWith(t, old)
	b.refusesToOpen(t, b.acme.ID, catalog.Test)
	b.opens(t, catalog.Live, liveKey)

	b.sealWith(t, rotated)
	if n, err := connection.Reseal(context.Background(), b.DB, b.keys); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	b.opens(t, catalog.Live, liveKey)
	b.sealWith(t, old)
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
	if n, err := connection.Reseal(context.Background(), b.DB, b.keys); err == nil || n != 0 {
		t.Error(n, err)
	}
	if after := scalar[string](t, b.DB, `SELECT string_agg(sealed_key::text, ',' ORDER BY mode) FROM stripe_connections`); after != before {
		t.Error("some keys were resealed")
	}
}
