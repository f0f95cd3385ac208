package order

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

// Trace is what an order keeps of the person who bought.
type Trace struct {
	TenantID  string    `json:"tenantId"`
	OrderID   string    `json:"orderId"`
	CreatedAt time.Time `json:"createdAt"`
	Customer  string    `json:"customer"`
	Contact
	// Evidence is what was written to their banks, by dispute.
	Evidence map[string]map[string]string `json:"evidence,omitempty"`
}

// OfPerson returns what orders keep of whoever has an email address, oldest first by tenant.
// It is for operators. keys is asked only where there is something to open.
func OfPerson(ctx context.Context, db postgres.Querier, email string, keys func() (*seal.Keys, error)) (traces []Trace, err error) {
	traces = []Trace{}
	err = eachOfPerson(ctx, db, email, keys, func(ctx context.Context, p person) error {
		of, err := p.traces(ctx, db)
		traces = append(traces, of...)
		return err
	})
	return traces, err
}

// Forget takes away what orders keep of whoever has an email address, what events said of those
// orders, and what banks were told of them; the orders themselves stay, with their sums. It is
// for operators. keys is asked only where there is something to look for.
//
// INVALID_STATE: an order of a tenant on hold is that person's.
func Forget(ctx context.Context, tx pgx.Tx, email string, keys func() (*seal.Keys, error)) error {
	return eachOfPerson(ctx, tx, email, keys, func(ctx context.Context, p person) error { return p.forget(ctx, tx) })
}

// person is who has an email address, as a tenant's orders know one.
type person struct {
	tenantID string
	keys     *seal.Keys
	hash     []byte
}

// eachOfPerson goes through all tenants that keep addresses, acting for one at a time.
func eachOfPerson(ctx context.Context, db postgres.Querier, email string, keys func() (*seal.Keys, error), do func(context.Context, person) error) error {
	all, err := postgres.All(postgres.Across(ctx, postgres.Operators), db, pgx.RowToStructByName[sealedKey],
		`SELECT tenant_id::text, sealed, seal_version FROM contact_keys ORDER BY contact_keys.tenant_id`)
	if err != nil || len(all) == 0 {
		return wrap(err, "read the keys of contacts")
	}
	opens, err := keys()
	if err != nil {
		return err
	}
	for _, k := range all {
		key, err := k.open(opens)
		if err != nil {
			return err
		}
		if err := do(postgres.For(ctx, k.TenantID), person{k.TenantID, opens, key.hash(email)}); err != nil {
			return err
		}
	}
	return nil
}

func (p person) traces(ctx context.Context, db postgres.Querier) ([]Trace, error) {
	type row struct {
		sealedContact
		Customer  string    `db:"customer"`
		CreatedAt time.Time `db:"created_at"`
	}
	rows, err := postgres.All(ctx, db, pgx.RowToStructByName[row], `SELECT c.order_id::text, c.tenant_id::text, c.sealed, c.seal_version, o.customer, o.created_at
		FROM order_contacts c JOIN orders o ON o.id = c.order_id WHERE c.tenant_id = $1 AND c.email_hash = $2 ORDER BY o.id`, p.tenantID, p.hash)
	traces := make([]Trace, len(rows))
	for i, r := range rows {
		contact, err := r.open(p.keys)
		if err != nil {
			return nil, err
		}
		evidence, err := p.evidence(ctx, db, r.OrderID)
		if err != nil {
			return nil, err
		}
		traces[i] = Trace{r.TenantID, r.OrderID, r.CreatedAt, r.Customer, contact, evidence}
	}
	return traces, wrap(err, "read a person's orders")
}

func (p person) evidence(ctx context.Context, db postgres.Querier, orderID string) (map[string]map[string]string, error) {
	rows, err := postgres.All(ctx, db, pgx.RowToStructByName[sealedEvidence], selectEvidence+`order_id = $1`, orderID)
	evidence := make(map[string]map[string]string, len(rows))
	for _, r := range rows {
		if evidence[r.DisputeID], err = r.open(p.keys); err != nil {
			return nil, err
		}
	}
	return evidence, wrap(err, "read what banks were told of a person")
}

func (p person) forget(ctx context.Context, tx pgx.Tx) error {
	gone, err := postgres.All(ctx, tx, pgx.RowTo[string], `DELETE FROM order_contacts WHERE tenant_id = $1 AND email_hash = $2 RETURNING order_id::text`, p.tenantID, p.hash)
	if err != nil || len(gone) == 0 {
		return wrap(err, "forget a customer")
	}
	held, err := tenant.Held(ctx, tx)
	if err != nil {
		return err
	}
	if slices.Contains(held, p.tenantID) {
		return fault.New(fault.InvalidState, "This person has bought from tenant %s, which is on hold, so nothing is erased. End the hold first: golive tenant release SLUG", p.tenantID)
	}
	if err := inbox.ForgetOrders(ctx, tx, gone); err != nil {
		return err
	}
	if err := forgetEvidence(ctx, tx, gone); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: p.tenantID, Actor: tenant.Operator, Action: "order.contacts_erased", Subject: "orders", Details: map[string]any{"orders": len(gone)},
	})
}
