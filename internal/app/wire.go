package app

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/golive-hq/golive/internal/alert"
	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/can"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/evidence"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/importing"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/insight"
	"github.com/golive-hq/golive/internal/letter"
	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/overview"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/progress"
	"github.com/golive-hq/golive/internal/recipient"
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
	// Heard hears what becomes of Stripe's events.
	Heard inbox.Observer
	// Sold hears what becomes of orders.
	Sold order.Observer
}

// Services are the use cases, wired.
type Services struct {
	Audit       *audit.Chain
	Tenants     *tenant.Service
	Rights      *tenant.Rights
	Connections *connection.Service
	Products    *product.Service
	Imports     *importing.Service
	Inbox       *inbox.Service
	Orders      *order.Service
	Payouts     *payout.Service
	Deployments *deployment.Service
	Progress    *progress.Service
	Letters     *letter.Writer
	Choices     *notify.Choices
	Outbox      *outbox.Service
	Identity    *identity.Service
	Recipients  *recipient.Service
	Overviews   *overview.Service
	Can         *can.Service
	Insight     *insight.Service
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
	s.Tenants = &tenant.Service{DB: b.Pool, Door: door, Lost: alert.TellLost}
	s.Identity = identity.New(identity.Deps{
		DB: b.Pool, Door: b.Door, Keys: cfg.Keys, Log: log, Issuer: cfg.Issuer, PublicURL: cfg.PublicURL,
	})
	s.Rights = tenant.NewRights(b.Hub, log, map[string]tenant.Holders{
		tenant.TokenKind: s.Tenants.TokenHolders, tenant.SessionKind: s.Identity.SessionHolders,
	})
	s.Connections = connection.New(connection.Deps{
		DB: b.Pool, Keys: cfg.Keys, Prove: prove(b.Stripe),
		NeededAccount: deployment.NeededAccount, Unfinished: deployment.Unfinished, Connected: inbox.Connected, Paying: order.Paying,
	})
	s.Products = &product.Service{DB: b.Pool, Rank: deployment.RankSQL}
	s.Imports = importing.New(importing.Deps{
		DB: b.Pool, Connections: s.Connections, Jobs: jobs, Notify: b.Notifier, Hub: b.Hub, Log: log,
		Open: openTest(b.Stripe), Lease: cfg.Lease,
	})
	s.Deployments = deployment.New(deployment.Deps{
		DB: b.Pool, Connections: s.Connections, Products: s.Products, Jobs: jobs, Notify: b.Notifier,
		Open: openAccount(b.Stripe), Log: log, SweepTime: cfg.Lease, Observe: b.Observe,
	})
	s.wireSales(b, cfg, jobs, log)
	s.Overviews = &overview.Service{Products: s.Products}
	s.Can = &can.Service{DB: b.Pool, Connections: s.Connections, Deployments: s.Deployments}
	s.Insight = &insight.Service{DB: b.Pool, Connections: s.Connections, Products: s.Products, Deployments: s.Deployments, Orders: s.Orders, Inbox: s.Inbox}
	s.Progress = progress.New(s.Deployments, s.Imports, s.Orders, b.Hub, log)
	s.Letters = letter.New(b.Pool, cfg.PublicURL)
	s.Recipients = &recipient.Service{DB: b.Pool, PublicURL: cfg.PublicURL, Agreed: func(ctx context.Context, tx pgx.Tx, tenantID, address string) error {
		return s.Outbox.Revive(ctx, tx, tenantID, address)
	}}
	s.Choices = &notify.Choices{DB: b.Pool, Keys: cfg.Keys, PublicURL: cfg.PublicURL, Options: notice.Options()}
	s.Outbox = outbox.New(outbox.Deps{
		DB: b.Pool, Choices: s.Choices, Jobs: jobs, Notify: b.Notifier, Log: log,
		Kinds: slices.Concat(notice.Kinds, letter.Receipts), Judge: judge(s.Recipients), Compose: s.compose, Refused: mailRefused,
		Mail: b.Mail, MailFrom: cfg.MailFrom, Patience: cfg.Lease,
	})
	s.Runner = runner.New(runner.Deps{
		Deployments: s.Deployments, Hub: b.Hub, Lifeline: b.Lifeline, Lease: cfg.Lease, Clock: runner.SinceBoot,
		Backoff: runner.DefaultBackoff, Outages: runner.DefaultOutages, Phase: b.Phase,
	})
	return s, nil
}

// wireSales makes what takes orders and is paid.
func (s *Services) wireSales(b Base, cfg Config, jobs *river.Client[pgx.Tx], log *slog.Logger) {
	s.Orders = order.New(order.Deps{
		DB: b.Pool, Connections: s.Connections, Keys: cfg.Keys, Jobs: jobs, Notify: b.Notifier, Log: log,
		Open: openOrders(b.Stripe), TellDispute: alert.TellDispute, TellCustomer: letter.TellCustomer, PublicURL: cfg.PublicURL, Observe: b.Sold,
	})
	s.Inbox = inbox.New(inbox.Deps{
		DB: b.Pool, Connections: s.Connections, Keys: cfg.Keys, Jobs: jobs, Lifeline: b.Lifeline, Log: log,
		Open: openPayments(b.Stripe), Refresh: s.refresh(), Whole: order.Whole, TellTrouble: alert.TellPayments,
		PublicURL: cfg.PublicURL, StripeBase: cfg.StripeAPIBase, Observe: b.Heard,
	})
	s.Payouts = payout.New(payout.Deps{
		DB: b.Pool, Connections: s.Connections, Inbox: s.Inbox, Orders: order.Comparisons{Service: s.Orders}, Jobs: jobs, Log: log,
		Open: openPayouts(b.Stripe), TellMismatch: alert.TellMismatch,
	})
}

