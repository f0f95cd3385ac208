package devstack

import (
	"context"
	"log/slog"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/tenant"
)

// sell enables the demo tenant's payments of both modes at its first start. The API has to
// answer, because an endpoint is proved by what it takes. A stack without payments is worth
// more than none, so that errors are only told.
func sell(ctx context.Context, cfg app.Config, home *folder, log *slog.Logger) {
	services, closePool, err := app.Open(ctx, cfg, log)
	if err == nil {
		defer closePool()
		err = enablePayments(ctx, services, home)
	}
	if err != nil {
		log.WarnContext(ctx, "payments of the demo tenant are off; enable them in its settings", "error", err)
	}
}

func enablePayments(ctx context.Context, services app.Services, home *folder) error {
	_, actor, err := demoToken(ctx, services.Tenants, home)
	if err != nil {
		return err
	}
	ctx, tenantID := tenant.WithActor(ctx, actor), actor.Memberships[0].Tenant.ID
	for _, mode := range []catalog.Mode{catalog.Test, catalog.Live} {
		had, err := services.Inbox.Module(ctx, tenantID, mode)
		if err != nil {
			return err
		}
		// One that has an endpoint was enabled before: whoever disabled it finds it disabled.
		if had.EndpointID != nil {
			continue
		}
		if _, err := services.Inbox.Enable(ctx, inbox.EnableInput{TenantID: tenantID, Mode: mode}); err != nil {
			return err
		}
	}
	return nil
}
