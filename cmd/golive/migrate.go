package main

import (
	"context"
	"os"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/postgres"
)

type migrateCmd struct {
	Grant []string `placeholder:"USER" help:"Also let this database user run the services; repeatable. The user in DATABASE_URL always may."`
}

// Run logs each migration that it applies.
func (c *migrateCmd) Run(ctx context.Context, t *terminal) error {
	url, err := app.LoadDatabaseURL(os.LookupEnv)
	if err != nil {
		return err
	}
	return postgres.Migrate(ctx, url.Reveal(), app.NewLogger(t.err, "text"), c.Grant...)
}
