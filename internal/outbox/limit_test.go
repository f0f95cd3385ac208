package outbox_test

import (
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/domaintest"
)

// spent leaves the tenant so many of the mails that it may send in a day.
func (st *stack) spent(t *testing.T, left int) {
	t.Helper()
	st.Exec(t, `INSERT INTO quotas (name, whose, full_at) VALUES ('mails-tenant', $1, clock_timestamp() + (999.5 - $2) * interval '86.4 s')
		ON CONFLICT (name, whose) DO UPDATE SET full_at = excluded.full_at`, st.Tenant.ID, left)
}

// What is more than a tenant may send in a day is dropped, but not in silence; what
// somebody answers for arrives all the same.
func TestMailsOfATenantAreLimited(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	n := byMail
	n.RemindBeforeMinutes = nil
	n.Recipients = []string{"bob@acme.example", "eve@acme.example", "kim@acme.example"}
	st.Told(t, n)
	st.spent(t, 2) // and half of one
	st.Deliver(t)
	if got := post.Take(); len(got) != 2 {
		t.Errorf("%d mails, not 2", len(got))
	}
	if got := st.Notices(t); got["SCHEDULED SENT"] != 2 || got["SCHEDULED DROPPED"] != 1 || st.Outbox.Counts().Limited != 1 {
		t.Errorf("%v, %d too many", got, st.Outbox.Counts().Limited)
	}
	if got := st.audited(t, "mail.limited"); got != 1 {
		t.Errorf("admins were told %d times", got)
	}
	st.Advance(t, 2*time.Hour)
	st.SweepMissed(t, 1)
	st.Deliver(t)
	if got := post.Take(); len(got) != 1 || got[0].To != admin || subjects(got) != "Needs you" {
		t.Errorf("whoever is responsible got %s", subjects(got))
	}
	st.Advance(t, 23*time.Hour)
	st.Deliver(t)
	st.Deliver(t)
	if got := st.audited(t, "mail.dropped"); got != 1 {
		t.Errorf("admins were told %d times how many were dropped", got)
	}
}

// An entry in a calendar ends as it began.
func TestMailsThatTakeEntriesOutPassTheLimit(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	n := byMail
	n.Recipients = []string{"bob@acme.example"}
	d := st.Told(t, n)
	st.Deliver(t)
	post.Take()
	st.spent(t, 0)
	st.CallOff(t, d.ID)
	st.Deliver(t)
	if got := post.Take(); len(got) == 0 || subjects(got[:1]) != "Cancelled" {
		t.Errorf("told %s", subjects(got))
	}
}

// A mail counts once, however often it is tried.
func TestMailsCountOnce(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	post.Answer("full@acme.example", 452)
	n := byMail
	n.RemindBeforeMinutes, n.Recipients = nil, []string{"full@acme.example"}
	st.Told(t, n)
	for range 5 {
		st.Deliver(t)
		st.Advance(t, 31*time.Minute)
	}
	var count float64
	domaintest.Must(t, st.Pool.QueryRow(t.Context(), `SELECT extract(epoch FROM full_at - clock_timestamp()) / 86.4 FROM quotas WHERE name = 'mails-tenant'`).Scan(&count))
	if count > 1 {
		t.Errorf("%.1f mails were counted", count)
	}
}
