package order

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// CreateInput is what an order is made of.
type CreateInput struct {
	TenantID string       `json:"tenantId"`
	Mode     catalog.Mode `json:"mode"`
	// Customer is the host's id of who buys.
	Customer string      `json:"customer"`
	Email    string      `json:"-"`
	Lines    []LineInput `json:"lines"`
	// Currency is "" for the prices' own.
	Currency  string               `json:"currency,omitempty"`
	Reference string               `json:"reference,omitempty"`
	Capture   ledger.CaptureMethod `json:"captureMethod"`
	Metadata  map[string]string    `json:"-"`
	// IdempotencyKey makes a repetition return the order that the first call made.
	IdempotencyKey string `json:"-"`
}

// maxIdempotencyKey is in bytes.
const maxIdempotencyKey = 255

func checkKey(key string) error {
	if key == "" || len(key) > maxIdempotencyKey {
		return invalid(fmt.Sprintf("An idempotency key must be 1 to %d bytes long.", maxIdempotencyKey), "idempotencyKey")
	}
	if holdsCard(key) {
		return errCard("idempotencyKey")
	}
	return nil
}

// digest identifies the input. Of what is kept sealed it says only that there is some: by a
// digest, whoever knows the rest could try addresses.
func (in CreateInput) digest() string {
	return digestOf(struct {
		CreateInput
		Contact bool `json:"contact"`
	}{in, in.hasContact()})
}

func (in CreateInput) hasContact() bool { return in.Email != "" || len(in.Metadata) > 0 }

// digestOf identifies an input, without its idempotency key.
func digestOf(input any) string {
	b, err := json.Marshal(input)
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func errReused() error {
	return fault.New(fault.IdempotencyKeyReused, "This idempotency key was already used with different input. Use a new key for new input.").At("input", "idempotencyKey")
}

func (in CreateInput) check() error {
	if err := checkKey(in.IdempotencyKey); err != nil {
		return err
	}
	for _, f := range []struct{ name, value string }{{"customer", in.Customer}, {"reference", in.Reference}} {
		if len(f.value) > longestName {
			return invalid(fmt.Sprintf("This can be at most %d bytes long.", longestName), f.name)
		}
		if holdsCard(f.value) {
			return errCard(f.name)
		}
	}
	switch {
	case strings.TrimSpace(in.Customer) == "":
		return invalid("Say who buys: your own ID of the customer.", "customer")
	case in.Currency != "" && !isCurrency(in.Currency):
		return invalid("A currency is a code of three letters, such as usd.", "currency")
	}
	if err := checkContact(in); err != nil {
		return err
	}
	return checkLines(in.Lines)
}

// Create makes an order, which nobody can pay before a checkout is started. It needs the
// role DEPLOYER; a token for orders will do. It may be repeated with the same key.
func (s *Service) Create(ctx context.Context, in CreateInput) (*Order, error) {
	if err := tenant.RequireForOrders(ctx, in.TenantID, tenant.RoleDeployer); err != nil {
		return nil, err
	}
	in.Currency = strings.ToLower(in.Currency)
	if err := checkKey(in.IdempotencyKey); err != nil {
		return nil, err
	}
	by := asked{in.IdempotencyKey, in.digest()}
	if earlier, err := s.created(ctx, in, by); earlier != nil || err != nil {
		return earlier, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	o := newOrder(ctx, in)
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		fresh := *o
		return s.create(ctx, tx, &fresh, in, by, o)
	})
	switch {
	case postgres.IsUnique(err, "orders_idempotency_key"):
		return s.created(ctx, in, by) // somebody with the same key was faster
	case postgres.IsUnique(err, "orders_reference"):
		if earlier, err := s.created(ctx, in, by); earlier != nil || err != nil {
			return earlier, err // the other one was made with the same key, at the same time
		}
		return nil, invalid(fmt.Sprintf("Another order has the reference %q.", in.Reference), "reference")
	case err != nil:
		return nil, err
	}
	s.Observe.entered(o.Mode, o.Status)
	s.Notify.Ring(Topic(o.ID), TenantTopic(o.TenantID, o.Mode))
	return o, nil
}

func newOrder(ctx context.Context, in CreateInput) *Order {
	o := &Order{ID: newID(), TenantID: in.TenantID, Customer: in.Customer, Reference: orNil(in.Reference), CreatedBy: actorOf(ctx), Version: 1, EventCount: 1}
	o.Status, o.Mode, o.Currency, o.Capture = ledger.Created, in.Mode, in.Currency, in.Capture
	o.Attention = []ledger.Attention{}
	return o
}

// create fills o, and hands it out once all of it is written.
func (s *Service) create(ctx context.Context, tx pgx.Tx, o *Order, in CreateInput, by asked, out *Order) (err error) {
	if err := inbox.Enabled(ctx, tx, o.TenantID, o.Mode); err != nil {
		return err
	}
	if o.AccountID, err = connection.LockAccount(ctx, tx, o.TenantID, o.Mode); err != nil {
		return err
	}
	lines, err := sell(ctx, tx, o, in)
	if err != nil {
		return err
	}
	if err := insertOrder(ctx, tx, o, by); err != nil {
		return err
	}
	if err := insertLines(ctx, tx, o, lines); err != nil {
		return err
	}
	if in.hasContact() {
		if err := insertContact(ctx, tx, s.Keys, o, Contact{in.Email, in.Metadata}); err != nil {
			return err
		}
	}
	o.ChangedAt, o.StatusSince, o.NextCheckAt = o.CreatedAt, o.CreatedAt, o.ExpiresAt
	*out = *o
	return record(ctx, tx, o, "order.created", map[string]any{"total": o.Total, "currency": o.Currency, "lines": len(lines)})
}

// created is the order that was made with a key, nil where none was.
func (s *Service) created(ctx context.Context, in CreateInput, by asked) (*Order, error) {
	type earlier struct{ ID, Digest string }
	e, err := postgres.One(ctx, s.DB, pgx.RowToStructByPos[earlier], nil,
		`SELECT id::text, input_digest FROM orders WHERE tenant_id = $1 AND idempotency_key = $2`, in.TenantID, by.key)
	if err != nil || e.ID == "" {
		return nil, wrap(err, "look for an order")
	}
	contacts, err := s.ContactsOf(ctx, []string{e.ID})
	if err != nil {
		return nil, err
	}
	kept, known := contacts[e.ID] // one that was erased tells nothing any more
	if e.Digest != by.digest || known && (kept.Email != in.Email || !maps.Equal(kept.Metadata, in.Metadata)) {
		return nil, errReused()
	}
	return byID(ctx, s.DB, e.ID, []string{in.TenantID})
}
