package stripesim_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

func TestWebhooksAreSignedAndInOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, other := b.receive(""), b.receive("", b.live())
	b.paid("pm_card_visa")
	b.settle()
	if got := r.types(t); got != paidEvents {
		t.Errorf("got %s", got)
	}
	if got := other.take(); len(got) != 0 {
		t.Errorf("the live endpoint got %d events of test mode", len(got))
	}
	b.pending("0")
	b.ok("GET", "/v1/events?delivery_success=true&type=charge.succeeded", "").wants(t, "data.0.pending_webhooks", "0")
	b.ok("POST", "/v1/webhook_endpoints/"+r.id, "disabled=true")
	b.paid("pm_card_visa")
	b.settle()
	if got := r.take(); len(got) != 0 {
		t.Errorf("the disabled endpoint got %d events", len(got))
	}
	b.pending("0")
}

func TestWebhooksAreRetried(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.receive("")
	r.answer(http.StatusInternalServerError)
	b.paid("pm_card_visa")
	b.settle()
	if got := len(r.take()); got != 3 {
		t.Fatalf("%d attempts", got)
	}
	b.pending("3")
	b.Sim.Advance(9 * time.Minute)
	b.settle()
	if got := len(r.take()); got != 0 {
		t.Errorf("%d attempts before it was time", got)
	}
	r.answer(http.StatusFound) // a redirect is a failure, too
	b.Sim.Advance(2 * time.Minute)
	b.settle()
	r.answer(http.StatusOK)
	if got := len(r.take()); got != 3 {
		t.Errorf("%d second attempts", got)
	}
	b.Sim.Advance(time.Hour)
	b.settle()
	if got := r.types(t); got != paidEvents {
		t.Errorf("got %s", got)
	}
	b.pending("0")
	attempts := b.Sim.Attempts()
	if last := attempts[len(attempts)-1]; last.Number != 3 || last.Status != 200 || last.EndpointID != r.id {
		t.Errorf("last attempt was %+v", last)
	}
}

// TestTestModeGivesUp after three retries, live mode after three days.
func TestWebhooksAreGivenUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, live := b.receive(""), b.receive("", b.live())
	r.answer(500)
	live.answer(500)
	b.intent("")
	b.intent("", b.live())
	for range 80 {
		b.settle()
		b.Sim.Advance(time.Hour)
	}
	b.settle()
	if got := len(r.take()); got != 4 {
		t.Errorf("%d attempts in test mode", got)
	}
	if got := len(live.take()); got != 12 {
		t.Errorf("%d attempts in live mode", got)
	}
	b.pending("1")
}

func TestFailingEndpointIsDisabled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.receive("")
	r.answer(500)
	for range 10 {
		b.intent("")
		b.settle()
		b.Sim.Advance(24 * time.Hour)
	}
	b.settle()
	b.ok("GET", "/v1/webhook_endpoints/"+r.id, "").wants(t, "status", "disabled")
	r.answer(200)
	b.ok("POST", "/v1/webhook_endpoints/"+r.id, "disabled=false").wants(t, "status", "enabled")
	r.take()
	b.intent("")
	b.settle()
	if got := r.types(t); got != "payment_intent.created" {
		t.Errorf("got %s", got)
	}
}

func TestDelayedWebhooks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.receive("")
	b.Sim.SetDelivery(stripesim.Delivery{Delay: 6 * 3600 * 1000})
	b.paid("pm_card_visa")
	b.settle()
	if got := len(r.take()); got != 0 {
		t.Errorf("%d came at once", got)
	}
	b.pending("3")
	b.Sim.Advance(6*time.Hour + time.Second)
	b.settle()
	if got := r.types(t); got != paidEvents {
		t.Errorf("got %s", got)
	}
}

func TestShuffledWebhooks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.receive("")
	b.Sim.SetDelivery(stripesim.Delivery{Paused: true})
	for range 10 {
		b.paid("pm_card_visa")
	}
	b.Sim.SetDelivery(stripesim.Delivery{Shuffle: true, Seed: 7})
	b.settle()
	got := strings.Fields(r.types(t))
	if len(got) != 30 || slices.Equal(got, strings.Fields(strings.Repeat(paidEvents+" ", 10))) {
		t.Errorf("got %v", got)
	}
}

