package devstack

import (
	"context"
	"errors"
	"log/slog"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

const (
	demoSlug  = "demo"
	demoEmail = "you@golive.localhost"
)

// demo is what a person needs to begin.
type demo struct {
	token   string
	product *product.Product
}

// prepareDemo makes what is missing of the demo tenant: itself, a token, its
// Stripe keys, its products. It may be repeated, and be cut off anywhere.
func prepareDemo(ctx context.Context, cfg app.Config, home *folder, account stripesim.Account, log *slog.Logger) (*demo, error) {
	services, closePool, err := app.Open(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	defer closePool()
	token, actor, err := demoToken(ctx, services.Tenants, home)
	if err != nil {
		return nil, err
	}
	ctx = tenant.WithActor(ctx, actor)
	tenantID := actor.Memberships[0].Tenant.ID
	for mode, key := range map[catalog.Mode]string{catalog.Test: account.TestKey, catalog.Live: account.LiveKey} {
		if err := connect(ctx, services, tenantID, mode, key); err != nil {
			return nil, err
		}
	}
	if err := admitTeam(ctx, services, tenantID); err != nil {
		return nil, err
	}
	if _, err := services.Imports.Here(ctx, tenantID, nil); err != nil {
		return nil, err
	}
	first, err := firstProduct(ctx, services, tenantID)
	return &demo{token: token, product: first}, err
}

// demoToken returns the token of the last start as long as the database knows
// it, else a new one for a tenant that is made if need be.
func demoToken(ctx context.Context, tenants *tenant.Service, home *folder) (string, tenant.Actor, error) {
	token, err := home.secret("token")
	if err != nil {
		return "", tenant.Actor{}, err
	}
	actor, err := tenants.Authenticate(ctx, token)
	if err == nil {
		return token, actor, nil
	}
	if fault.CodeOf(err) != fault.Unauthenticated {
		return "", tenant.Actor{}, err
	}
	// INVALID_INPUT: an earlier start has made it.
	if _, err := tenants.CreateTenant(ctx, demoSlug, "Harbour & Pine", "Europe/Berlin"); err != nil && fault.CodeOf(err) != fault.InvalidInput {
		return "", tenant.Actor{}, err
	}
	if token, err = tenants.CreateToken(ctx, demoSlug, demoEmail, tenant.RoleAdmin); err != nil {
		return "", tenant.Actor{}, err
	}
	if err := home.keepSecret("token", token); err != nil {
		return "", tenant.Actor{}, err
	}
	actor, err = tenants.Authenticate(ctx, token)
	return token, actor, err
}

// connect does nothing where that key is connected and opens: connecting once
// more would seal it anew and say so in the audit log, at every start.
func connect(ctx context.Context, services app.Services, tenantID string, mode catalog.Mode, key string) error {
	if had, _, err := services.Connections.StripeKey(ctx, services.Tenants.DB, tenantID, mode); err == nil && had == key {
		return nil
	}
	_, err := services.Connections.Connect(ctx, connection.Input{TenantID: tenantID, Mode: mode, SecretKey: key})
	return err
}

// firstProduct is one that is not live yet, else any.
func firstProduct(ctx context.Context, services app.Services, tenantID string) (*product.Product, error) {
	page, err := services.Products.List(ctx, product.Filter{TenantID: tenantID, First: 100})
	if err != nil {
		return nil, err
	}
	for _, p := range page.Products {
		if p.LiveStatus != product.NotLive {
			continue
		}
		if whole, err := services.Products.Get(ctx, p.ID); err != nil || whole.Snapshot.Product.Active {
			return whole, err
		}
	}
	if len(page.Products) == 0 {
		return nil, errors.New("the demo catalogue is empty")
	}
	return page.Products[0], nil
}
