package domaintest

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/postgres"
)

// ByMail lets its scheduler hear of a schedule, half an hour before it too.
var ByMail = notify.Settings{Email: true, RemindBeforeMinutes: []int{30}}

// WithMail lets the Stack send mails, to a Postman of its own.
func (st *Stack) WithMail(t *testing.T) *Postman {
	t.Helper()
	p := NewPostman(t)
	st.Outbox.Mail = p.Sender(t)
	return p
}

// Sender sends mails to a Postman.
func (p *Postman) Sender(t *testing.T) *mail.Sender {
	t.Helper()
	sender, err := mail.NewSender("smtp://" + p.addr + "?tls=none")
	Must(t, err)
	t.Cleanup(sender.Close)
	return sender
}

// Deliver hands out what is due and sends it, as a worker would, until nothing is left
// that goes out now.
func (st *Stack) Deliver(t *testing.T) {
	t.Helper()
	Until(t, "a sweep that hands nothing out", func() bool { return st.DeliverLot(t) == 0 })
}

// DeliverLot is one sweep of Deliver.
func (st *Stack) DeliverLot(t *testing.T) int {
	t.Helper()
	return DeliverLot(t, st.Outbox)
}

// DeliverLot hands out one lot of what is due, sends it as a worker would, and returns
// how many mails that were.
func DeliverLot(t *testing.T, s *outbox.Service) int {
	t.Helper()
	n, err := s.Sweep(t.Context())
	Must(t, err)
	type queued struct {
		ID  int64 `db:"id"`
		Job int64 `db:"job_id"`
	}
	lot, err := postgres.All(postgres.Across(t.Context(), postgres.Sweeps), s.DB, pgx.RowToStructByName[queued], `SELECT m.id, m.job_id FROM mails m
		JOIN river_job j ON j.id = m.job_id WHERE m.state = 'QUEUED' AND m.claimed_until IS NULL ORDER BY j.priority, j.id`)
	Must(t, err)
	for _, q := range lot {
		Must(t, s.Deliver(t.Context(), q.ID, q.Job))
	}
	return n
}

// Prefer makes a choice of the tenant's admin.
func (st *Stack) Prefer(t *testing.T, in notify.PreferenceInput) {
	t.Helper()
	in.TenantID = st.Tenant.ID
	_, err := st.Choices.SetPreferences(st.As, in)
	Must(t, err)
}

// Subjects are the first words of mails, in their order.
func Subjects(mails []Arrived) string {
	var words []string
	for _, m := range mails {
		word, _, _ := strings.Cut(m.Subject, ":")
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}
