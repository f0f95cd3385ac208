package server_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/golive-hq/golive/internal/client"
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
				events, err := client.Progress(t.Context(), s.as(token), id, last)
				if err != nil {
					t.Errorf("client %d: %v", n, err)
					return
				}
				for seen := 0; life == 10 || seen < 3+(n+life)%7; seen++ {
					e, err := soon(events)
					if err != nil {
						t.Errorf("client %d: %v", n, err)
					}
					if err != nil || e == nil {
						break
					}
					if e.Sequence != last+1 {
						t.Errorf("client %d: event %d follows event %d", n, e.Sequence, last)
					}
					last = e.Sequence
				}
				events.Close()
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
	if got := s.progress(t, token, id, history); len(got) != 0 {
		t.Errorf("after the end came %+v", got)
	}
	if got := s.progress(t, token, id, history-1); len(got) != 1 || !got[0].Terminal {
		t.Errorf("after all but the end came %+v", got)
	}
	if got := s.progress(t, token, id, client.Newest); len(got) != 1 || got[0].Sequence != history {
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
	events, err := client.Progress(t.Context(), s.as(token), id, client.Newest)
	must(t, err)
	defer events.Close()
	last, err := soon(events)
	must(t, err)
	s.work(t)
	for {
		e, err := soon(events)
		must(t, err)
		if e == nil {
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
	s := start(t)
	tenantID, token, products := s.newShop(t, "acme")
	_, other, others := s.newShop(t, "others")
	changes, err := client.Subscribe[struct{ ID, Status string }](t.Context(), s.as(token),
		`subscription ($t: ID!) { deploymentsChanged(tenantId: $t) { id status product { id } } }`, vars{"t": tenantID})
	must(t, err)
	defer changes.Close()
	eventually(t, "it listens", func() bool { return s.server.Subscriptions() == 1 })
	s.work(t)
	s.goLive(t, other, others[0])
	ours, completed := map[string]bool{}, map[string]bool{}
	for _, product := range products[:3] {
		ours[s.goLive(t, token, product)] = true
	}
	for len(completed) < len(ours) {
		d, err := soon(changes)
		must(t, err)
		if d == nil || !ours[d.ID] {
			t.Fatalf("%v is another tenant's", d)
		}
		if d.Status == "COMPLETED" {
			completed[d.ID] = true
		}
	}
}

// What a change costs does not depend on how many hear of it.
func TestDashboardsShareTheirLooks(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, products := s.newShop(t, "acme")
	c := s.open(t, token)
	cost := func(product string, listeners int) int64 {
		before := s.queries.n.Load()
		id := s.goLive(t, token, product)
		for range listeners {
			if m := c.want(t, "next"); !strings.Contains(string(m.Payload), id) {
				t.Fatalf("got %s", m.Payload)
			}
		}
		return s.queries.n.Load() - before
	}
	subscribe := func(id string) {
		c.subscribe(t, id, `subscription ($t: ID!) { deploymentsChanged(tenantId: $t) { id } }`, vars{"t": tenantID})
	}
	subscribe("first")
	eventually(t, "one listens", func() bool { return s.server.Subscriptions() == 1 })
	alone := cost(products[0], 1)
	for i := range 90 {
		subscribe(fmt.Sprint(i))
	}
	eventually(t, "all listen", func() bool { return s.server.Subscriptions() == 91 })
	if shared := cost(products[1], 91); shared > alone+45 {
		t.Errorf("%d statements for 91, and %d for one", shared, alone)
	}
}
