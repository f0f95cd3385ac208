package main

import (
	"context"

	domain "github.com/golive-hq/golive/internal/pause"
	"github.com/golive-hq/golive/internal/tenant"
)

// operator is whom the audit log names for what the command line does.
const operator = "operator"

type pauseCmd struct {
	Reason string `required:"" help:"Reason, shown to users and kept in the audit log."`
}

// Run takes effect in all processes within seconds.
func (c *pauseCmd) Run(ctx context.Context, t *terminal) error {
	return withTenants(ctx, func(tenants *tenant.Service) error {
		if err := domain.Begin(ctx, tenants.DB, operator, c.Reason); err != nil {
			return err
		}
		t.say("Golive is paused. Running deployments stop at their next step. Continue with: golive resume")
		return nil
	})
}

type resumeCmd struct{}

// Run lets everything go on.
func (resumeCmd) Run(ctx context.Context, t *terminal) error {
	return withTenants(ctx, func(tenants *tenant.Service) error {
		if err := domain.End(ctx, tenants.DB, operator); err != nil {
			return err
		}
		t.say("Golive is running again.")
		return nil
	})
}
