package product

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// LiveStatus tells how live compares with test, as far as the last import, check
// and deployment saw.
type LiveStatus string

// The live statuses.
const (
	// NotLive was never deployed, was rolled back, or was taken over by another tenant.
	NotLive LiveStatus = "NOT_LIVE"
	// Live holds in live what it holds in test.
	Live LiveStatus = "LIVE"
	// Changed has changed in test, or vanished there, since it was deployed.
	Changed LiveStatus = "CHANGED"
	// Drifted was changed in live by somebody else since it was deployed.
	Drifted LiveStatus = "DRIFTED"
)

// Product is a product imported from Stripe test.
type Product struct {
	// ID is a UUIDv7.
	ID            string `db:"id"`
	TenantID      string `db:"tenant_id"`
	TestAccountID string `db:"test_account_id"`
	// StripeProductID is the id in test.
	StripeProductID string     `db:"stripe_product_id"`
	Name            string     `db:"name"`
	LiveStatus      LiveStatus `db:"live_status"`
	// LiveAccountID and LiveProductID are nil before the first completed deployment.
	LiveAccountID *string   `db:"live_account_id"`
	LiveProductID *string   `db:"live_product_id"`
	ImportedAt    time.Time `db:"imported_at"`
	// GoneAt is when an import first missed the product in test, nil while it is there.
	GoneAt *time.Time `db:"gone_at"`
	// DriftedAt is when somebody else was first seen to have changed it in live, nil where
	// nobody has.
	DriftedAt *time.Time `db:"drifted_at"`
	// Snapshot is what was imported, nil in lists, and Digest identifies its content.
	Snapshot *catalog.Snapshot `db:"snapshot"`
	Digest   string            `db:"digest"`
}

// TestURL is where Stripe's dashboard shows the product in test, nil where it is gone.
func (p *Product) TestURL() *string {
	if p.GoneAt != nil {
		return nil
	}
	url := dashboard + p.TestAccountID + "/test/products/" + p.StripeProductID
	return &url
}

// LiveURL is where it shows the product in live, nil before it is there.
func (p *Product) LiveURL() *string {
	if p.LiveAccountID == nil || p.LiveProductID == nil {
		return nil
	}
	url := dashboard + *p.LiveAccountID + "/products/" + *p.LiveProductID
	return &url
}

const dashboard = "https://dashboard.stripe.com/"

// Price is a price of an imported product, as people see it. What Stripe leaves
// null is nil.
type Price struct {
	TestID string
	// LiveID is the linked price in live.
	LiveID   *string
	Active   bool
	Currency string
	// BillingScheme is per_unit or tiered.
	BillingScheme string
	// UnitAmountDecimal is in the currency's smallest unit, nil for tiered and
	// customer-chosen amounts.
	UnitAmountDecimal *string
	Amount            *catalog.Money
	LookupKey         *string
	Nickname          *string
	// Interval and IntervalCount are nil for one-time prices.
	Interval      *string
	IntervalCount *int
	// IsDefault marks the product's default price.
	IsDefault bool
}

// Service holds the use cases.
type Service struct {
	DB *pgxpool.Pool
	// Rank returns SQL of product_id and rank: the number by which an order sorts those of a
	// tenant's products that have one, smallest first. $1 is the tenant's id.
	Rank func(by Order) string
}

// Get returns a product of a tenant that the actor is a member of, else NOT_FOUND.
func (s *Service) Get(ctx context.Context, id string) (*Product, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	return get(ctx, s.DB, id, actor.TenantIDs())
}

// GetMany returns the products with these ids, by id; those that Get would not
// find are absent.
func (s *Service) GetMany(ctx context.Context, ids []string) (map[string]*Product, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	found, err := getMany(ctx, s.DB, ids, actor.TenantIDs())
	byID := make(map[string]*Product, len(found))
	for _, p := range found {
		byID[p.ID] = p
	}
	return byID, err
}

// ByStripeID returns a tenant's product by its id in test, else NOT_FOUND.
func (s *Service) ByStripeID(ctx context.Context, tenantID, stripeProductID string) (*Product, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	return byStripeID(ctx, s.DB, tenantID, stripeProductID)
}

// ByAnyStripeID returns the product that an id of Stripe's means, in test or else in live
// mode, in any of the actor's tenants: NOT_FOUND where none is, INVALID_INPUT where
// several are.
func (s *Service) ByAnyStripeID(ctx context.Context, stripeID string) (*Product, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	if strings.ContainsRune(stripeID, 0) { // which Postgres does not take
		return nil, errNotFound()
	}
	found, err := byAnyStripeID(ctx, s.DB, stripeID, actor.TenantIDs())
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, errNotFound()
	case len(found) > 1 && (found[0].StripeProductID == stripeID) == (found[1].StripeProductID == stripeID):
		return nil, fault.New(fault.InvalidInput, "Several products have this Stripe ID. Use a Golive ID instead, %s or %s.", found[0].ID, found[1].ID)
	}
	return found[0], nil
}

// ForDeployment returns a product whoever asks, else NOT_FOUND: a worker acts for
// nobody.
func ForDeployment(ctx context.Context, db postgres.Querier, id string) (*Product, error) {
	return load(ctx, db, id)
}

func errNotFound() error {
	return fault.New(fault.NotFound, "There's no product with this ID. Import it first, or look up its ID in the product list.")
}

// pricesOf shows the snapshot's prices; liveIDs maps test ids to live ones.
func pricesOf(s *catalog.Snapshot, liveIDs map[string]string) []Price {
	prices := make([]Price, len(s.Prices))
	for i, p := range s.Prices {
		prices[i] = Price{
			TestID:            p.ID,
			LiveID:            orNil(liveIDs[p.ID]),
			Active:            p.Active,
			Currency:          p.Currency,
			BillingScheme:     p.BillingScheme,
			UnitAmountDecimal: orNil(string(p.UnitAmountDecimal)),
			Amount:            p.Amount(),
			LookupKey:         orNil(p.LookupKey),
			Nickname:          orNil(p.Nickname),
			IsDefault:         p.ID == s.Product.DefaultPrice,
		}
		if r := p.Recurring; r != nil {
			count := int(r.IntervalCount)
			prices[i].Interval, prices[i].IntervalCount = &r.Interval, &count
		}
	}
	return prices
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
