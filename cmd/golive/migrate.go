package main

import (
	"context"
	"os"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/postgres"
)

type migrateCmd struct{}

// Run logs each migration that it applies.
func (migrateCmd) Run(ctx context.Context, t *terminal) error {
	url, err := app.LoadDatabaseURL(os.LookupEnv)
	if err != nil {
		return err
	}
	return postgres.Migrate(ctx, url.Reveal(), app.NewLogger(t.err, "text"))
}
