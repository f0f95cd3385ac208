package deployment_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fair"
	"github.com/golive-hq/golive/internal/pause"
)

// However many schedules of however many products one tenant has piled up at one instant,
// by whatever way, another's that is due later begins in the first lot.
func TestDueFairToOtherTenants(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	piled := st.pile(t, 250, 4)
	alone := st.ofAnotherAccount(t, piled.DueAt.Add(time.Second))
	st.SweepDue(t, alone, 0, fair.Places+1)
	var before int
	must(t, st.Pool.QueryRow(t.Context(), `SELECT count(*) FROM deployment_events WHERE status = 'PENDING'
		AND at < (SELECT at FROM deployment_events WHERE status = 'PENDING' AND deployment_id = $1)`, alone.ID).Scan(&before))
	if before > fair.Places {
		t.Errorf("%d began before it", before)
	}
	st.wantBusy(t, alone.ID, false)
	// As many more are ready for the next place; the others wait for their turn to be.
	st.SweepDue(t, alone, time.Second, fair.Places)
	st.SweepDue(t, alone, 2*time.Second, 0)
	st.wantPlaces(t, fair.Places+1, fair.Places)
	st.Until(t, "an account that is busy", `SELECT count(*) = 1000 - 32 FROM deployments WHERE status = 'SCHEDULED' AND wait_reason = 'DUE_TIME'`)
	var due string
	must(t, st.Pool.QueryRow(t.Context(), `SELECT id FROM deployments d WHERE status = 'SCHEDULED' AND NOT EXISTS (SELECT FROM deployments a
		WHERE a.stripe_product_id = d.stripe_product_id AND a.status = 'PENDING') LIMIT 1`).Scan(&due))
	st.WantWaiting(t, due, deployment.WaitAccountBusy)
}

// So it is while the pile waits for itself, and when parts of it come free and are due.
func TestDueFairWhileAPileWaits(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	piled := st.pile(t, 120, 10)
	st.SweepDue(t, piled, 0, fair.Places)
	st.SweepDue(t, piled, time.Second, fair.Places)
	alone := st.ofAnotherAccount(t, piled.DueAt.Add(2*time.Second))
	st.Exec(t, `UPDATE deployments SET status = 'CANCELLED', finished_at = now(), live_outcome = 'UNCHANGED' WHERE status = 'PENDING' AND job_id IS NOT NULL`)
	st.SweepAbandoned(t, fair.Places)
	st.SweepDue(t, alone, 0, fair.Places+1)
	st.wantBusy(t, alone.ID, false)
}

// What a sweep reads of a pile grows with its live objects and not with its rows.
func TestDueFairCostsByLiveObjects(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	var pages []int
	for _, rows := range []int{2, 200} {
		piled := st.pile(t, 10, rows)
		st.SweepDue(t, piled, time.Second, 10)
		accounts, products := st.due(t)
		tx, err := st.Pool.Begin(t.Context())
		must(t, err)
		read := 0
		for _, sweep := range deployment.SweepQueries(accounts, products)[1:] {
			read += domaintest.PagesOf(t, tx, sweep.SQL, sweep.Args...)
		}
		must(t, tx.Rollback(t.Context()))
		pages = append(pages, read)
		st.Exec(t, `UPDATE deployments SET wait_reason = 'MISSED' WHERE status = 'SCHEDULED'`)
	}
	if pages[1] > 500 { // of 2,000 rows
		t.Errorf("pages read: %v", pages)
	}
}

// Time in which all places of its account were taken is no time in which a schedule could
// have begun: neither for one that waits for a place, nor for those behind it.
func TestMissedCountsNoTimeInAFullAccount(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	first := st.InAnHour(t, simple)
	second := st.Schedule(t, st.In(t, simple, time.Hour+time.Second))
	running, _ := st.full(t, 0)
	st.SweepAbandoned(t, 0)
	st.SweepDue(t, second, time.Second, 1)
	st.wantBusy(t, first.ID, true)
	st.SweepAbandoned(t, 0)
	st.At(t, second.DueAt.Add(5*time.Hour))
	st.SweepMissed(t, 0)
	st.WantWaiting(t, second.ID, deployment.WaitProductBusy)
	st.CallOff(t, running[0])
	if end := st.CarryOut(t, first.ID); end.Status != deployment.Completed {
		t.Fatalf("%s %+v", end.Status, end.Error)
	}
	st.SweepAbandoned(t, 0) // sees that a place is free
	st.At(t, second.DueAt.Add(5*time.Hour+10*time.Minute))
	st.SweepMissed(t, 0)
	st.At(t, second.DueAt.Add(5*time.Hour+16*time.Minute))
	if n, err := st.StartDue(t.Context()); n != 0 || err != nil {
		t.Errorf("%d began, %v", n, err)
	}
	st.SweepMissed(t, 1)
	st.WantWaiting(t, second.ID, deployment.WaitMissed)
}

