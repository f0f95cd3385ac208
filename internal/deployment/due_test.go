package deployment_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// At its time, not before, a schedule begins, once, and ends like a go-live.
func TestDueMeansDue(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	st.startDue(t, d, -time.Minute, 0) // the clock runs on
	st.wantWaiting(t, d.ID, deployment.WaitDueTime)
	st.startDue(t, d, 0, 1)
	st.startDue(t, d, time.Second, 0)
	st.wantStatus(t, d.ID, deployment.Pending)
	end := st.carryOut(t, d.ID)
	if end.Status != deployment.Completed || end.Trigger != deployment.AtScheduled || !end.DueAt.Equal(*d.DueAt) {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
	if st.live(t, simple) == nil {
		t.Error("nothing is in live")
	}
}

// The whole by itself: a worker's sweeps, its job, its end.
func TestAWorkerStartsWhatIsDue(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	st.work(t)
	st.at(t, *d.DueAt)
	if end := st.end(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// Lateness is told, and so is what was in the way.
func TestLatenessIsTold(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	punctual, late := st.inAnHour(t, simple), st.schedule(t, st.in(t, "prod_CoffeeBag", 2*time.Hour))
	st.startDue(t, punctual, time.Second, 1)
	if d := st.get(t, punctual.ID); strings.Contains(d.ProgressMessage, "ago") {
		t.Errorf("told %q", d.ProgressMessage)
	}
	st.startDue(t, late, 3*time.Minute, 1)
	if d := st.get(t, late.ID); !strings.HasPrefix(d.ProgressMessage, "Due 3m") || !strings.Contains(d.ProgressMessage, "s ago;") {
		t.Errorf("told %q", d.ProgressMessage)
	}
	// The wait for a worker counts as well.
	st.at(t, late.DueAt.Add(5*time.Minute))
	must(t, st.runner.Run(t.Context(), late.ID, st.job(t, late.ID), "worker"))
	events, err := st.Events(st.as, late.ID, 2, 1)
	must(t, err)
	// The clock runs on, so the seconds are those of the machine.
	if m := events[0].Message; !strings.HasPrefix(m, "Checking the product in test and live mode, 5m") || !strings.HasSuffix(m, "s late") {
		t.Errorf("told %q", m)
	}
}

// Ten of one product fall due in one second and a person goes live as well: they
// take turns, and nobody else waits for them.
func TestSchedulesOfOneProductTakeTurns(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	var ten []*deployment.Deployment
	for range 10 {
		ten = append(ten, st.inAnHour(t, simple))
	}
	other := st.inAnHour(t, "prod_CoffeeBag")
	st.at(t, other.DueAt.Add(time.Second))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := st.StartDue(t.Context()); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			_, err := st.GoLive(st.as, deployment.GoLiveInput{ProductID: ten[0].ProductID})
			if code := fault.CodeOf(err); code != "" && code != fault.DeploymentInProgress {
				t.Error(err)
			}
		})
	}
	all.Wait()
	st.wantStatus(t, other.ID, deployment.Pending)
	for range 11 {
		active, err := st.ActiveOf(st.as, []string{ten[0].ProductID})
		must(t, err)
		if len(active) != 1 {
			break
		}
		for _, d := range active {
			st.carryOut(t, d.ID)
		}
		_, err = st.StartDue(t.Context())
		must(t, err)
	}
	for i, d := range ten {
		if end := st.get(t, d.ID); end.Status != deployment.Completed {
			t.Errorf("number %d is %s: %s", i, end.Status, end.ProgressMessage)
		}
	}
}

