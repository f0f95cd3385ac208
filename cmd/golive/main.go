// Command golive is Golive's tool for the people around it: operators prepare
// the database, tenants and tokens, developers run everything on one machine,
// and whoever may deploy takes a product live from a terminal or a script.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/golive-hq/golive/internal/app"
)

// commands is the command line. Commands that print one thing print exactly one
// line on standard output; all else goes to standard error.
type commands struct {
	Version kong.VersionFlag `help:"Print the version and exit."`

	GoLive     goLiveCmd     `cmd:"" help:"Take a product live: check, show the plan, ask, deploy, watch."`
	Schedule   scheduleCmd   `cmd:"" help:"Schedule a product's go-live: check, show the plan, say the time in words, ask."`
	Reschedule rescheduleCmd `cmd:"" help:"Move a scheduled go-live to another time."`
	DeployNow  deployNowCmd  `cmd:"" help:"Start a scheduled go-live at once, or one that is held."`
	Upcoming   upcomingCmd   `cmd:"" help:"List what is scheduled, by time, and what each waits for."`

	Validate validateCmd `cmd:"" help:"Run every pre-deployment check of a product now."`
	Plan     planCmd     `cmd:"" help:"Show what a go-live would change now; write nothing."`
	History  historyCmd  `cmd:"" help:"List a product's deployments, newest first."`
	Watch    watchCmd    `cmd:"" help:"Watch a deployment until it ends."`
	Cancel   cancelCmd   `cmd:"" help:"Cancel a deployment: what it has written is undone."`
	Rollback rollbackCmd `cmd:"" help:"Undo a deployment that completed: show the plan, ask, deploy, watch."`

	Migrate  migrateCmd   `cmd:"" help:"Bring the database at DATABASE_URL to the newest schema; safe to repeat."`
	Tenant   tenantCmds   `cmd:"" help:"Tenants."`
	Token    tokenCmds    `cmd:"" help:"API tokens."`
	Calendar calendarCmds `cmd:"" help:"Secret addresses of tenants' calendars, for calendar programs."`
	Keys     keysCmds     `cmd:"" help:"Keysets for GOLIVE_SEALING_KEYS."`
	Pause    pauseCmd     `cmd:"" help:"Stop the world: nothing new starts, what runs parks."`
	Resume   resumeCmd    `cmd:"" help:"Let the world go on."`
	Doctor   doctorCmd    `cmd:"" help:"Check configuration, database, Stripe, mail and clock; say what to mend."`

	Dev       devCmd       `cmd:"" help:"Run everything on this machine, with a Stripe simulator and a demo tenant."`
	StripeSim stripeSimCmd `cmd:"" help:"Run the Stripe simulator alone."`
}

// exitUsage is what shells expect of a command line that cannot be read.
const exitUsage = 2

// errTold is a failure that the command has told already.
var errTold = errors.New("told")

// errInterrupted is Ctrl-C, after the command has said what goes on without it.
var errInterrupted = errors.New("interrupted")

func main() {
	os.Exit(run())
}

func run() int {
	var c commands
	parser := kong.Must(&c,
		kong.Name("golive"),
		kong.Description("Makes a product that was built in Stripe test real in live."),
		kong.Vars{"version": app.Version()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	line, err := parser.Parse(os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "golive: %v (see golive --help)\n", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends us at once
	line.BindTo(ctx, (*context.Context)(nil))
	return exitCode(line.Run(newTerminal()))
}

func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errInterrupted):
		return 128 + int(syscall.SIGINT)
	case !errors.Is(err, errTold):
		for _, fault := range app.Faults(err) {
			fmt.Fprintln(os.Stderr, "golive: "+fault)
		}
	}
	return 1
}
