package product

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Contents is what is known of a product in test and in live, which is large.
type Contents struct {
	ID            string            `db:"id"`
	TenantID      string            `db:"tenant_id"`
	Name          string            `db:"name"`
	LiveProductID *string           `db:"live_product_id"`
	Test          *catalog.Snapshot `db:"snapshot"`
	ImportedAt    time.Time         `db:"imported_at"`
	GoneAt        *time.Time        `db:"gone_at"`
	// Seen is live as a check or a deployment saw it last, "null" where it was not there,
	// nil where nobody has looked since an earlier version deployed it.
	Seen   json.RawMessage `db:"live_seen"`
	SeenAt *time.Time      `db:"live_seen_at"`
	// Links are the tenant's own, in the account that the product is live in, or else in
	// the one that is connected.
	Links []Link `db:"-"`
}

// inAccount is SQL for the account that a product is live in. A price may be linked before
// the first deployment has completed; its account is then the one that is connected.
var inAccount = `coalesce(p.live_account_id, ` + connection.AccountSQL(catalog.Live, "p.tenant_id") + `)`

// ContentsOf returns the contents of those products among ids that the actor may see, by id.
func (s *Service) ContentsOf(ctx context.Context, ids []string) (map[string]*Contents, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	found, err := postgres.All(ctx, s.DB, pgx.RowToAddrOfStructByName[Contents], `SELECT p.id, p.tenant_id, p.name, p.live_product_id,
			p.snapshot, p.imported_at, p.gone_at, p.live_seen, p.live_seen_at
		FROM products p WHERE p.id = ANY($1::uuid[]) AND p.tenant_id = ANY($2::uuid[])`, ids, actor.TenantIDs())
	byID := make(map[string]*Contents, len(found))
	for _, c := range found {
		byID[c.ID] = c
	}
	if err != nil {
		return byID, wrap(err, "read contents")
	}
	return byID, s.addLinks(ctx, byID, ids)
}

func (s *Service) addLinks(ctx context.Context, byID map[string]*Contents, ids []string) error {
	type linkOf struct {
		ProductID string `db:"product_id"`
		Link
	}
	links, err := postgres.All(ctx, s.DB, pgx.RowToStructByName[linkOf], `WITH p AS MATERIALIZED (
			SELECT p.id, p.tenant_id, p.stripe_product_id, `+inAccount+` AS account FROM products p WHERE p.id = ANY($1::uuid[]))
		SELECT p.id::text AS product_id, l.live_account_id, l.test_id, l.resource, l.live_id,
			l.test_product_id, l.tenant_id, l.deployment_id, l.adopted, l.base, l.created_at
		FROM p JOIN links l ON l.live_account_id = p.account AND l.test_product_id = p.stripe_product_id AND l.tenant_id = p.tenant_id
		ORDER BY l.created_at, l.test_id`, ids)
	for _, l := range links {
		if c := byID[l.ProductID]; c != nil {
			c.Links = append(c.Links, l.Link)
		}
	}
	return wrap(err, "read links of products")
}

// Prices are those of the last import as people see them.
func (c *Contents) Prices() []Price {
	live := map[string]string{}
	for _, l := range c.Links {
		if l.Resource == catalog.ResourcePrice {
			live[l.TestID] = l.LiveID
		}
	}
	return pricesOf(c.Test, live)
}

// NoteLive keeps how live was seen just now; nil is that the product was not there.
func NoteLive(ctx context.Context, tx pgx.Tx, productID string, live *catalog.Snapshot) error {
	b, err := json.Marshal(live)
	if err != nil {
		return wrap(err, "encode live")
	}
	tag, err := tx.Exec(ctx, `UPDATE products SET live_seen = $2, live_seen_at = now() WHERE id = $1`, productID, b)
	return exactlyOne(tag.RowsAffected(), err, "note live")
}
