package recipient_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/recipient"
	"github.com/golive-hq/golive/internal/tenant"
)

const (
	admin = domaintest.Admin
	press = "press@printer.example"
)

var must = domaintest.Must

// stack is the whole domain, without a domain that is confirmed.
type stack struct {
	*domaintest.Stack

	post *domaintest.Postman
}

func newStack(t *testing.T) *stack {
	t.Helper()
	st := &stack{Stack: domaintest.New(t)}
	st.Exec(t, `DELETE FROM mail_domains`)
	st.post = st.WithMail(t)
	return st
}

// scheduled schedules a go-live in a month, of which these are told.
func (st *stack) scheduled(t *testing.T, to ...string) *deployment.Deployment {
	t.Helper()
	in := st.In(t, domaintest.Simple, 30*24*time.Hour)
	in.Notifications = notify.Settings{Email: true, RemindBeforeMinutes: []int{30}, Recipients: to}
	reason := "See evil.example"
	in.Reason = &reason
	return st.Schedule(t, in)
}

// moved lets another notice of it be due.
func (st *stack) moved(t *testing.T, d *deployment.Deployment) {
	t.Helper()
	st.Move(t, d.ID, st.Look(t, d.ID).DueAt.Add(time.Hour))
}

// arrives sends what is due, and returns the first words of what somebody got.
func (st *stack) arrives(t *testing.T, to string) (words string, last domaintest.Arrived) {
	t.Helper()
	st.Deliver(t)
	var got []domaintest.Arrived
	for _, m := range st.post.Take() {
		if m.To == to {
			got, last = append(got, m), m
		}
	}
	return domaintest.Subjects(got), last
}

func (st *stack) wantArrives(t *testing.T, to, want string) domaintest.Arrived {
	t.Helper()
	got, last := st.arrives(t, to)
	if got != want {
		t.Errorf("%s got %q, want %q", to, got, want)
	}
	return last
}

func (st *stack) states(t *testing.T, of ...string) (states []recipient.State) {
	t.Helper()
	found, err := st.Recipients.States(st.As, []recipient.Group{{TenantID: st.Tenant.ID, Addresses: of}})
	must(t, err)
	for _, r := range found[0] {
		states = append(states, r.State)
	}
	return states
}

func (st *stack) wantState(t *testing.T, of string, want recipient.State) {
	t.Helper()
	if got := st.states(t, of); !slices.Equal(got, []recipient.State{want}) {
		t.Errorf("%s is %v, want %s", of, got, want)
	}
}

func (st *stack) audited(t *testing.T, action string) int {
	t.Helper()
	page, err := audit.List(t.Context(), st.Pool, audit.Filter{TenantID: st.Tenant.ID, Action: &action}, 100, "")
	must(t, err)
	return len(page.Entries)
}

var link = regexp.MustCompile(`/recipient/([A-Z2-7]+)`)

func secretIn(t *testing.T, m domaintest.Arrived) string {
	t.Helper()
	found := link.FindStringSubmatch(strings.ReplaceAll(m.Data, "=\r\n", ""))
	if found == nil {
		t.Fatalf("no link in %s", m.Data)
	}
	return found[1]
}

// Somebody outside is asked, in words that are nobody's but ours, and is told only once they
// have agreed: then of what is still to come, too.
func TestOutsidersAgreeFirst(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.scheduled(t, admin, press)
	if !strings.Contains(d.ProgressMessage, "No emails go to "+press) || strings.Contains(d.ProgressMessage, admin+" until") {
		t.Errorf("says %q", d.ProgressMessage)
	}
	asked := st.wantArrives(t, press, "Confirm")
	if strings.Contains(asked.Data, "evil") || strings.Contains(asked.Data, "Pine") || strings.Contains(asked.Data, "text/calendar") {
		t.Errorf("the mail that asks says\n%s", asked.Data)
	}
	if got := st.states(t, admin, "Press@Printer.example"); !slices.Equal(got, []recipient.State{recipient.Member, recipient.Waiting}) {
		t.Errorf("%v", got)
	}
	secret := secretIn(t, asked)
	q, err := st.Recipients.Question(t.Context(), secret)
	must(t, err)
	if q.Address != press || q.Tenant != "Acme" || q.State != recipient.Waiting {
		t.Errorf("%+v", q)
	}
	st.wantState(t, press, recipient.Waiting)
	for range 2 {
		_, err = st.Recipients.Answer(t.Context(), secret, true)
		must(t, err)
	}
	st.wantState(t, press, recipient.Confirmed)
	if n := st.audited(t, "recipient.confirmed"); n != 1 {
		t.Errorf("%d times audited", n)
	}
	if m := st.wantArrives(t, press, "Scheduled"); !strings.Contains(m.Data, "text/calendar") || strings.Contains(m.Data, "evil") {
		t.Errorf("%s", m.Data)
	}
	st.moved(t, d)
	st.wantArrives(t, press, "Rescheduled")
	var kept string
	must(t, st.Pool.QueryRow(t.Context(), `SELECT concat((SELECT json_agg(r) FROM recipients r), (SELECT json_agg(l) FROM recipient_links l))`).Scan(&kept))
	if strings.Contains(kept, secret) {
		t.Error("the secret is kept")
	}
}

