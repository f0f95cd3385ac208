//go:build !production

package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/devstack"
)

type devCmd struct {
	Show       bool           `help:"Print once more what the running golive dev printed at its start: addresses, keys, token."`
	Time       *devstack.Time `placeholder:"2026-12-25T08:55:00Z" help:"Start the clock for due times at this time; it keeps running from there."`
	Latency    time.Duration  `default:"150ms" help:"How long the Stripe simulator takes for a call."`
	StripeAddr string         `env:"GOLIVE_DEV_STRIPE_ADDR" default:"127.0.0.1:8082" help:"Address of the Stripe simulator."`
	SignInAddr string         `env:"GOLIVE_DEV_SIGN_IN_ADDR" default:"127.0.0.1:8084" help:"Address of the sign-in, where you choose who you are."`
	MailAddr   string         `env:"GOLIVE_DEV_MAIL_ADDR" default:"127.0.0.1:8083" help:"Address of the mail server, which keeps all emails."`
}

// Run ends with success after Ctrl-C.
func (c devCmd) Run(ctx context.Context, t *terminal) error {
	if c.Show {
		return devstack.Show(ctx, os.LookupEnv, t.out)
	}
	return devstack.Run(ctx, devstack.Options{
		Env: os.LookupEnv, Time: c.Time, Latency: c.Latency, StripeAddr: c.StripeAddr, MailAddr: c.MailAddr, IssuerAddr: c.SignInAddr,
		Command: os.Args[0], Out: t.out, Log: devLog(t),
	})
}

// devLog has every line for whoever chooses a format, and else only what needs somebody.
func devLog(t *terminal) *slog.Logger {
	format, chosen := os.LookupEnv("GOLIVE_LOG")
	log := app.NewLogger(t.err, format)
	if !chosen {
		log = devstack.Quiet(log)
	}
	return log
}
