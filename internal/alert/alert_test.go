package alert_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/alert"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

const (
	simple = domaintest.Simple
	admin  = domaintest.Admin
	dan    = "dan@acme.example"
)

var must = domaintest.Must

type stack struct {
	*domaintest.Stack

	post *domaintest.Postman
}

func newStack(t *testing.T) *stack {
	t.Helper()
	st := &stack{Stack: domaintest.New(t)}
	st.post = st.WithMail(t)
	return st
}

// dans is a schedule that Dan made, of which nobody is told by mail.
func (st *stack) dans(t *testing.T) *deployment.Deployment {
	t.Helper()
	made, err := st.ScheduleGoLive(st.Actor(t, dan, tenant.RoleDeployer), st.In(t, simple, time.Hour))
	must(t, err)
	return made.Deployment
}

func (st *stack) member(t *testing.T, email string) tenant.Member {
	t.Helper()
	all, err := st.Tenants.Members(st.As, st.Tenant.ID)
	must(t, err)
	return all[slices.IndexFunc(all, func(m tenant.Member) bool { return m.Email == email })]
}

// told sends what is due, and returns all of it.
func (st *stack) told(t *testing.T) []domaintest.Arrived {
	t.Helper()
	st.Deliver(t)
	return st.post.Take()
}

// Whoever takes away that somebody may deploy, in whichever way, leaves schedules that
// nobody answers for: the admins hear of it at once.
func TestAdminsHearOfSchedulesThatNobodyAnswersFor(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(t *testing.T, st *stack){
		"removed": func(t *testing.T, st *stack) {
			_, err := st.Tenants.RemoveMember(st.As, st.member(t, dan).ID)
			must(t, err)
		},
		"lowered": func(t *testing.T, st *stack) {
			_, err := st.Tenants.SetMemberRole(st.As, st.member(t, dan).ID, tenant.RoleViewer)
			must(t, err)
		},
		"erased": func(t *testing.T, st *stack) {
			must(t, postgres.InTx(t.Context(), st.Pool, func(tx pgx.Tx) error { return tenant.Forget(t.Context(), tx, dan, alert.TellLost) }))
		},
		"without a token": func(t *testing.T, st *stack) {
			all, err := st.Tenants.ListTokens(t.Context(), st.Tenant.Slug)
			must(t, err)
			at := slices.IndexFunc(all, func(k tenant.Token) bool { return k.Email == dan })
			must(t, st.Tenants.RevokeToken(t.Context(), all[at].ID))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStack(t)
			d := st.dans(t)
			mine := st.InAnHour(t, domaintest.Coffee)
			lose(t, st)
			got := st.told(t)
			if len(got) != 1 || got[0].To != admin || got[0].Subject != "Needs you: 1 go-live won't start" {
				t.Fatalf("told %v", got)
			}
			text := strings.ReplaceAll(got[0].Data, "=\r\n", "")
			if !strings.Contains(text, d.ID) || strings.Contains(text, mine.ID) {
				t.Errorf("tells\n%s", text)
			}
			st.Move(t, d.ID, d.DueAt.Add(time.Minute))
			if now := st.Look(t, d.ID).Responsible; now != admin {
				t.Errorf("responsible is %s", now)
			}
		})
	}
}

// Nobody is troubled where nothing is left behind, or where somebody was quicker.
func TestAdminsHearNothingOfNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.dans(t)
	_, err := st.Tenants.SetMemberRole(st.As, st.member(t, dan).ID, tenant.RoleAdmin)
	must(t, err)
	_, err = st.Tenants.RemoveMember(st.As, st.member(t, dan).ID)
	must(t, err)
	st.Move(t, d.ID, d.DueAt.Add(time.Minute))
	if got := st.told(t); len(got) != 0 {
		t.Errorf("told %v", got)
	}
}

// Nobody goes unless it is told.
func TestNobodyGoesUntold(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.dans(t)
	st.Tenants.Lost = func(context.Context, pgx.Tx, tenant.Member) error { return errors.New("no paper") }
	if _, err := st.Tenants.RemoveMember(st.As, st.member(t, dan).ID); err == nil {
		t.Error("went")
	}
	st.member(t, dan)
}

// A tenant whose live product another one takes over, or gives back, is told, not by whom;
// its product and its schedules show it.
func TestTakenOverIsTold(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	p := st.Product(t, simple)
	st.completes(t, st.StartGoLive(t, p.ID))
	d := st.dans(t)
	as, theirs := st.Sharer(t, simple)
	other := *st.Stack
	other.As = as
	takes, err := st.GoLive(as, deployment.GoLiveInput{ProductID: theirs.ID, Adopt: true})
	must(t, err)
	(&stack{Stack: &other}).completes(t, takes)
	st.wantTold(t, "Taken over", takes.ID)
	if got := st.Product(t, simple).LiveStatus; got != product.NotLive {
		t.Errorf("shows %s", got)
	}
	if _, err := st.Validate(st.As, p.ID, false); err != nil {
		t.Fatal(err)
	}
	if now := st.Look(t, d.ID); st.Product(t, simple).LiveStatus != product.NotLive || now.LastChange == nil || !strings.Contains(*now.LastChange, "took over") || now.Version != d.Version {
		t.Errorf("%s %+v", st.Product(t, simple).LiveStatus, now.LastChange)
	}
	back, err := st.Rollback(as, deployment.RollbackInput{DeploymentID: takes.ID})
	must(t, err)
	(&stack{Stack: &other}).completes(t, back)
	st.wantTold(t, "Given back", takes.ID)
	if got := st.Product(t, simple).LiveStatus; got != product.Live {
		t.Errorf("shows %s", got)
	}
}

// completes carries a deployment of the stack's actor out.
func (st *stack) completes(t *testing.T, d *deployment.Deployment) {
	t.Helper()
	if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
		t.Fatalf("%s %+v", end.Status, end.Error)
	}
}

// wantTold expects one mail to the admin and one to Dan, who has scheduled.
func (st *stack) wantTold(t *testing.T, subject, takenBy string) {
	t.Helper()
	var to []string
	for _, m := range st.told(t) {
		if strings.HasPrefix(m.Subject, subject) {
			to = append(to, m.To)
		}
		if strings.Contains(m.Data, takenBy) && !strings.HasSuffix(m.To, "@other.example") {
			t.Errorf("names the other's deployment: %s", m.Data)
		}
	}
	slices.Sort(to)
	if !slices.Equal(to, []string{admin, dan}) {
		t.Errorf("%s: told %v", subject, to)
	}
}