// Who has refused is told nothing and asked no more, whatever domain is confirmed.
func TestRefusedIsRefused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.scheduled(t, press)
	secret := secretIn(t, st.wantArrives(t, press, "Confirm"))
	_, err := st.Recipients.Answer(t.Context(), secret, false)
	must(t, err)
	st.Exec(t, `INSERT INTO mail_domains (tenant_id, domain, confirmed_by) VALUES ($1, 'printer.example', $2)`, st.Tenant.ID, admin)
	st.wantState(t, press, recipient.Refused)
	st.Advance(t, 48*time.Hour)
	st.moved(t, d)
	if again := st.scheduled(t, press); strings.Contains(again.ProgressMessage, press) {
		t.Errorf("says %q", again.ProgressMessage)
	}
	st.wantArrives(t, press, "")
	// Another tenant's question is another one.
	if found, err := st.Recipients.States(st.Stranger(t), []recipient.Group{{TenantID: st.Tenant.ID, Addresses: []string{press}}}); err != nil || len(found[0]) != 0 {
		t.Errorf("a stranger sees %v %v", found, err)
	}
	_, err = st.Recipients.Question(t.Context(), secret+"X")
	domaintest.WantCode(t, err, fault.NotFound)
}

// Who does not answer is asked once a day, as long as something is due, and three times in
// all.
func TestAskedSeldom(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.scheduled(t, press)
	st.wantArrives(t, press, "Confirm")
	for i, c := range []struct {
		after time.Duration
		want  string
	}{{23 * time.Hour, ""}, {2 * time.Hour, "Confirm"}, {25 * time.Hour, "Confirm"}, {25 * time.Hour, ""}, {100 * time.Hour, ""}} {
		st.Advance(t, c.after)
		st.moved(t, d)
		if got, _ := st.arrives(t, press); got != c.want {
			t.Errorf("%d: %q, want %q", i, got, c.want)
		}
	}
}

// Judged is when the mail is due: who was a member when the schedule was made and has left
// is told nothing, and not asked either.
func TestWhoHasLeftIsToldNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	const carol = "carol@acme.example"
	st.Actor(t, carol, tenant.RoleDeployer)
	d := st.scheduled(t, carol)
	st.wantArrives(t, carol, "Scheduled")
	all, err := st.Tenants.Members(st.As, st.Tenant.ID)
	must(t, err)
	at := slices.IndexFunc(all, func(m tenant.Member) bool { return m.Email == carol })
	_, err = st.Tenants.RemoveMember(st.As, all[at].ID)
	must(t, err)
	st.moved(t, d)
	st.CallOff(t, d.ID)
	st.wantArrives(t, carol, "")
	st.wantState(t, carol, recipient.Waiting)
}

// proved lets an admin have signed in.
func (st *stack) proved(t *testing.T, email string) context.Context {
	t.Helper()
	as := st.Actor(t, email, tenant.RoleAdmin)
	link, err := st.Identity.CreateLink(t.Context(), email)
	must(t, err)
	_, err = st.Identity.UseLink(t.Context(), link, identity.Browser{})
	must(t, err)
	return as
}

// A domain is vouched for by an admin who has proved an address in it, and by nobody else.
func TestDomainsAreVouchedFor(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	_, err := st.Recipients.ConfirmDomain(st.As, st.Tenant.ID, "acme.example")
	domaintest.WantCode(t, err, fault.InvalidState)
	ada := st.proved(t, admin)
	for domain, as := range map[string]context.Context{
		"shop.acme.example": ada, "example": ada, "other.example": ada, "": ada, "gmail.com": st.proved(t, "acme@gmail.com"),
		"yahoo.co.uk": st.proved(t, "acme@yahoo.co.uk"),
	} {
		_, err := st.Recipients.ConfirmDomain(as, st.Tenant.ID, domain)
		domaintest.WantCode(t, err, fault.InvalidInput)
	}
	_, err = st.Recipients.ConfirmDomain(st.Actor(t, "dan@acme.example", tenant.RoleDeployer), st.Tenant.ID, "acme.example")
	domaintest.WantCode(t, err, fault.Forbidden)
	for range 2 {
		all, err := st.Recipients.ConfirmDomain(ada, st.Tenant.ID, " ACME.example")
		must(t, err)
		if !slices.Equal(all, []string{"acme.example"}) {
			t.Errorf("%v", all)
		}
	}
	st.wantState(t, "ops@Acme.example", recipient.Confirmed)
	st.wantState(t, "ops@shop.acme.example", recipient.Waiting)
	d := st.scheduled(t, "ops@acme.example", "ops@shop.acme.example")
	st.wantArrives(t, "ops@acme.example", "Scheduled")
	all, err := st.Recipients.RemoveDomain(st.As, st.Tenant.ID, "acme.example")
	must(t, err)
	if len(all) != 0 || st.audited(t, "mail_domain.confirmed") != 1 || st.audited(t, "mail_domain.removed") != 1 {
		t.Errorf("%v", all)
	}
	st.moved(t, d)
	st.wantArrives(t, "ops@acme.example", "Confirm")
}