// TestParallelWebhooks: the endpoint answers nobody until two have come.
func TestParallelWebhooks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var together sync.WaitGroup
	together.Add(2)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		together.Done()
		together.Wait()
	}))
	t.Cleanup(server.Close)
	b.Sim.SetDelivery(stripesim.Delivery{Paused: true})
	b.ok("POST", "/v1/webhook_endpoints", "url="+server.URL+"&enabled_events[]=payment_intent.created")
	b.intent("")
	b.intent("")
	b.Sim.SetDelivery(stripesim.Delivery{Parallel: 2})
	b.settle()
	b.pending("0")
}

// TestSlowEndpointHoldsUpNobody: it answers once the other one has all.
func TestSlowEndpointHoldsUpNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	t.Cleanup(server.Close)
	b.ok("POST", "/v1/webhook_endpoints", "url="+server.URL+"&enabled_events[]=payment_intent.created")
	r := b.receive("")
	b.intent("")
	b.eventually(func() bool { return len(r.take()) == 1 })
	b.intent("") // comes though the round before is not over
	b.eventually(func() bool { return len(r.take()) == 1 })
	close(hold)
	b.settle()
	b.pending("0")
}

// TestOneAfterTheOther: an endpoint that is busy gets nothing else.
func TestOneAfterTheOther(t *testing.T) {
	t.Parallel()
	b := setup(t)
	hold := make(chan struct{})
	var now, most atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		<-hold
		now.Add(-1)
	}))
	t.Cleanup(server.Close)
	b.ok("POST", "/v1/webhook_endpoints", "url="+server.URL+"&enabled_events[]=payment_intent.created")
	for range 20 {
		b.intent("")
	}
	close(hold)
	b.settle()
	if most.Load() != 1 {
		t.Errorf("%d came at once", most.Load())
	}
}

// TestWebhooksComeByThemselves: nobody moves the clock, nor asks anything.
func TestWebhooksComeByThemselves(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.receive("")
	b.Sim.SetDelivery(stripesim.Delivery{Delay: 5})
	b.intent("")
	b.eventually(func() bool { return len(r.take()) == 1 })
}

// TestDeliverByHand: tests choose the order, as often as they like.
func TestDeliverByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.receive("")
	b.Sim.SetDelivery(stripesim.Delivery{Paused: true})
	b.paid("pm_card_visa")
	var ids []string
	for _, e := range b.ok("GET", "/v1/events", "").body["data"].([]any) {
		if typ := fmt.Sprint(e.(map[string]any)["type"]); typ != "charge.updated" {
			ids = append(ids, fmt.Sprint(e.(map[string]any)["id"]))
		}
	}
	attempts, err := b.Sim.Deliver(t.Context(), b.Account.ID, stripesim.Test, append(ids, ids[0])...)
	b.did(err)
	if len(attempts) != 4 || attempts[3].Status != http.StatusOK {
		t.Errorf("attempts are %+v", attempts)
	}
	if got := r.types(t); got != "payment_intent.succeeded charge.succeeded payment_intent.created payment_intent.succeeded" {
		t.Errorf("got %s", got)
	}
	b.pending("0")
	if _, err := b.Sim.Deliver(t.Context(), b.Account.ID, stripesim.Test, "evt_none"); err == nil {
		t.Error("an event was made up")
	}
}

// TestDeliveryNeverLeavesTheMachine: what others would get counts as delivered.
func TestDeliveryNeverLeavesTheMachine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ok("POST", "/v1/webhook_endpoints", "url=https://a.example/hook&enabled_events[]=*")
	b.paid("pm_card_visa")
	b.settle()
	b.pending("0")
	if attempts := b.Sim.Attempts(); len(attempts) != 0 {
		t.Errorf("attempts were %+v", attempts)
	}
}

func TestDeliveredKnowsItsContext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hold) })
	b.ok("POST", "/v1/webhook_endpoints", "url="+server.URL+"&enabled_events[]=*")
	b.intent("")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Sim.Delivered(ctx); err == nil {
		t.Error("an endpoint that never answers was waited out")
	}
}
