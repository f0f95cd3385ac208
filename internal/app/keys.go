package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/golive-hq/golive/internal/tenant"
)

// examineKeys tells whether the keyset opens what is stored: one that does not would
// fail every deployment.
func examineKeys(ctx context.Context, tenants *tenant.Service) Finding {
	stored, unopened, err := tenants.Unopened(ctx)
	switch {
	case err != nil:
		return Finding{"keys", err.Error(), true}
	case len(unopened) == 0:
		return Finding{"keys", fmt.Sprintf("GOLIVE_SEALING_KEYS opens all %d Stripe keys that are stored", stored), false}
	}
	return Finding{"keys", fmt.Sprintf("GOLIVE_SEALING_KEYS does not open %d of the %d Stripe keys that are stored, such as %s: "+
		"give the keyset that sealed them (or one that `golive keys rotate` made of it), or connect Stripe anew",
		len(unopened), stored, unopened[0]), true}
}

// checkKeys refuses to start with a keyset that opens nothing of what is stored. One
// that opens some of it serves those tenants, and says so.
func checkKeys(ctx context.Context, tenants *tenant.Service, log *slog.Logger) error {
	f := examineKeys(ctx, tenants)
	if !f.Mend {
		return nil
	}
	if stored, unopened, err := tenants.Unopened(ctx); err == nil && len(unopened) == stored {
		return errors.New(f.Says)
	}
	log.WarnContext(ctx, "not every Stripe key can be used", "says", f.Says)
	return nil
}
