package connection_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// goods gives acme an imported product with a link (went live) or a scheduled
// deployment (is on its way), as test and live account acct_1.
func (b *bundle) goods(t *testing.T, link, deployment bool) {
	t.Helper()
	id := uuid.NewString()
	exec(t, b.DB, `INSERT INTO products (id, tenant_id, test_account_id, stripe_product_id, name, snapshot, digest)
		VALUES ($1, $2, 'acct_1', 'prod_1', 'Pro', '{}', '')`, id, b.acme.ID)
	if link {
		exec(t, b.DB, `INSERT INTO links (live_account_id, test_id, resource, live_id, test_product_id, tenant_id)
			VALUES ('acct_1', 'prod_1', 'product', 'prod_1', 'prod_1', $1)`, b.acme.ID)
	}
	if deployment {
		exec(t, b.DB, `INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status, wait_reason,
				requested_by, input_digest, due_at, time_zone, if_changed, notifications, drift_seen)
			VALUES ($1, $2, $3, 'acct_1', 'prod_1', 'GO_LIVE', 'SCHEDULED', 'SCHEDULED', 'DUE_TIME',
				'ann', '', now() + interval '1 day', 'UTC', 'HOLD', '{}', '')`, uuid.NewString(), b.acme.ID, id)
	}
}

func TestAnotherAccountIsRefusedWhileTheOldOneIsNeeded(t *testing.T) {
	t.Parallel()
	test2, live2, rolled := "sk_test_51Account2aaaaa", "sk_live_51Account2aaaaa", "rk_live_51RolledaaaaaAA"
	for name, has := range map[string]struct{ link, deployment, refused bool }{
		"nothing":    {false, false, false},
		"link":       {true, false, true},
		"deployment": {false, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := connected(t)
			b.Prove = proves(map[string]string{testKey: "acct_1", liveKey: "acct_1", rolled: "acct_1", test2: "acct_2", live2: "acct_2"})
			b.goods(t, has.link, has.deployment)
			b.connect(t, catalog.Live, rolled)
			for mode, key := range map[catalog.Mode]string{catalog.Test: test2, catalog.Live: live2} {
				_, err := b.Connect(b.ctx(), connection.Input{TenantID: b.acme.ID, Mode: mode, SecretKey: key, AllowDifferentAccount: true})
				want := fault.Code("")
				if has.refused {
					want = fault.InvalidState
				}
				wantCode(t, err, want)
			}
		})
	}
}

func TestDisconnectingIsNoWayAroundTheRefusal(t *testing.T) {
	t.Parallel()
	b := connected(t)
	other := "sk_live_51Account2aaaaa"
	b.Prove = proves(map[string]string{liveKey: "acct_1", other: "acct_2"})
	b.goods(t, true, false)
	if err := b.Disconnect(b.ctx(), b.acme.ID, catalog.Live); err != nil {
		t.Fatal(err)
	}
	_, err := b.Connect(b.ctx(), connection.Input{TenantID: b.acme.ID, Mode: catalog.Live, SecretKey: other, AllowDifferentAccount: true})
	wantCode(t, err, fault.InvalidState)
	b.connect(t, catalog.Live, liveKey)
}

func TestDisconnect(t *testing.T) {
	t.Parallel()
	b := connected(t)
	b.goods(t, true, true)
	wantCode(t, b.Disconnect(b.ctx(), b.acme.ID, catalog.Test), fault.InvalidState)
	b.opens(t, catalog.Test, testKey)
	exec(t, b.DB, `UPDATE deployments SET status = 'CANCELLED', wait_reason = NULL, finished_at = now()`)
	for range 2 {
		if err := b.Disconnect(b.ctx(), b.acme.ID, catalog.Test); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := b.StripeKey(b.ctx(), b.DB, b.acme.ID, catalog.Test)
	wantCode(t, err, fault.StripeNotConnected)
	b.opens(t, catalog.Live, liveKey)
	if n := scalar[int](t, b.DB, `SELECT count(*) FROM audit_log WHERE action = 'stripe.disconnected'`); n != 1 {
		t.Errorf("audited %d times", n)
	}
}

func TestHoldKeepsTheAccountWhileADeploymentIsMade(t *testing.T) {
	t.Parallel()
	b := connected(t)
	other := "sk_live_51Account2aaaaa"
	b.Prove = proves(map[string]string{other: "acct_2"})
	connecting := make(chan error, 1)
	err := postgres.InTx(b.ctx(), b.DB, func(tx pgx.Tx) error {
		account, err := connection.LockAccount(b.ctx(), tx, b.acme.ID, catalog.Live)
		if err != nil || account != "acct_1" {
			t.Errorf("held %q, %v", account, err)
		}
		// A second holder does not wait for the first.
		if err := postgres.InTx(b.ctx(), b.DB, func(tx pgx.Tx) error {
			_, err := connection.LockAccount(b.ctx(), tx, b.acme.ID, catalog.Live)
			return err
		}); err != nil {
			t.Error(err)
		}
		go func() {
			_, err := b.Connect(b.ctx(), connection.Input{TenantID: b.acme.ID, Mode: catalog.Live, SecretKey: other, AllowDifferentAccount: true})
			connecting <- err
		}()
		b.waitForALock(t, connecting)
		return b.link(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, <-connecting, fault.InvalidState)

	err = postgres.InTx(b.ctx(), b.DB, func(tx pgx.Tx) error {
		_, err := connection.LockAccount(b.ctx(), tx, uuid.NewString(), catalog.Live)
		return err
	})
	wantCode(t, err, fault.StripeNotConnected)
}

// A deployment that ends while another account is being connected has left its link
// by then: whoever asks for links first sees neither.
func TestADeploymentThatEndsJustNowIsNotMissed(t *testing.T) {
	t.Parallel()
	b := connected(t)
	other := "sk_live_51Account2aaaaa"
	b.Prove = proves(map[string]string{other: "acct_2"})
	b.goods(t, false, true)
	connecting := make(chan error, 1)
	err := postgres.InTx(b.ctx(), b.DB, func(tx pgx.Tx) error {
		if _, err := tx.Exec(b.ctx(), `LOCK TABLE deployments IN ACCESS EXCLUSIVE MODE`); err != nil {
			return err
		}
		go func() {
			_, err := b.Connect(b.ctx(), connection.Input{TenantID: b.acme.ID, Mode: catalog.Live, SecretKey: other, AllowDifferentAccount: true})
			connecting <- err
		}()
		b.waitForALock(t, connecting)
		_, err := tx.Exec(b.ctx(), `UPDATE deployments SET status = 'CANCELLED', wait_reason = NULL, finished_at = now()`)
		if err != nil {
			return err
		}
		return b.link(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, <-connecting, fault.InvalidState)
}

// waitForALock returns when somebody waits for a lock; connecting must be who does.
func (b *bundle) waitForALock(t *testing.T, connecting <-chan error) {
	t.Helper()
	for !scalar[bool](t, b.DB, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`) {
		select {
		case err := <-connecting:
			t.Fatalf("connected meanwhile: %v", err)
		default:
		}
	}
}

func (b *bundle) link(tx pgx.Tx) error {
	_, err := tx.Exec(b.ctx(), `INSERT INTO links (live_account_id, test_id, resource, live_id, test_product_id, tenant_id)
		VALUES ('acct_1', 'prod_1', 'product', 'prod_1', 'prod_1', $1)`, b.acme.ID)
	return err
}
