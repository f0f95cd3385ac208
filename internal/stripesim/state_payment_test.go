package stripesim_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

// TestPaymentsSurviveARestart: objects, what is due, and what is yet to be sent.
func TestPaymentsSurviveARestart(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/stripe.json"
	var account stripesim.Account
	var session, intent, dispute string
	var before stripesim.State
	var r *receiver
	t.Run("first", func(t *testing.T) {
		b := bench{simtest.StartWith(t, stripesim.Config{StateFile: file}), t}
		account = b.Account
		outer := bench{b.Server, t}
		r = outer.receive("")
		b.Sim.SetDelivery(stripesim.Delivery{Paused: true})
		session = b.session("")
		b.did(b.Sim.Pay(session, stripesim.SEPA))
		intent = b.intent("capture_method=manual&payment_method_types[]=card&payment_method=pm_card_visa&confirm=true")
		_, d := b.disputed("pm_card_createDispute")
		dispute = d.get("data.0.id")
		before = dump(t, b)
		before.PaymentState = state(t, b).PaymentState
	})
	b := bench{simtest.StartWith(t, stripesim.Config{StateFile: file}), t}
	b.Account = account
	after := dump(t, b)
	after.PaymentState = state(t, b).PaymentState
	before.WebhookEndpoints, after.WebhookEndpoints = nil, nil // that one is being sent to already
	if encode(t, after) != encode(t, before) {
		t.Error("the objects differ after the restart")
	}
	b.did(b.Sim.Settle(session, true))
	b.ok("GET", sessions+"/"+session, "").wants(t, "payment_status", "paid")
	b.Sim.Advance(8 * 24 * time.Hour)
	b.ok("GET", intents+"/"+intent, "").wants(t, "status", "canceled")
	b.ok("GET", disputes+"/"+dispute, "").wants(t, "status", "needs_response")
	b.settle()
	var sent []string
	for _, a := range b.Sim.Attempts() {
		sent = append(sent, a.Type)
	}
	if !slices.Contains(sent, "payment_intent.created") {
		t.Errorf("what was to be sent to %s was forgotten: %v", r.url, sent)
	}
}

func state(t *testing.T, b bench) stripesim.State {
	t.Helper()
	s, err := b.Sim.Dump(b.Account.ID, stripesim.Test)
	b.did(err)
	return s
}

// TestDeliveryCutOffIsMadeAgain: whoever never got to answer is asked after the restart.
func TestDeliveryCutOffIsMadeAgain(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/stripe.json"
	asked, hold := make(chan struct{}, 2), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-hold
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hold) })
	t.Run("first", func(t *testing.T) {
		b := bench{simtest.StartWith(t, stripesim.Config{StateFile: file}), t}
		b.ok("POST", "/v1/webhook_endpoints", "enabled_events[]=payment_intent.created&url="+server.URL)
		b.intent("")
		<-asked
	})
	simtest.StartWith(t, stripesim.Config{StateFile: file})
	<-asked
}
