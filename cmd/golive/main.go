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
	"regexp"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/golive-hq/golive/internal/app"
)

// commands is the command line. Commands that print one thing print exactly one
// line on standard output; all else goes to standard error.
type commands struct {
	Version kong.VersionFlag `help:"Print the version and exit."`

	GoLive     goLiveCmd     `cmd:"" help:"Take a product live: check, plan, confirm, deploy, watch."`
	Schedule   scheduleCmd   `cmd:"" help:"Schedule a go-live: check, plan, confirm the time."`
	Reschedule rescheduleCmd `cmd:"" help:"Reschedule a go-live."`
	DeployNow  deployNowCmd  `cmd:"" help:"Start a scheduled or held go-live now."`
	Upcoming   upcomingCmd   `cmd:"" help:"List scheduled go-lives by time, with what each is waiting for."`

	Products productsCmd `cmd:"" help:"List products, or search them."`
	Connect  connectCmd  `cmd:"" help:"Connect a tenant with Stripe: the key comes from standard input."`
	Import   importCmd   `cmd:"" help:"Import products from Stripe's test mode."`

	Members     membersCmds     `cmd:"" help:"Manage a tenant's members."`
	Invitations invitationsCmds `cmd:"" help:"Manage a tenant's invitations."`
	Tokens      tokensCmds      `cmd:"" help:"Manage your API tokens and a tenant's service tokens."`

	Orders   ordersCmds   `cmd:"" help:"List, show and refund orders."`
	Webhooks webhooksCmds `cmd:"" help:"List events from Stripe, and read again what they are about."`

	Validate validateCmd `cmd:"" help:"Run all checks for a product."`
	Plan     planCmd     `cmd:"" help:"Show what a go-live would change; writes nothing."`
	History  historyCmd  `cmd:"" help:"List a product's deployments, newest first."`
	Watch    watchCmd    `cmd:"" help:"Watch a deployment until it finishes."`
	Cancel   cancelCmd   `cmd:"" help:"Cancel a deployment and undo what it has written."`
	Rollback rollbackCmd `cmd:"" help:"Undo a completed deployment: plan, confirm, deploy, watch."`

	Migrate    migrateCmd    `cmd:"" help:"Migrate the database at DATABASE_URL to the latest schema; safe to repeat."`
	Tenant     tenantCmds    `cmd:"" help:"Manage tenants."`
	Token      tokenCmds     `cmd:"" help:"Manage API tokens in the database, as an operator."`
	SignInLink signInLinkCmd `cmd:"" name:"sign-in-link" help:"Print a link that signs a person in once, within ten minutes."`
	Calendar   calendarCmds  `cmd:"" help:"Manage secret calendar URLs."`
	Keys       keysCmds      `cmd:"" help:"Manage keysets for GOLIVE_SEALING_KEYS."`
	Audit      auditCmds     `cmd:"" help:"Check and export audit logs."`
	Person     personCmds    `cmd:"" help:"Export or erase what is kept of a person."`
	Pause      pauseCmd      `cmd:"" help:"Pause Golive: nothing new starts, and running deployments stop at their next step."`
	Resume     resumeCmd     `cmd:"" help:"Resume after a pause."`
	Doctor     doctorCmd     `cmd:"" help:"Check configuration, database, Stripe, mail and clock, and say what to fix."`

	developerCommands
}

// exitUsage is what shells expect of a command line that cannot be read.
const exitUsage = 2

// errTold is a failure that the command has told already.
var errTold = errors.New("told")

// errInterrupted is Ctrl-C, after the command has said what goes on without it.
var errInterrupted = errors.New("interrupted")

// secrets are what a command line that cannot be read must not be repeated with.
var secrets = regexp.MustCompile(`\b((?:sk|rk|whsec|glt)_(?:test_|live_)?)\w+`)

func main() {
	os.Exit(run())
}

func run() int {
	var c commands
	parser := kong.Must(&c,
		kong.Name("golive"),
		kong.Description("Takes products from Stripe's test mode to live mode."),
		kong.Vars{"version": app.Version()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	line, err := parser.Parse(os.Args[1:])
	if err == nil {
		err = checkArguments(os.Args[1:])
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "golive: %s (see golive --help)\n", secrets.ReplaceAllString(plain(err.Error()), "$1…"))
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
			if !strings.HasPrefix(fault, "  ") { // what is listed below a sentence
				fault = "golive: " + fault
			}
			fmt.Fprintln(os.Stderr, fault)
		}
	}
	return 1
}