// While another deployment of the product is active, one that is due waits, shows
// why, and begins when it is free.
func TestDueAndBusyWaits(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	running := st.goLive(t, d.ProductID)
	st.startDue(t, d, time.Second, 0)
	st.wantWaiting(t, d.ID, deployment.WaitProductBusy)
	page, err := st.Upcoming(st.as, st.tenant.ID, 10, nil)
	must(t, err)
	if got := *page.Deployments[0].WaitReason; got != deployment.WaitProductBusy {
		t.Errorf("upcoming shows %s", got)
	}
	st.carryOut(t, running.ID)
	st.wantWaiting(t, d.ID, deployment.WaitDueTime)
	st.startDue(t, d, 2*time.Minute, 1)
	if end := st.carryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// Due ones of busy products, however many, keep no others from beginning.
func TestBusyOnesBlockNobody(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	other := st.schedule(t, st.in(t, "prod_CoffeeBag", time.Hour+time.Minute))
	st.goLive(t, d.ProductID)
	st.copies(t, d.ID, 300, "")
	st.startDue(t, other, time.Second, 1)
	st.wantStatus(t, other.ID, deployment.Pending)
}

// copies adds schedules like one that there is. set may change columns of them.
func (st *stack) copies(t *testing.T, id string, n int, set string) {
	t.Helper()
	st.exec(t, fmt.Sprintf(`CREATE TEMP TABLE copies AS SELECT d.* FROM deployments d, generate_series(1, %d) WHERE id = '%s';
		UPDATE copies SET id = gen_random_uuid() %s; INSERT INTO deployments SELECT * FROM copies; DROP TABLE copies`, n, id, set))
}

// Two tenants share an account, and both have the product scheduled for one second:
// one of them begins, the other waits, and the sweep does all else.
func TestSharedAccountsTakeTurns(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	as, theirs := st.sharer(t, simple)
	mine := st.inAnHour(t, simple)
	third := st.inAnHour(t, "prod_CoffeeBag")
	due := *mine.DueAt
	answer, err := st.ScheduleGoLive(as, deployment.ScheduleInput{ProductID: theirs.ID, When: deployment.When{Instant: &due, Zone: "UTC"}})
	must(t, err)
	st.startDue(t, mine, time.Second, 2)
	st.wantStatus(t, third.ID, deployment.Pending)
	st.wantStatus(t, mine.ID, deployment.Pending)
	d, err := st.Get(as, answer.Deployment.ID)
	must(t, err)
	if d.Status != deployment.Scheduled || *d.WaitReason != deployment.WaitProductBusy {
		t.Errorf("theirs is %s", d.Status)
	}
}

// sharer is an admin of another tenant with the same Stripe account, and its copy
// of a product.
func (st *stack) sharer(t *testing.T, stripeID string) (as context.Context, p *product.Product) {
	t.Helper()
	as = st.stranger(t)
	other, err := tenant.BySlug(as, "other")
	must(t, err)
	for mode, key := range map[catalog.Mode]string{catalog.Test: st.stripe.Account.TestKey, catalog.Live: st.stripe.Account.LiveKey} {
		_, err := st.Connections.Connect(as, connection.Input{TenantID: other.ID, Mode: mode, SecretKey: key})
		must(t, err)
	}
	_, err = st.Products.Import(as, other.ID, []string{stripeID})
	must(t, err)
	p, err = st.Products.ByStripeID(as, other.ID, stripeID)
	must(t, err)
	return as, p
}

// The other tenant's go-live becomes active between the sweep's look and its write:
// that takes nothing from the others of the lot.
func TestALostRaceForALiveObjectPoisonsNothing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	as, theirs := st.sharer(t, simple)
	mine, other := st.inAnHour(t, simple), st.inAnHour(t, "prod_CoffeeBag")
	st.at(t, mine.DueAt.Add(time.Second))
	// Their go-live is inserted and not committed: the sweep cannot see it, and waits
	// for its end at the index.
	tx, err := st.pool.Begin(t.Context())
	must(t, err)
	must(t, st.occupy(t, tx, theirs, simple))
	swept := make(chan int)
	go func() {
		n, err := st.StartDue(t.Context())
		if err != nil {
			t.Error(err)
		}
		swept <- n
	}()
	st.waitsForALock(t)
	must(t, tx.Commit(t.Context()))
	if n := <-swept; n != 1 {
		t.Errorf("%d began", n)
	}
	st.wantStatus(t, other.ID, deployment.Pending)
	st.wantWaiting(t, mine.ID, deployment.WaitProductBusy)
	_ = as
}

// occupy lets a deployment of p's tenant be active on a live object of the account.
func (st *stack) occupy(t *testing.T, tx pgx.Tx, p *product.Product, stripeID string) error {
	t.Helper()
	_, err := tx.Exec(t.Context(), `INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id, kind, trigger, status,
			requested_by, input_digest) VALUES (gen_random_uuid(), $1, $2, $3, $4, 'GO_LIVE', 'IMMEDIATE', 'PENDING', 'x', 'x')`,
		p.TenantID, p.ID, st.stripe.Account.ID, stripeID)
	return err
}

// waitsForALock returns once a session of the database does.
func (st *stack) waitsForALock(t *testing.T) {
	t.Helper()
	for waits := false; !waits; {
		must(t, st.pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waits))
	}
}

