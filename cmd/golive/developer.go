//go:build !production

package main

// developerCommands bring a database, a Stripe and a mail server of their own, which
// nothing that serves real shops should hold.
type developerCommands struct {
	Dev       devCmd       `cmd:"" help:"Run everything on this machine, with a Stripe simulator and a demo tenant."`
	StripeSim stripeSimCmd `cmd:"" help:"Run the Stripe simulator alone."`
}
