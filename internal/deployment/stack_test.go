package deployment_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fair"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/moment"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

const (
	simple    = domaintest.Simple
	coffee    = domaintest.Coffee
	neverLive = domaintest.NeverLive
	admin     = domaintest.Admin
)

var (
	must     = domaintest.Must
	wantCode = domaintest.WantCode
	subjects = domaintest.Subjects
	byMail   = domaintest.ByMail
)

// stack is the whole domain, as these tests use it.
type stack struct{ *domaintest.Stack }

func newStack(t *testing.T) *stack {
	t.Helper()
	return &stack{domaintest.New(t)}
}

// pagesRead counts the pages that a sweep touches which finds one due.
func (st *stack) pagesRead(t *testing.T, d *deployment.Deployment) (pages int) {
	t.Helper()
	st.At(t, d.DueAt.Add(time.Second))
	tx, err := st.Pool.Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }() // what EXPLAIN has done is nothing to keep
	for _, sweep := range deployment.SweepQueries([]string{d.LiveAccountID}, []string{d.StripeProductID}) {
		pages += domaintest.PagesOf(t, tx, sweep.SQL, sweep.Args...)
	}
	return pages + domaintest.PagesOf(t, tx, deployment.OpsStatusSQL)
}

// row is all of a deployment's row.
func (st *stack) row(t *testing.T, id string) (row string) {
	t.Helper()
	must(t, st.Pool.QueryRow(t.Context(), `SELECT d::text FROM deployments d WHERE id = $1`, id).Scan(&row))
	return row
}

// wantRequires holds what to what a worker must know of to carry it out.
func (st *stack) wantRequires(t *testing.T, what, id string, want int) {
	t.Helper()
	var got int
	must(t, st.Pool.QueryRow(t.Context(), `SELECT requires FROM deployments WHERE id = $1`, id).Scan(&got))
	if got != want {
		t.Errorf("%s requires %d, want %d", what, got, want)
	}
}

// occupy lets a deployment of p's tenant be active on a live object of the account.
func (st *stack) occupy(t *testing.T, tx pgx.Tx, p *product.Product, stripeID string) error {
	t.Helper()
	_, err := tx.Exec(t.Context(), `INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status,
			requested_by, input_digest) VALUES (gen_random_uuid(), $1, $2, $3, $4, 'GO_LIVE', 'IMMEDIATE', 'PENDING', 'x', 'x')`,
		p.TenantID, p.ID, st.Stripe.Account.ID, stripeID)
	return err
}

// atItsTime carries d out at its time as far as it goes.
func (st *stack) atItsTime(t *testing.T, d *deployment.Deployment) *deployment.Deployment {
	t.Helper()
	st.SweepDue(t, d, time.Second, 1)
	return st.CarryOut(t, d.ID)
}

// race returns what the person is told.
func (st *stack) race(t *testing.T, d *deployment.Deployment, what string) (err error) {
	t.Helper()
	var all sync.WaitGroup
	begin, said := make(chan struct{}), make(chan struct{})
	for range 2 {
		all.Go(func() {
			<-begin
			for going := true; going; {
				if _, err := st.StartDue(t.Context()); err != nil {
					t.Error(err)
				}
				select {
				case <-said:
					going = false
				default:
				}
			}
		})
	}
	all.Go(func() {
		defer close(said)
		<-begin
		switch what {
		case "move":
			later := d.DueAt.Add(time.Hour)
			_, err = st.Reschedule(st.As, deployment.RescheduleInput{DeploymentID: d.ID, Version: d.Version, When: moment.When{Instant: &later, Zone: "UTC"}})
		case "now":
			_, err = st.DeployNow(st.As, deployment.DeployNowInput{DeploymentID: d.ID, Version: &d.Version})
		default:
			_, err = st.Cancel(st.As, deployment.CancelInput{DeploymentID: d.ID, Version: &d.Version})
		}
	})
	close(begin)
	domaintest.Wait(t, &all, "the race")
	st.At(t, d.DueAt.Add(time.Second))
	if _, err := st.StartDue(t.Context()); err != nil {
		t.Error(err)
	}
	return err
}

