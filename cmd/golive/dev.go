package main

import (
	"context"
	"os"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/devstack"
)

type devCmd struct {
	Time *devstack.Time `placeholder:"2026-12-25T08:55:00Z" help:"Start the clock for due times at this time; it keeps running from there."`
}

// Run ends with success after Ctrl-C.
func (c devCmd) Run(ctx context.Context, t *terminal) error {
	format, _ := os.LookupEnv("GOLIVE_LOG")
	return devstack.Run(ctx, devstack.Options{
		Env: os.LookupEnv, Time: c.Time, Command: os.Args[0], Out: t.out, Log: app.NewLogger(t.err, format),
	})
}
