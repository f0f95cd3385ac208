package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// examineKeys tells whether the keyset opens what is stored: one that does not would
// fail every deployment.
func examineKeys(ctx context.Context, db postgres.Querier, keys *seal.Keys) Finding {
	stored, unopened, err := connection.Unopened(ctx, db, keys)
	if err != nil {
		return Finding{"keys", err.Error(), true}
	}
	return keysFinding(stored, unopened)
}

func keysFinding(stored int, unopened []string) Finding {
	if len(unopened) == 0 {
		return Finding{"keys", fmt.Sprintf("GOLIVE_SEALING_KEYS opens all %d stored Stripe keys", stored), false}
	}
	return Finding{"keys", fmt.Sprintf("GOLIVE_SEALING_KEYS doesn't open %d of %d stored Stripe keys, such as the one for %s: "+
		"use the keyset that sealed them (or one `golive keys rotate` made from it), or reconnect Stripe",
		len(unopened), stored, unopened[0]), true}
}

// warnOfKeys is for the API, through which Stripe is connected anew where a keyset is
// lost for good.
func warnOfKeys(ctx context.Context, db postgres.Querier, keys *seal.Keys, log *slog.Logger) {
	if f := examineKeys(ctx, db, keys); f.Fix {
		log.WarnContext(ctx, "some Stripe keys cannot be opened", "says", f.Says)
	}
}

// checkKeys refuses to work with a keyset that opens nothing of what is stored. One
// that opens some of it serves those tenants, and says so.
func checkKeys(ctx context.Context, db postgres.Querier, keys *seal.Keys, log *slog.Logger) error {
	stored, unopened, err := connection.Unopened(ctx, db, keys)
	if err != nil || len(unopened) == 0 {
		return err
	}
	f := keysFinding(stored, unopened)
	if len(unopened) == stored {
		return errors.New(f.Says)
	}
	log.WarnContext(ctx, "some Stripe keys cannot be opened", "says", f.Says)
	return nil
}
