package app

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/evidence"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/letter"
	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/progress"
	"github.com/golive-hq/golive/internal/runner"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/tenant"
)

// Base is what the services stand on.
type Base struct {
	Pool *pgxpool.Pool
	// Door is for what must be answered even while Pool has no connection left; nil is Pool.
	Door *pgxpool.Pool
	Hub  *postgres.Hub
	// Lifeline is held where deployments are carried out.
	Lifeline *postgres.Lifeline
	Notifier *postgres.Notifier
	Stripe   *stripegw.Gateway
	// Mail is nil where this process sends none.
	Mail *mail.Sender
	// Observe hears what becomes of deployments.
	Observe deployment.Observer
	// Phase hears how long those of a run took.
	Phase func(p runner.Phase, took time.Duration)
}

// Services are the use cases, wired.
type Services struct {
	Audit       *audit.Chain
	Tenants     *tenant.Service
	Rights      *tenant.Rights
	Connections *connection.Service
	Products    *product.Service
	Deployments *deployment.Service
	Progress    *progress.Service
	Letters     *letter.Writer
	Outbox      *outbox.Service
	Identity    *identity.Service
	Runner      *runner.Runner
}

// Wire makes the services. Of cfg it reads the keys, the lease and the addresses that
// mails name. From then on all that is recorded in transactions of the pools is chained.
func Wire(ctx context.Context, b Base, cfg Config, log *slog.Logger) (s Services, err error) {
	jobs, err := river.NewClient(riverpgxv5.New(b.Pool), &river.Config{
		Logger: forRiver(log),
		// River tells workers of new jobs at most once in this time, per queue
		// and inserting client: with its default of 100 ms a go-live would wait
		// for the one that another person started a moment before.
		FetchCooldown: time.Millisecond,
	})
	if err != nil {
		return s, fmt.Errorf("job client: %w", err)
	}
	s.Audit = &audit.Chain{DB: b.Pool, Keys: cfg.Keys, Log: log}
	door := cmp.Or(b.Door, b.Pool)
	if err := s.Audit.Attach(ctx, b.Pool, door); err != nil {
		return s, err
	}
	s.Tenants = &tenant.Service{DB: b.Pool, Door: door}
	s.Identity = identity.New(identity.Deps{
		DB: b.Pool, Door: b.Door, Keys: cfg.Keys, Log: log, Issuer: cfg.Issuer, PublicURL: cfg.PublicURL,
	})
	s.Rights = tenant.NewRights(b.Hub, log, map[string]tenant.Holders{
		tenant.TokenKind: s.Tenants.TokenHolders, tenant.SessionKind: s.Identity.SessionHolders,
	})
	s.Connections = connection.New(connection.Deps{
		DB: b.Pool, Keys: cfg.Keys, Prove: prove(b.Stripe),
		NeededAccount: deployment.NeededAccount, Unfinished: deployment.Unfinished,
	})
	s.Products = &product.Service{DB: b.Pool, Connections: s.Connections, Catalogue: readCatalogue(b.Stripe)}
	s.Deployments = deployment.New(deployment.Deps{
		DB: b.Pool, Connections: s.Connections, Products: s.Products, Jobs: jobs, Notify: b.Notifier,
		Open: openAccount(b.Stripe), Log: log, SweepTime: cfg.Lease, Observe: b.Observe,
	})
	s.Progress = progress.New(s.Deployments, b.Hub, log)
	s.Letters = letter.New(b.Pool, cfg.PublicURL)
	s.Outbox = outbox.New(outbox.Deps{
		DB: b.Pool, Keys: cfg.Keys, Jobs: jobs, Notify: b.Notifier, Log: log,
		Kinds: deployment.NoticeKinds, Compose: composer(s.Letters, s.Identity), Refused: mailRefused,
		Mail: b.Mail, MailFrom: cfg.MailFrom, PublicURL: cfg.PublicURL, Patience: cfg.Lease,
	})
	s.Runner = runner.New(runner.Deps{
		Deployments: s.Deployments, Hub: b.Hub, Lifeline: b.Lifeline, Lease: cfg.Lease, Clock: runner.SinceBoot,
		Backoff: runner.DefaultBackoff, Outages: runner.DefaultOutages, Phase: b.Phase,
	})
	return s, nil
}

// composer asks those whose news it is.
func composer(letters *letter.Writer, people *identity.Service) func(context.Context, []outbox.Notice) (outbox.Composed, error) {
	return func(ctx context.Context, notices []outbox.Notice) (outbox.Composed, error) {
		if notices[0].Kind == identity.Invited {
			return people.ComposeInvitation(ctx, notices[0])
		}
		return letters.Compose(ctx, notices)
	}
}

func mailRefused(ctx context.Context, tx pgx.Tx, n outbox.Notice, why string) ([]string, error) {
	if n.Kind == identity.Invited {
		return nil, identity.InvitationRefused(ctx, tx, n, why)
	}
	return deployment.NoticeRefused(ctx, tx, n, why)
}

func prove(stripe *stripegw.Gateway) func(context.Context, string) (connection.Proof, error) {
	return func(ctx context.Context, key string) (connection.Proof, error) {
		account, balance, err := stripe.Prove(ctx, key)
		return connection.Proof{Account: account, Livemode: balance.Livemode}, err
	}
}

func readCatalogue(stripe *stripegw.Gateway) func(ctx context.Context, accountID, key string, productIDs []string) ([]catalog.Snapshot, error) {
	return func(ctx context.Context, accountID, key string, productIDs []string) ([]catalog.Snapshot, error) {
		return stripe.Open(catalog.Test, accountID, key).Catalogue(ctx, productIDs)
	}
}

func openAccount(stripe *stripegw.Gateway) func(mode catalog.Mode, accountID, key string) evidence.Stripe {
	return func(mode catalog.Mode, accountID, key string) evidence.Stripe {
		return stripe.Open(mode, accountID, key)
	}
}
