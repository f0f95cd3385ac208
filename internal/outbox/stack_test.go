package outbox_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/outbox"
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
	page, err := audit.List(t.Context(), st.Pool, st.Tenant.ID, 100, "")
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
	for _, q := range st.Outbox.Queries(st.Tenant.ID, admin, deployment.NoticeReminder) {
		pages = append(pages, domaintest.PagesOf(t, tx, q.SQL, q.Args...))
	}
	return pages
}

func (st *stack) preference(t *testing.T, kind outbox.Kind) outbox.Preference {
	t.Helper()
	all, err := st.Outbox.Preferences(st.As, st.Tenant.ID)
	must(t, err)
	if len(all) != len(deployment.NoticeKinds) {
		t.Errorf("%d kinds", len(all))
	}
	for _, p := range all {
		if p.Kind == kind {
			return p
		}
	}
	t.Fatalf("no %s", kind)
	return outbox.Preference{}
}