// A schedule that somebody holds locked, and a product that is being deployed just
// now, are passed over, not waited for.
func TestTheSweepWaitsForNobody(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	moved, started, free := st.inAnHour(t, simple), st.inAnHour(t, "prod_CoffeeBag"), st.inAnHour(t, neverLive)
	tx, err := st.pool.Begin(t.Context())
	must(t, err)
	for sql, id := range map[string]string{
		`SELECT FROM deployments WHERE id = $1 FOR NO KEY UPDATE`: moved.ID,
		`SELECT FROM products WHERE id = $1 FOR NO KEY UPDATE`:    started.ProductID,
	} {
		_, err := tx.Exec(t.Context(), sql, id)
		must(t, err)
	}
	st.startDue(t, free, time.Second, 1)
	st.wantStatus(t, free.ID, deployment.Pending)
	must(t, tx.Rollback(t.Context()))
	st.startDue(t, free, 2*time.Second, 2)
}

// A pause keeps what is due waiting.
func TestNothingBeginsWhileTheWorldIsPaused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	must(t, deployment.Pause(t.Context(), st.pool, "ops", "prices are wrong everywhere"))
	st.startDue(t, d, time.Second, 0)
	must(t, deployment.Resume(t.Context(), st.pool, "ops"))
	st.startDue(t, d, 10*time.Minute, 1)
}

// At its time everything is checked again.
func TestAFailingCheckAtTheDueTimeEndsFailed(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	must(t, st.stripe.Sim.SetAccount(st.stripe.Account.ID, map[string]any{"charges_enabled": false}))
	st.startDue(t, d, 0, 1)
	end := st.carryOut(t, d.ID)
	if end.Status != deployment.Failed || end.Error.Category != deployment.CategoryValidation || st.review(t, end.ID).Validation.OK {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// Whoever scheduled must still be allowed to, in either way of withdrawing that.
func TestRightsAreAskedForAgain(t *testing.T) {
	t.Parallel()
	for how, withdraw := range map[string]string{
		"role":   `UPDATE members SET role = 'VIEWER' WHERE email = 'admin@acme.example'`,
		"tokens": `UPDATE api_tokens SET revoked_at = now()`,
		"none":   `SELECT 1`,
	} {
		st := newStack(t)
		d := st.inAnHour(t, simple)
		st.exec(t, withdraw)
		st.startDue(t, d, 0, 1)
		end := st.carryOut(t, d.ID)
		if how == "none" {
			if end.Status != deployment.Completed {
				t.Errorf("%s %+v", end.Status, end.Error)
			}
			continue
		}
		if end.Status != deployment.Failed || end.Error.Category != deployment.CategoryPermission || *end.LiveOutcome != deployment.Unchanged {
			t.Errorf("%s: %s %+v", how, end.Status, end.Error)
		}
		if n := len(st.writes(t)); n != 0 {
			t.Errorf("%s: %d writes", how, n)
		}
	}
}

// A worker of the version before takes over nothing that it does not understand.
func TestTheVersionBeforeTakesNoSchedule(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.inAnHour(t, simple)
	immediate := st.goLive(t, st.product(t, "prod_CoffeeBag").ID)
	st.startDue(t, d, 0, 1)
	for id, want := range map[string]int64{d.ID: 0, immediate.ID: 1} {
		tag, err := st.pool.Exec(t.Context(), `UPDATE deployments SET owner = 'old', epoch = epoch + 1, able_epoch = epoch + 1,
			lease_until = clock_timestamp() WHERE id = $1 AND job_id IS NOT NULL AND status = 'PENDING'`, id)
		must(t, err)
		if tag.RowsAffected() != want {
			t.Errorf("took over %d of %s, want %d", tag.RowsAffected(), id, want)
		}
	}
	if end := st.carryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// A Stripe that is down at the due time is waited for, as by any deployment, also
// beyond the grace: it has begun in time.
func TestAnOutageAtTheDueTimeIsOutlasted(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.runner.Backoff.Patience = time.Millisecond
	d := st.inAnHour(t, simple)
	_, err := st.stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Error503, Times: -1, Match: stripesim.Match{Method: "GET", Path: "^/v1/account$", Mode: stripesim.Live},
	})
	must(t, err)
	st.startDue(t, d, 0, 1)
	must(t, st.runner.Run(t.Context(), d.ID, st.job(t, d.ID), "worker"))
	if got := st.get(t, d.ID); got.Status != deployment.Validating || *got.WaitReason != deployment.WaitStripeUnavailable {
		t.Fatalf("%s waiting for %v", got.Status, got.WaitReason)
	}
	st.exec(t, `UPDATE deployments SET outage = '10 minutes' WHERE id = $1`, d.ID)
	st.at(t, d.DueAt.Add(20*time.Minute))
	n, err := st.HoldMissed(t.Context())
	must(t, err)
	if n != 0 {
		t.Errorf("%d held", n)
	}
	st.stripe.Sim.ClearFaults()
	if end := st.carryOut(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}
