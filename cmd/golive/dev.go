package main

import (
	"context"
	"os"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/devstack"
)

type devCmd struct{}

// Run ends with success after Ctrl-C.
func (devCmd) Run(ctx context.Context, t *terminal) error {
	format, _ := os.LookupEnv("GOLIVE_LOG")
	return devstack.Run(ctx, devstack.Options{
		Env: os.LookupEnv, Command: os.Args[0], Out: t.out, Log: app.NewLogger(t.err, format),
	})
}
