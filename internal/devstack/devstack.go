package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/postgres"
)

// Options say where to run and whom to tell.
type Options struct {
	// Env is the environment: DATABASE_URL takes the place of the embedded Postgres, unless
	// others than the demo tenant live there, GOLIVE_DATA_DIR that of the folder, and the
	// services' variables hold as always, except that Stripe and mail are the stack's own.
	Env app.Lookup
	// StripeAddr, MailAddr and IssuerAddr are where the simulator, the mail sink and the
	// issuer listen.
	StripeAddr, MailAddr, IssuerAddr string
	// Latency is how long the simulator takes for a call.
	Latency time.Duration
	// Time is what time it is for due times when the stack starts, nil for real time.
	Time *Time
	// Command is how the person calls this program, for the command to paste.
	Command string
	// Out gets what the person needs to know, Log the rest.
	Out io.Writer
	Log *slog.Logger
}

// Run runs the stack until ctx ends, and then stops it in order: nothing is
// taken from the API and the worker before they have ended. Its errors are
// sentences for the person at the terminal.
func Run(ctx context.Context, o Options) error {
	home, err := openFolder(o.Env)
	if err != nil {
		return err
	}
	if err := o.free(ctx); err != nil {
		return err
	}
	db, err := startDatabase(ctx, o.Env, home, o.Log)
	if err != nil {
		return err
	}
	defer db.stop(o.Log)
	if err := db.mine(ctx); err != nil {
		return err
	}
	stripe, err := startStripe(ctx, o.StripeAddr, home, o.Log)
	if err != nil {
		return err
	}
	defer stripe.stop(o.Log)
	if err := stripe.addDraft(ctx); err != nil {
		return err
	}
	sink, err := startMailAt(ctx, o.MailAddr, o.Log)
	if err != nil {
		return err
	}
	defer sink.Stop()
	issuer, err := startIssuer(ctx, o.IssuerAddr, o.Log)
	if err != nil {
		return err
	}
	defer issuer.stop()
	cfg, err := configure(o.Env, home, db, stripe, sink, issuer)
	if err != nil {
		return err
	}
	if err := issuer.serve(cfg.PublicURL); err != nil {
		return err
	}
	if err := o.prepare(ctx, db); err != nil {
		return err
	}
	demo, err := prepareDemo(ctx, cfg, home, stripe.account, o.Log)
	if err != nil {
		return fmt.Errorf("prepare the demo tenant: %w", err)
	}
	stripe.sim.SetLatency(o.Latency) // what has been prepared needs no patience
	b := banner{config: cfg, home: home, stripe: stripe, sink: sink, db: db, demo: demo, command: o.Command, time: o.Time}
	mailbox, err := openMailbox(home.join("mail"), o.Log)
	if err != nil {
		return err
	}
	sink.tell(func(m Message) { o.tellMail(b, m, mailbox.keep(m)) })
	defer home.forget()
	err = serve(ctx, cfg, db, o.Log, mailbox, func() { o.ready(ctx, b) })
	if err == nil {
		fmt.Fprintln(o.Out, "Stopped. Your data is in "+home.path)
	}
	return err
}

func (o Options) prepare(ctx context.Context, db *database) error {
	if err := postgres.Migrate(ctx, db.url, o.Log); err != nil {
		return err
	}
	if err := db.setClock(ctx, o.Time); err != nil {
		return fmt.Errorf("set the clock: %w", err)
	}
	return nil
}

// ready lets the demo tenant sell, tells that everything runs, and leaves word of it for Show.
func (o Options) ready(ctx context.Context, b banner) {
	sell(ctx, b.config, b.home, o.Log)
	text := b.text()
	if err := b.home.remember(running{API: b.api(), Banner: text}); err != nil {
		o.Log.Warn("golive dev --show will not find this stack", "error", err)
	}
	fmt.Fprint(o.Out, text)
}

func (o Options) tellMail(b banner, m Message, file string) {
	fmt.Fprintf(o.Out, "Email to %s: %q, %s/dev/mail/%s\n", strings.Join(m.To, ", "), subject(m.Data), b.api(), file)
}

// serve runs the faces until ctx or one of them ends. ready is called once they
// answer.
func serve(ctx context.Context, cfg app.Config, db *database, log *slog.Logger, pages http.Handler, ready func()) error {
	faces, ctx := errgroup.WithContext(ctx)
	faces.Go(func() error { return app.DevAPI(ctx, cfg, log.With("process", "api"), pages) })
	faces.Go(func() error { return app.Worker(ctx, cfg, log.With("process", "worker")) })
	faces.Go(func() error { return db.lost(ctx) })
	faces.Go(func() error {
		if awaitReady(ctx, cfg.Addr) && awaitReady(ctx, cfg.WorkerAddr) {
			ready()
		}
		return nil
	})
	return faces.Wait()
}

// configure is the environment with the stack's own parts put in.
func configure(env app.Lookup, home *folder, db *database, stripe *stripe, sink *Mail, issuer *issuer) (app.Config, error) {
	keys, err := home.sealingKeys(env)
	if err != nil {
		return app.Config{}, err
	}
	own := map[string]string{
		"DATABASE_URL": db.url, "DATABASE_URL_FILE": "",
		"GOLIVE_SEALING_KEYS": keys, "GOLIVE_SEALING_KEYS_FILE": "",
		"GOLIVE_STRIPE_API_BASE": stripe.url,
		"GOLIVE_TLS_CERT":        "", "GOLIVE_TLS_KEY": "",
		"GOLIVE_SMTP_URL": sink.URL, "GOLIVE_SMTP_URL_FILE": "",
	}
	maps.Copy(own, issuer.variables())
	cfg, err := app.Load(func(name string) (string, bool) {
		if value, ok := own[name]; ok {
			return value, true
		}
		return env(name)
	})
	free := func(addr string) bool { return strings.HasSuffix(addr, ":0") }
	if err == nil && (free(cfg.Addr) || free(cfg.WorkerAddr) || free(cfg.AdminAddr)) {
		err = errors.New("golive dev needs fixed ports in GOLIVE_ADDR, GOLIVE_WORKER_ADDR and GOLIVE_ADMIN_ADDR, not 0")
	}
	return cfg, err
}