// Spells of a full account that follow each other are one, and none is kept for longer than
// a waiting schedule's grace may depend on it.
func TestSpellsOfAFullAccountAreForgotten(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	spells := func(want int) {
		t.Helper()
		var n int
		must(t, st.Pool.QueryRow(t.Context(), `SELECT count(*) FROM account_full`).Scan(&n))
		if n != want {
			t.Errorf("%d spells, want %d", n, want)
		}
	}
	note := func(after time.Duration, full ...string) {
		t.Helper()
		st.At(t, d.DueAt.Add(after))
		must(t, fair.NoteFull(t.Context(), st.Pool, append([]string{}, full...), deployment.OldestDue))
	}
	note(time.Second, "acct_a")
	note(2 * time.Second)
	note(2500*time.Millisecond, "acct_a")
	spells(1)
	note(3 * time.Second)
	note(time.Minute)
	spells(1) // d is due since before it
	note(time.Minute, "acct_a")
	spells(2)
	note(2 * time.Minute)
	st.CallOff(t, d.ID)
	note(3 * time.Minute)
	spells(0)
}

// A full account that no worker looks after is a downtime, and one in a pause is a pause:
// what is due then is missed, and nothing fires hours later by itself.
func TestMissedInAFullAccountThatStandsStill(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*testing.T, *stack){
		"downtime": func(t *testing.T, st *stack) {
			t.Helper()
			st.Exec(t, `UPDATE account_full SET seen = now() - interval '1 minute'`)
		},
		"pause": func(t *testing.T, st *stack) {
			t.Helper()
			must(t, pause.Begin(t.Context(), st.Pool, "ops", "maintenance"))
			st.SweepAbandoned(t, 0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := newStack(t)
			d := st.InAnHour(t, simple)
			st.full(t, 0)
			st.SweepDue(t, d, time.Second, 1)
			st.SweepAbandoned(t, 0)
			stop(t, st)
			st.At(t, d.DueAt.Add(5*time.Hour))
			st.SweepMissed(t, 1)
			st.WantWaiting(t, d.ID, deployment.WaitMissed)
		})
	}
}

// pile lets schedules of so many products be due at one instant, and returns one of them.
func (st *stack) pile(t *testing.T, products, each int) *deployment.Deployment {
	t.Helper()
	d := st.InAnHour(t, simple)
	st.Exec(t, fmt.Sprintf(`CREATE TEMP TABLE pile AS SELECT d.*, p.id AS p, p.stripe_product_id AS s FROM deployments d, generate_series(1, %d), products p
			WHERE d.id = '%s' AND p.id IN ('%s');
		UPDATE pile SET id = gen_random_uuid(), product_id = p, stripe_product_id = s; ALTER TABLE pile DROP COLUMN p, DROP COLUMN s;
		INSERT INTO deployments SELECT * FROM pile; DROP TABLE pile; DELETE FROM mails; DELETE FROM deployment_events WHERE deployment_id = '%[2]s';
		DELETE FROM deployments WHERE id = '%[2]s'`, each, d.ID, strings.Join(st.products(t, products), "','")))
	return d
}

// ofAnotherAccount is the only schedule of an account.
func (st *stack) ofAnotherAccount(t *testing.T, due time.Time) *deployment.Deployment {
	t.Helper()
	d := st.InAnHour(t, coffee)
	st.Exec(t, `UPDATE deployments SET live_account_id = 'acct_other', due_at = $2 WHERE id = $1`, d.ID, due)
	return st.Look(t, d.ID)
}

// due are the live objects with schedules that are due.
func (st *stack) due(t *testing.T) (accounts, products []string) {
	t.Helper()
	must(t, st.Pool.QueryRow(t.Context(), `SELECT array_agg(live_account_id), array_agg(stripe_product_id) FROM (SELECT DISTINCT live_account_id, stripe_product_id
		FROM deployments WHERE status = 'SCHEDULED' AND wait_reason = 'DUE_TIME' AND due_at <= golive_now()) AS due`).Scan(&accounts, &products))
	return accounts, products
}
