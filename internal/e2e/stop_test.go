package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/stripesim"
)

// owned is who works on a deployment, and until when by its lease.
type owned struct {
	epoch      int
	owner      string
	leaseUntil time.Time
	now        time.Time
}

// ownerOf waits until somebody works on a deployment, other than before.
func (s *stack) ownerOf(t *testing.T, id, before string) owned {
	t.Helper()
	for {
		var o owned
		err := s.pool.QueryRow(t.Context(), `SELECT epoch, coalesce(owner, ''), coalesce(lease_until, 'epoch'), clock_timestamp()
			FROM deployments WHERE id = $1`, id).Scan(&o.epoch, &o.owner, &o.leaseUntil, &o.now)
		if err != nil {
			t.Fatal(err)
		}
		if o.owner != "" && o.owner != before {
			return o
		}
	}
}

// process returns the one that calls itself by this name: host-pid-random.
func (s *stack) process(t *testing.T, name string) *process {
	t.Helper()
	for _, p := range s.processes {
		if strings.Contains(name, fmt.Sprintf("-%d-", p.cmd.Process.Pid)) {
			return p
		}
	}
	t.Fatalf("no process is %s", name)
	return nil
}

// A worker that is told to stop in the middle of a deployment finishes the calls in
// flight, notes them and hands over: another one goes on without waiting for the
// lease to end, and no call is made twice.
func TestStoppedWorkerHandsOver(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, 1, 2)
	sh := s.newShop(t, "handover", false)
	sh.setTest(t, manyPrices(30))
	s.stripe.Sim.SetLatency(100 * time.Millisecond)
	inFlight := sh.hold(t, stripesim.Match{Method: "POST", Path: "^/v1/prices$", Nth: 3}, stripesim.AtAfter)
	d := sh.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_plans").ID})
	watching := mustSubscribe(t, sh.api, d.ID, 0)
	inFlight.wait(t)

	first := s.ownerOf(t, d.ID, "")
	told := time.Now()
	s.process(t, first.owner).stop(t)
	inFlight.release()
	second := s.ownerOf(t, d.ID, first.owner)
	t.Logf("handed over in %v, the call in flight included", time.Since(told).Round(time.Millisecond))
	if second.epoch != first.epoch+1 || !second.now.Before(first.leaseUntil) {
		t.Errorf("taken over under epoch %d after %d, %v before the lease of the first would have ended",
			second.epoch, first.epoch, first.leaseUntil.Sub(second.now))
	}
	for _, wrong := range oddities(watching.rest(t), 0) {
		t.Error(wrong)
	}
	ended := sh.deployment(t, d.ID)
	if ended.Status != "COMPLETED" {
		t.Errorf("ended %s: %s", ended.Status, ended.ProgressMessage)
	}
	for _, step := range ended.Steps {
		// Only Stripe's own answer tells its request; whoever looks in live finds the
		// effect alone. A step may be begun twice where the stop came before its call.
		if step.StripeRequestID == nil {
			t.Errorf("step %d was not noted by the worker that made its call", step.Index)
		}
	}
	if writes := sh.writes(t, 0); len(writes) != len(ended.Steps) {
		t.Errorf("%d writes for %d steps", len(writes), len(ended.Steps))
	}
}

// An API that is told to stop sends its watchers away with 1012 and finishes what
// was asked of it; who watched goes on elsewhere, and misses nothing.
func TestStoppedAPIDrains(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, 2, 1)
	sh := s.newShop(t, "drain", false)
	sh.setTest(t, plans())
	leaving, staying := sh.at(s.urls[0]), sh.at(s.urls[1])
	product := sh.product(t, "prod_plans")
	write := sh.hold(t, stripesim.Match{Method: "POST", Path: "^/v1/products$"}, stripesim.AtBefore)
	d := staying.mustGoLive(t, goLiveInput{ProductID: product.ID})
	watching := mustSubscribe(t, leaving, d.ID, 0)
	write.wait(t)
	read := sh.hold(t, stripesim.Match{Method: "GET", Path: "^/v1/account$"}, stripesim.AtBefore)
	asked := make(chan error, 1)
	go func() {
		_, err := client.Do[struct{}](t.Context(), leaving.Client, `query ($id: ID!) { validateProduct(productId: $id) { ok } }`, object{"id": product.ID})
		asked <- err
	}()
	read.wait(t)

	events := []event{mustNext(t, watching)}
	s.processes[0].stop(t)
	events = append(events, untilClosed(t, watching, websocket.StatusServiceRestart)...)
	notReady(t, leaving.URL)
	read.release()
	if err := domaintest.Receive(t, asked, "the answer to what was in flight"); err != nil {
		t.Errorf("the request in flight was not answered: %v", err)
	}
	domaintest.Receive(t, s.processes[0].log.over, "the end of the process")

	write.release()
	events = append(events, mustSubscribe(t, staying, d.ID, events[len(events)-1].Sequence).rest(t)...)
	for _, wrong := range oddities(events, 0) {
		t.Error(wrong)
	}
}

// untilClosed returns the events up to the end of the socket, which has to come
// with this code.
func untilClosed(t *testing.T, s subscription, code websocket.StatusCode) []event {
	t.Helper()
	var events []event
	for {
		e, err := s.Next(t.Context())
		if err == nil && e != nil {
			events = append(events, *e)
			continue
		}
		if websocket.CloseStatus(err) != code {
			t.Errorf("the socket ended with %v, want code %d", err, code)
		}
		return events
	}
}

// notReady holds a process that is stopping to say so, or to be gone.
func notReady(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return // it takes nobody any more
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("readyz of a stopping process answers %d", res.StatusCode)
	}
}
