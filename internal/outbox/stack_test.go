package outbox_test

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal/sealtest"
)

const (
	coffee = domaintest.Coffee
	admin  = domaintest.Admin
)

var (
	must     = domaintest.Must
	wantCode = domaintest.WantCode
	subjects = domaintest.Subjects
	byMail   = domaintest.ByMail
)

type arrived = domaintest.Arrived

// stack is the whole domain, as these tests use it.
type stack struct{ *domaintest.Stack }

func newStack(t *testing.T) *stack {
	t.Helper()
	return &stack{domaintest.New(t)}
}

// attempts counts the tries of all mails that are not out.
func (st *stack) attempts(t *testing.T) (n int) {
	t.Helper()
	must(t, st.Pool.QueryRow(t.Context(), `SELECT coalesce(sum(attempts), 0) FROM mails WHERE settled_at IS NULL`).Scan(&n))
	return n
}

func (st *stack) queue(t *testing.T) (due int, out time.Duration) {
	t.Helper()
	q, err := st.Outbox.QueueState(t.Context())
	must(t, err)
	return q.Due, q.Out
}

func (st *stack) outages(t *testing.T) (n int) {
	t.Helper()
	must(t, st.Pool.QueryRow(t.Context(), `SELECT count(*) FROM mail_outage`).Scan(&n))
	return n
}

func (st *stack) audited(t *testing.T, action string) (n int) {
	t.Helper()
	page, err := audit.List(t.Context(), st.Pool, audit.Filter{TenantID: st.Tenant.ID}, 100, "")
	must(t, err)
	for _, e := range page.Entries {
		if e.Action == action {
			n++
		}
	}
	return n
}

// queued is a mail with the job that may send it.
type queued struct{ id, job int64 }

func (st *stack) queued(t *testing.T, recipient string) (q queued) {
	t.Helper()
	must(t, st.Pool.QueryRow(t.Context(), `SELECT id, job_id FROM mails WHERE recipient = $1 AND state = 'QUEUED'`, recipient).Scan(&q.id, &q.job))
	return q
}

var pageOf = regexp.MustCompile(`\?deployment=(?:3D)?([0-9a-f-]{36})`)

// deploymentsIn lists those that a mail's plain text leads to.
func deploymentsIn(m arrived) (ids []string) {
	seen := map[string]bool{}
	text := strings.ReplaceAll(m.Data, "=\r\n", "")
	for _, found := range pageOf.FindAllStringSubmatch(text, -1) {
		if !seen[found[1]] {
			seen[found[1]] = true
			ids = append(ids, found[1])
		}
	}
	return ids
}

// cancelOne cancels the head of the only digest.
func (st *stack) cancelOne(t *testing.T) {
	t.Helper()
	var id string
	must(t, st.Pool.QueryRow(t.Context(), `SELECT deployment_id::text FROM mails WHERE digest = id`).Scan(&id))
	st.CallOff(t, id)
}

// mailPages counts the pages that each query touches where one reminder is due.
func (st *stack) mailPages(t *testing.T) (pages []int) {
	t.Helper()
	tx, err := st.Pool.Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }() // what EXPLAIN has done is nothing to keep
	for _, q := range st.Outbox.Queries(st.Tenant.ID, admin, notice.Reminder) {
		pages = append(pages, domaintest.PagesOf(t, tx, q.SQL, q.Args...))
	}
	return pages
}

func (st *stack) preference(t *testing.T, kind outbox.Kind) notify.Preference {
	t.Helper()
	all, err := st.Choices.Preferences(st.As, st.Tenant.ID)
	must(t, err)
	if len(all) != len(notice.Kinds) {
		t.Errorf("%d kinds", len(all))
	}
	for _, p := range all {
		if p.Kind == kind {
			return p
		}
	}
	t.Fatalf("no %s", kind)
	return notify.Preference{}
}

const bob = "bob@acme.example"

