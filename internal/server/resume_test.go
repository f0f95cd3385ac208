package server_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
)

const history = 120

// Clients that lose their connection again and again, and come back with the
// last sequence that they saw, see each event once and in order.
func TestResumingMissesNothingAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	id := s.goLive(t, token, products[0])
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			last := 0
			// Each life of a connection is of another length; the last has no end.
			for life := 1; life <= 10; life++ {
				c := s.open(t, token)
				c.watch(t, "p", id, &last)
				for seen := 0; life == 10 || seen < 3+(n+life)%7; seen++ {
					e, done := c.nextEvent(t)
					if done {
						break
					}
					if e.Sequence != last+1 {
						t.Errorf("client %d: event %d follows event %d", n, e.Sequence, last)
					}
					last = e.Sequence
				}
				_ = c.ws.CloseNow()
			}
			if last != history {
				t.Errorf("client %d saw the last event as %d", n, last)
			}
		})
	}
	for n := 2; n <= history; n++ {
		s.advance(t, id, n)
	}
	all.Wait()

	// At the end already: nothing but the end. Before it: the end alone. Without a
	// cursor: the newest event.
	end := history
	if got := s.progress(t, token, id, &end); len(got) != 0 {
		t.Errorf("after the end came %+v", got)
	}
	end--
	if got := s.progress(t, token, id, &end); len(got) != 1 || !got[0].Terminal {
		t.Errorf("after all but the end came %+v", got)
	}
	if got := s.progress(t, token, id, nil); len(got) != 1 || got[0].Sequence != history {
		t.Errorf("without a cursor came %+v", got)
	}
}

// advance writes event n of a deployment, as a worker does: the last one ends it.
func (s *stack) advance(t *testing.T, id string, n int) {
	t.Helper()
	ctx := context.Background()
	tx, err := s.pool.Begin(ctx)
	must(t, err)
	defer func() { _ = tx.Rollback(ctx) }()
	_, err = tx.Exec(ctx, `UPDATE deployments SET last_sequence = $2,
		status = CASE WHEN $3 THEN 'FAILED' ELSE status END, finished_at = CASE WHEN $3 THEN now() END WHERE id = $1`, id, n, n == history)
	must(t, err)
	_, err = tx.Exec(ctx, `INSERT INTO deployment_events (deployment_id, sequence, status, percentage, message, terminal)
		VALUES ($1, $2, CASE WHEN $3 THEN 'FAILED' ELSE 'PENDING' END, 0, 'Waiting', $3)`, id, n, n == history)
	must(t, err)
	must(t, tx.Commit(ctx))
	s.services.Deployments.Notify.Ring("deployment/" + id)
}

// A deployment carried out by a worker tells its whole way.
func TestProgressOfARealDeployment(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	id := s.goLive(t, token, products[0])
	c := s.open(t, token)
	c.watch(t, "p", id, nil)
	first, _ := c.nextEvent(t)
	s.work(t)
	for last := first; ; {
		e, done := c.nextEvent(t)
		if done {
			if !last.Terminal || last.Status != "COMPLETED" || last.Percentage != 100 {
				t.Errorf("it ended with %+v", last)
			}
			break
		}
		if e.Sequence != last.Sequence+1 || e.Percentage < last.Percentage || last.Terminal {
			t.Errorf("%+v follows %+v", e, last)
		}
		last = e
	}
	got := s.ok(t, token, `query ($id: ID!) { deployment(id: $id) { status product { liveStatus } steps { status attempts } error { message } } }`, vars{"id": id})
	if get(t, got, "deployment", "status") != "COMPLETED" || get(t, got, "deployment", "product", "liveStatus") != "LIVE" {
		t.Errorf("it is %v", got)
	}
	for _, step := range get(t, got, "deployment", "steps").([]any) {
		if get(t, step, "status") != "DONE" {
			t.Errorf("a step is %v", step)
		}
	}
}

func TestDashboardsHearOfEveryDeployment(t *testing.T) {
	t.Parallel()
	labelled(t)
	s := start(t)
	tenantID, token, products := s.newShop(t, "acme")
	_, other, others := s.newShop(t, "others")
	c := s.open(t, token)
	c.subscribe(t, "1", `subscription ($t: ID!) { deploymentsChanged(tenantId: $t) { id status product { id } } }`, vars{"t": tenantID})
	// The reader, the operation, and the domain's watch: now it listens.
	eventually(t, "it listens", func() bool { return goroutines(t) == 3 })
	s.work(t)
	s.goLive(t, other, others[0])
	ours, completed := map[string]bool{}, map[string]bool{}
	for _, product := range products[:3] {
		ours[s.goLive(t, token, product)] = true
	}
	for len(completed) < len(ours) {
		var got struct {
			Data struct{ DeploymentsChanged struct{ ID, Status string } }
		}
		must(t, json.Unmarshal(c.want(t, "next").Payload, &got))
		d := got.Data.DeploymentsChanged
		if !ours[d.ID] {
			t.Fatalf("%s is another tenant's", d.ID)
		}
		if d.Status == "COMPLETED" {
			completed[d.ID] = true
		}
	}
}