// settled holds the outcome to be one of those that agree with what was told.
func (st *stack) settled(t *testing.T, was *deployment.Deployment, what string, told error) {
	t.Helper()
	var got struct {
		status, trigger  string
		version, jobs    int
		started          int
		acts, moved      bool
		events, sequence int
	}
	must(t, st.Pool.QueryRow(t.Context(), `SELECT status, trigger, version, (SELECT count(*) FROM river_job WHERE args->>'deployment_id' = d.id::text),
			(SELECT count(*) FROM deployment_events WHERE deployment_id = d.id AND status = 'PENDING'),
			job_id IS NOT NULL, due_at <> $2, (SELECT count(*) FROM deployment_events WHERE deployment_id = d.id), last_sequence
		FROM deployments d WHERE id = $1`, was.ID, *was.DueAt).Scan(&got.status, &got.trigger, &got.version, &got.jobs, &got.started,
		&got.acts, &got.moved, &got.events, &got.sequence))
	first := fmt.Sprintf("%s %s, moved %v, %d starts, %d jobs", got.status, got.trigger, got.moved, got.started, got.jobs)
	want := map[string][]string{
		"move: ":              {"SCHEDULED SCHEDULED, moved true, 0 starts, 0 jobs"},
		"move: INVALID_STATE": {"PENDING SCHEDULED, moved false, 1 starts, 1 jobs"},
		"now: ":               {"PENDING IMMEDIATE, moved false, 1 starts, 1 jobs"},
		"now: INVALID_STATE":  {"PENDING SCHEDULED, moved false, 1 starts, 1 jobs"},
		"cancel: ": {
			"CANCELLED SCHEDULED, moved false, 0 starts, 0 jobs", // before it began
			"CANCELLED SCHEDULED, moved false, 1 starts, 1 jobs", // after
		},
	}[what+": "+string(fault.CodeOf(told))]
	for _, w := range want {
		if first == w && got.events == got.sequence {
			return
		}
	}
	t.Errorf("%s was told %v, and it is %s with %d of %d events", what, told, first, got.events, got.sequence)
}

var newYork = localtime.Date(2027, 12, 25, 9, 0, 0)

func (st *stack) byWall(t *testing.T, stripeID string, at localtime.DateTime, zone string) *deployment.Deployment {
	t.Helper()
	return st.Schedule(t, deployment.ScheduleInput{
		ProductID: st.Product(t, stripeID).ID, When: moment.When{Local: &at, Zone: zone, Disambiguation: localtime.Compatible},
	})
}

// products adds so many to the tenant, none of which is at Stripe, and returns their ids.
func (st *stack) products(t *testing.T, n int) []string {
	t.Helper()
	ids, err := postgres.All(t.Context(), st.Pool, pgx.RowTo[string], `INSERT INTO products (id, tenant_id, test_account_id, stripe_product_id, name, snapshot, digest)
		SELECT gen_random_uuid(), tenant_id, test_account_id, 'prod_' || gen_random_uuid(), name, snapshot, digest
		FROM products, generate_series(1, $2) WHERE id = $1 RETURNING id::text`, st.Product(t, simple).ID, n)
	must(t, err)
	return ids
}

// full takes all places of the account, and returns who has one and who, in this order,
// waits for one.
func (st *stack) full(t *testing.T, waits int) (running, waiting []string) {
	t.Helper()
	for i, id := range st.products(t, fair.Places+waits) {
		d := st.StartGoLive(t, id)
		if i < fair.Places {
			running = append(running, d.ID)
		} else {
			waiting = append(waiting, d.ID)
		}
	}
	return running, waiting
}

// active are the deployments that lock the products.
func (st *stack) active(t *testing.T, productIDs []string) map[string]*deployment.Deployment {
	t.Helper()
	active, err := st.ActiveOf(st.As, productIDs)
	must(t, err)
	return active
}

// wantPlaces holds the account to having so many deployments with a job of their own, and
// so many without.
func (st *stack) wantPlaces(t *testing.T, with, without int) {
	t.Helper()
	var jobs, none int
	must(t, st.Pool.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE j.state = 'available'), count(*) FILTER (WHERE d.job_id IS NULL)
		FROM deployments d LEFT JOIN river_job j ON j.id = d.job_id WHERE d.status IN ('PENDING', 'VALIDATING', 'DEPLOYING')`).Scan(&jobs, &none))
	if jobs != with || none != without {
		t.Errorf("%d have a job and %d have none, want %d and %d", jobs, none, with, without)
	}
}

// wantBusy holds a deployment to waiting for a place, or not.
func (st *stack) wantBusy(t *testing.T, id string, want bool) {
	t.Helper()
	d := st.Look(t, id)
	if got := d.WaitReason != nil && *d.WaitReason == deployment.WaitAccountBusy; got != want || d.Status != deployment.Pending {
		t.Errorf("%s is %s, waiting for a place: %v, want %v", id, d.Status, got, want)
	}
}
