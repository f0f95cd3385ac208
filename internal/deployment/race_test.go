package deployment_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
)

// In the very moment in which a schedule falls due, two workers start it and a
// person moves it, wants it now, or cancels it: whoever is first wins, everybody
// else is told so, and the history agrees.
func TestRacesAgainstTheDueInstant(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	outcomes := map[string]int{}
	lead := 12 * time.Millisecond
	for i := range 60 {
		d := st.inAnHour(t, simple)
		st.at(t, d.DueAt.Add(-rand.N(lead)))
		what := []string{"move", "now", "cancel"}[i%3]
		err := st.race(t, d, what)
		// The moment in which both may win lies elsewhere on a machine that is busy.
		switch {
		case what == "move" && err == nil:
			lead = max(lead*2/3, time.Microsecond)
		case what == "move":
			lead *= 2
		}
		outcomes[what+": "+string(fault.CodeOf(err))]++
		st.settled(t, d, what, err)
		if end := st.get(t, d.ID); !end.Status.Terminal() {
			st.cancel(t, d.ID)
		}
	}
	t.Log(outcomes)
	if outcomes["move: "] == 0 || outcomes["move: INVALID_STATE"] == 0 {
		t.Errorf("no race: %v", outcomes)
	}
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
			_, err = st.Reschedule(st.as, deployment.RescheduleInput{DeploymentID: d.ID, Version: d.Version, When: deployment.When{Instant: &later, Zone: "UTC"}})
		case "now":
			_, err = st.DeployNow(st.as, deployment.DeployNowInput{DeploymentID: d.ID, Version: &d.Version})
		default:
			_, err = st.Cancel(st.as, deployment.CancelInput{DeploymentID: d.ID, Version: &d.Version})
		}
	})
	close(begin)
	all.Wait()
	st.at(t, d.DueAt.Add(time.Second))
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
	must(t, st.pool.QueryRow(t.Context(), `SELECT status, trigger, version, (SELECT count(*) FROM river_job WHERE args->>'deployment_id' = d.id::text),
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
