package order

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// contactKey is by which a tenant's email addresses are found, and what was written of its
// customers is told apart: without it, nobody can tell which hash is whose by trying. It
// outlives the sealing keys, so hashes stay.
type contactKey []byte

// sealedKey is a row of contact_keys.
type sealedKey struct {
	TenantID string `db:"tenant_id"`
	Sealed   []byte `db:"sealed"`
	Version  int    `db:"seal_version"`
}

const keySeal = 1

func keySlot(tenantID string, version int) seal.Slot {
	return seal.Slot{TenantID: tenantID, Column: "contact_keys.sealed", Version: version}
}

func (k sealedKey) open(keys *seal.Keys) (contactKey, error) {
	key, err := keys.Open(k.Sealed, keySlot(k.TenantID, k.Version))
	return contactKey(key), err
}

// hash is that of a mailbox, however its address is spelled.
func (k contactKey) hash(email string) []byte {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(mailbox.Normal(email)))
	return mac.Sum(nil)
}

// digest identifies an input that says something of a customer.
func (k contactKey) digest(input any) string {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(digestOf(input)))
	return hex.EncodeToString(mac.Sum(nil))
}

// contactKeyOf is nil where the tenant has none, and so no addresses.
func contactKeyOf(ctx context.Context, db postgres.Querier, keys *seal.Keys, tenantID string) (contactKey, error) {
	k, err := postgres.One(ctx, db, pgx.RowToStructByName[sealedKey], nil, `SELECT tenant_id, sealed, seal_version FROM contact_keys WHERE tenant_id = $1`, tenantID)
	if err != nil || k.Sealed == nil {
		return nil, wrap(err, "read the key of contacts")
	}
	return k.open(keys)
}

// someContactKey makes the tenant's key where it has none. Of two who do so at a time, the
// second takes the first one's.
func someContactKey(ctx context.Context, tx pgx.Tx, keys *seal.Keys, tenantID string) (contactKey, error) {
	if key, err := contactKeyOf(ctx, tx, keys, tenantID); key != nil || err != nil {
		return key, err
	}
	sealed, err := keys.Seal(rand.Text()+rand.Text(), keySlot(tenantID, keySeal))
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO contact_keys (tenant_id, sealed, seal_version) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, tenantID, sealed, keySeal)
	if err != nil {
		return nil, wrap(err, "make a key of contacts")
	}
	return contactKeyOf(ctx, tx, keys, tenantID)
}
