package connection

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// sealVersion is the form of the associated data that new seals are bound to.
const sealVersion = 1

// keySlot has the mode in the column's name: a sealed test key must not open as
// the live one.
func keySlot(tenantID string, mode catalog.Mode, version int) seal.Slot {
	return seal.Slot{TenantID: tenantID, Column: "stripe_connections.sealed_key." + string(mode), Version: version}
}

// sealedKey is a row of stripe_connections as sealing sees it.
type sealedKey struct {
	TenantID  string       `db:"tenant_id"`
	Mode      catalog.Mode `db:"mode"`
	AccountID string       `db:"account_id"`
	Sealed    []byte       `db:"sealed_key"`
	Version   int          `db:"seal_version"`
}

func (k sealedKey) slot() seal.Slot { return keySlot(k.TenantID, k.Mode, k.Version) }

// StripeKey returns a tenant's secret key for a mode and the account it belongs
// to, or STRIPE_NOT_CONNECTED. It asks for no role: the use case that needs the
// key has done so. The key must reach nothing but a call to Stripe.
func (s *Service) StripeKey(ctx context.Context, db postgres.Querier, tenantID string, mode catalog.Mode) (key, accountID string, err error) {
	row, err := sealedKeyOf(ctx, db, tenantID, mode)
	if err != nil {
		return "", "", err
	}
	key, err = s.deps.Keys.Open(row.Sealed, row.slot())
	return key, row.AccountID, err
}

// Unopened tells how many Stripe keys are stored, and which of them no sealing key
// opens: a lost keyset shows before a deployment needs it.
func Unopened(ctx context.Context, db postgres.Querier, keys *seal.Keys) (stored int, unopened []string, err error) {
	ctx = postgres.Across(ctx, postgres.Operators)
	rows, err := sealedKeys(ctx, db)
	for _, row := range rows {
		if _, err := keys.Open(row.Sealed, row.slot()); err != nil {
			unopened = append(unopened, fmt.Sprintf("%s of tenant %s", row.Mode, row.TenantID))
		}
	}
	return len(rows), unopened, err
}

// LockAccount returns the account that a tenant is connected to in a mode, and keeps it
// connected until tx ends; STRIPE_NOT_CONNECTED where there is none. A
// transaction that writes down an account for later (a deployment, an import)
// must call it, else another account could be connected in between.
func LockAccount(ctx context.Context, tx pgx.Tx, tenantID string, mode catalog.Mode) (accountID string, err error) {
	return holdConnection(ctx, tx, tenantID, mode)
}

func errNotConnected(mode catalog.Mode) error {
	return fault.New(fault.StripeNotConnected, "No Stripe %s key is connected. A tenant admin can connect one with connectStripe.",
		strings.ToLower(string(mode)))
}
