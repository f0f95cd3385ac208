package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/alert"
	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

type tenantCmds struct {
	Create  tenantCreateCmd  `cmd:"" help:"Create a tenant and print its ID."`
	List    tenantListCmd    `cmd:"" help:"List tenants."`
	Hold    tenantHoldCmd    `cmd:"" help:"Keep everything of a tenant, whatever retention says, until release."`
	Release tenantReleaseCmd `cmd:"" help:"End a hold."`
}

type tenantCreateCmd struct {
	Slug     string `arg:"" help:"Short name for URLs and commands: lowercase letters, digits and hyphens."`
	Name     string `required:"" help:"Display name."`
	TimeZone string `default:"UTC" help:"IANA time zone, such as Europe/Berlin."`
}

// Run prints the new tenant's id.
func (c *tenantCreateCmd) Run(ctx context.Context, t *terminal) error {
	return withTenants(ctx, func(tenants *tenant.Service) error {
		created, err := tenants.CreateTenant(ctx, c.Slug, c.Name, c.TimeZone)
		if err != nil {
			return err
		}
		return t.answer(created.ID)
	})
}

type tenantListCmd struct{}

// Run prints a line per tenant, by slug.
func (tenantListCmd) Run(ctx context.Context, t *terminal) error {
	return withTenants(ctx, func(tenants *tenant.Service) error {
		all, err := tenants.ListTenants(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		for _, one := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", one.Slug, plain(one.Name), one.TimeZone, one.ID)
		}
		return w.Flush()
	})
}

type tenantHoldCmd struct {
	Slug   string `arg:"" help:"The tenant's slug."`
	Reason string `required:"" help:"Reason, kept in the audit log."`
}

// Run is silent on standard output.
func (c *tenantHoldCmd) Run(ctx context.Context, t *terminal) error {
	return withTenants(ctx, func(tenants *tenant.Service) error {
		if err := tenants.Hold(ctx, c.Slug, c.Reason); err != nil {
			return err
		}
		t.say("Tenant %s is on hold. End it with: golive tenant release %[1]s", plain(c.Slug))
		return nil
	})
}

type tenantReleaseCmd struct {
	Slug string `arg:"" help:"The tenant's slug."`
}

// Run is silent on standard output.
func (c *tenantReleaseCmd) Run(ctx context.Context, t *terminal) error {
	return withTenants(ctx, func(tenants *tenant.Service) error {
		if err := tenants.Release(ctx, c.Slug); err != nil {
			return err
		}
		t.say("Tenant %s is no longer on hold.", plain(c.Slug))
		return nil
	})
}

// withTenants runs fn on the database at DATABASE_URL, all that it needs.
func withTenants(ctx context.Context, fn func(*tenant.Service) error) error {
	return withDatabase(ctx, func(pool *pgxpool.Pool) error { return fn(&tenant.Service{DB: pool, Lost: alert.TellLost}) })
}

// withDatabase runs fn on the database at DATABASE_URL, once it is known to have the
// schema that this binary needs. Audit entries that fn makes wait for a worker, which has
// the sealing keys.
func withDatabase(ctx context.Context, fn func(*pgxpool.Pool) error) error {
	url, err := app.LoadDatabaseURL(os.LookupEnv)
	if err != nil {
		return err
	}
	pool, err := postgres.OpenApp(ctx, url.Reveal())
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := app.CheckSchema(ctx, pool); err != nil {
		return err
	}
	if err := audit.LeaveUnchained(ctx, pool); err != nil {
		return err
	}
	return fn(pool)
}