// news is a kind that the outbox need not know.
var news = outbox.Traits{Kind: "STARTED", Importance: 2, Alone: true}

// own is an outbox without the rest of the domain; its users are the tests. They have
// the subject alone, which a foreign key asks for.
type own struct {
	*outbox.Service
	domaintest.Database

	post *domaintest.Postman
	// moot lets compose find nothing worth telling; failing is what note answers.
	moot    bool
	failing error
	// asked are what compose was asked about, refused and why what note was.
	asked, refused []outbox.Notice
	why            string
}

func newOwn(t *testing.T) *own {
	t.Helper()
	url, log := pgtest.URL(t), slog.New(slog.DiscardHandler)
	pool, err := postgres.Open(t.Context(), url)
	must(t, err)
	t.Cleanup(pool.Close)
	o := &own{Database: domaintest.Database{Pool: pool}, post: domaintest.NewPostman(t)}
	notifier := postgres.NewNotifier(pool, log)
	domaintest.Background(t, "the notifier", notifier.Run)
	_, keys := sealtest.Keys(t)
	jobs, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Logger: log})
	must(t, err)
	o.Service = outbox.New(outbox.Deps{
		DB: pool, Choices: &notify.Choices{DB: pool, Keys: keys, PublicURL: "https://golive.example"}, Jobs: jobs, Notify: notifier, Log: log, Kinds: []outbox.Traits{news}, Judge: o.judge, Compose: o.compose, Refused: o.note,
		Mail: o.post.Sender(t), MailFrom: "Golive <golive@golive.example>", Patience: time.Minute,
	})
	o.Exec(t, `WITH t AS (INSERT INTO tenants (id, slug, name) VALUES ($1, 'acme', 'Acme')),
		p AS (INSERT INTO products (id, tenant_id, test_account_id, stripe_product_id, name, snapshot, digest)
			VALUES ($1, $1, 'acct_1', 'prod_1', 'Pro', '{}', 'd'))
		INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status, requested_by, input_digest)
		VALUES ($1, $1, $1, 'acct_1', 'prod_1', 'GO_LIVE', 'IMMEDIATE', 'PENDING', 'a@b.example', 'd')`, subj)
	return o
}

// judge takes everybody for a member.
func (o *own) judge(context.Context, outbox.Notice) (outbox.Standing, error) {
	return outbox.Standing{Told: true, Member: true}, nil
}

// insert writes a notice about the subject.
func (o *own) insert(t *testing.T, e outbox.Entry) {
	t.Helper()
	e.TenantID, e.Subject = subj, subj
	must(t, postgres.InTx(t.Context(), o.DB, func(tx pgx.Tx) error { return outbox.Insert(t.Context(), tx, e) }))
}

// handOut gives the only notice that waits a job.
func (o *own) handOut(t *testing.T) (q queued) {
	t.Helper()
	if n, err := o.Sweep(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	must(t, o.Pool.QueryRow(t.Context(), `SELECT id, job_id FROM mails WHERE state = 'QUEUED'`).Scan(&q.id, &q.job))
	return q
}

func (o *own) deliver(t *testing.T) {
	t.Helper()
	domaintest.Until(t, "a sweep that hands nothing out", func() bool { return domaintest.DeliverLot(t, o.Service) == 0 })
}

// listen returns how to wait for the next topic that is rung for from now on.
func (o *own) listen(t *testing.T) (next func() string) {
	t.Helper()
	conn, err := o.Pool.Acquire(t.Context())
	must(t, err)
	t.Cleanup(conn.Release)
	_, err = conn.Exec(t.Context(), `LISTEN golive`)
	must(t, err)
	return func() string {
		ctx, stop := context.WithTimeout(t.Context(), domaintest.Patience)
		defer stop()
		rung, err := conn.Conn().WaitForNotification(ctx)
		if err != nil {
			t.Fatalf("waited for a topic to ring: %v", err)
		}
		return rung.Payload
	}
}