// refresh asks whoever owns an object of Stripe's.
func (s *Services) refresh() inbox.Refresh {
	return func(ctx context.Context, o inbox.Object, settle inbox.Settle) (inbox.Verdict, error) {
		if o.Kind == inbox.Payout {
			return s.Payouts.Refresh(ctx, o, settle)
		}
		return s.Orders.Refresh(ctx, o, settle)
	}
}

// judge lets an invitation pass: it asks, as the mails of recipients do that ask. So does a
// receipt: it goes to whoever paid, once.
func judge(recipients *recipient.Service) func(context.Context, outbox.Notice) (outbox.Standing, error) {
	return func(ctx context.Context, n outbox.Notice) (outbox.Standing, error) {
		if n.Kind == identity.Invited || isReceipt(n.Kind) {
			return outbox.Standing{Told: true}, nil
		}
		return recipients.Judge(ctx, n)
	}
}

func isReceipt(kind outbox.Kind) bool {
	return kind == letter.OrderPaid || kind == letter.OrderRefunded
}

// compose asks those whose news it is.
func (s *Services) compose(ctx context.Context, notices []outbox.Notice) (outbox.Composed, error) {
	switch first := notices[0]; first.Kind {
	case identity.Invited:
		return s.Identity.ComposeInvitation(ctx, first)
	case recipient.Asked:
		return s.Recipients.Compose(ctx, first)
	case letter.OrderPaid, letter.OrderRefunded:
		return s.Letters.ComposeReceipt(ctx, order.Receipts{Service: s.Orders}, first)
	case alert.MemberLost, alert.LinksTaken, alert.LinksReturned, alert.PaymentsTrouble, alert.MoneyMismatch, alert.DisputeDue:
		return s.Letters.ComposeAlert(ctx, first)
	}
	return s.Letters.Compose(ctx, notices)
}

func mailRefused(ctx context.Context, tx pgx.Tx, n outbox.Notice, why string) ([]string, error) {
	if !slices.ContainsFunc(notice.Kinds, func(t outbox.Traits) bool { return t.Kind == n.Kind }) {
		return nil, outbox.RecordRefused(ctx, tx, n, why)
	}
	return deployment.NoticeRefused(ctx, tx, n, why)
}

func prove(stripe *stripegw.Gateway) func(context.Context, string) (connection.Proof, error) {
	return func(ctx context.Context, key string) (connection.Proof, error) {
		account, balance, err := stripe.Prove(ctx, key)
		return connection.Proof{Account: account, Livemode: balance.Livemode}, err
	}
}

func openTest(stripe *stripegw.Gateway) func(accountID, key string) importing.Stripe {
	return func(accountID, key string) importing.Stripe { return stripe.Open(catalog.Test, accountID, key) }
}

// paymentsAccount is an account as payments use it, whose writes are of no deployment.
type paymentsAccount struct{ stripegw.Webhooks }

// Send is stripegw's, without a lease.
func (a paymentsAccount) Send(ctx context.Context, w catalog.Write) (catalog.Written, error) {
	return a.Account.Send(runner.WithoutLease(ctx), w)
}

func openPayments(stripe *stripegw.Gateway) func(mode catalog.Mode, accountID, key string) inbox.Stripe {
	return func(mode catalog.Mode, accountID, key string) inbox.Stripe {
		return paymentsAccount{stripegw.Webhooks{Account: stripe.Open(mode, accountID, key)}}
	}
}

// ordersAccount is an account as orders use it.
type ordersAccount struct{ stripegw.Payments }

// Send is stripegw's, without a lease: its key and bytes stand in the journal of orders.
func (a ordersAccount) Send(ctx context.Context, w catalog.Write) (catalog.Written, error) {
	return a.Payments.Send(runner.WithoutLease(ctx), w)
}

func openOrders(stripe *stripegw.Gateway) func(mode catalog.Mode, accountID, key string) order.Stripe {
	return func(mode catalog.Mode, accountID, key string) order.Stripe {
		return ordersAccount{stripegw.Payments{Account: stripe.Open(mode, accountID, key)}}
	}
}

func openPayouts(stripe *stripegw.Gateway) func(mode catalog.Mode, accountID, key string) payout.Stripe {
	return func(mode catalog.Mode, accountID, key string) payout.Stripe {
		return stripegw.Books{Payments: stripegw.Payments{Account: stripe.Open(mode, accountID, key)}}
	}
}

func openAccount(stripe *stripegw.Gateway) func(mode catalog.Mode, accountID, key string) evidence.Stripe {
	return func(mode catalog.Mode, accountID, key string) evidence.Stripe {
		return stripe.Open(mode, accountID, key)
	}
}
