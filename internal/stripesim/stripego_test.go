package stripesim_test

import (
	"testing"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/golive-hq/golive/internal/stripesim"
)

// goClient is Stripe's own client of the test's account.
func (b bench) goClient() *client.API {
	b.t.Helper()
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(b.URL), MaxNetworkRetries: stripe.Int64(0), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})
	return client.New(b.Account.TestKey, &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
}

// TestStripesOwnClient goes from a session to a dispute as an application would.
func TestStripesOwnClient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	api := b.goClient()
	b.product("plan")
	cs, err := api.CheckoutSessions.New(&stripe.CheckoutSessionParams{
		Mode: stripe.String("payment"), SuccessURL: stripe.String("https://a.example/?s={CHECKOUT_SESSION_ID}"),
		LineItems:         []*stripe.CheckoutSessionLineItemParams{{Price: stripe.String(b.price("plan", "")), Quantity: stripe.Int64(30)}},
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: map[string]string{"order": "1"}},
	})
	b.did(err)
	b.did(b.Sim.Pay(cs.ID, "pm_card_createDisputeInquiry"))
	expanded := &stripe.CheckoutSessionParams{}
	expanded.AddExpand("payment_intent.latest_charge.balance_transaction")
	cs, err = api.CheckoutSessions.Get(cs.ID, expanded)
	b.did(err)
	charge := cs.PaymentIntent.LatestCharge
	if cs.PaymentStatus != stripe.CheckoutSessionPaymentStatusPaid || cs.PaymentIntent.Metadata["order"] != "1" || charge.BalanceTransaction.Net != 3000-117 {
		t.Errorf("session is %+v", cs)
	}
	refund, err := api.Refunds.New(&stripe.RefundParams{PaymentIntent: stripe.String(cs.PaymentIntent.ID), Amount: stripe.Int64(500)})
	b.did(err)
	if refund.Status != stripe.RefundStatusSucceeded {
		t.Errorf("refund is %+v", refund)
	}
	found := api.Disputes.List(&stripe.DisputeListParams{PaymentIntent: stripe.String(cs.PaymentIntent.ID)})
	if !found.Next() || found.Dispute().Status != stripe.DisputeStatusWarningNeedsResponse {
		t.Errorf("dispute: %+v %v", found.Dispute(), found.Err())
	}
	_, err = api.PaymentIntents.New(&stripe.PaymentIntentParams{
		Amount: stripe.Int64(100), Currency: stripe.String("jpy"), Confirm: stripe.Bool(true), PaymentMethod: stripe.String("pm_card_chargeDeclined"),
		AutomaticPaymentMethods: &stripe.PaymentIntentAutomaticPaymentMethodsParams{Enabled: stripe.Bool(true), AllowRedirects: stripe.String("never")},
	})
	declined, ok := err.(*stripe.Error) //nolint:errorlint // stripe-go returns it unwrapped
	if !ok || declined.Type != stripe.ErrorTypeCard || declined.DeclineCode != stripe.DeclineCodeGenericDecline || declined.PaymentIntent.Currency != "jpy" {
		t.Errorf("declined with %v", err)
	}
}

// TestPaymentsByControl does from another process what the acts do in this one.
func TestPaymentsByControl(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.receive("")
	place := `"account":"` + b.Account.ID + `","mode":"test"`
	control[object](b, "PUT", "booking", `{"seconds":0}`)
	control[object](b, "PUT", "delivery", `{"paused":true}`)
	id := b.session("")
	control[object](b, "POST", "pay", `{"id":"`+id+`","method":"pm_card_authenticationRequired"}`)
	control[object](b, "POST", "authenticate", `{"id":"`+id+`","succeed":true}`)
	refund := control[object](b, "POST", "refund", `{"id":"`+id+`","amount":100}`)
	b.ok("GET", refunds+"/"+refund["id"].(string), "").wants(t, "amount", "100")
	dispute := control[object](b, "POST", "dispute", `{"id":"`+id+`","reason":"duplicate","inquiry":true,"amount":50}`)["id"].(string)
	control[object](b, "POST", "decide", `{"id":"`+dispute+`","outcome":"warning_closed"}`)
	b.ok("GET", disputes+"/"+dispute, "").wants(t, "status", "warning_closed", "amount", "50", "reason", "duplicate")
	later := b.session("")
	control[object](b, "POST", "pay", `{"id":"`+later+`","method":"sepa"}`)
	control[object](b, "POST", "settle", `{"id":"`+later+`","succeed":true}`)
	control[object](b, "POST", "adjust", `{`+place+`,"currency":"usd","amount":-25,"type":"stripe_fee"}`)
	control[object](b, "POST", "clock", `{"advance":"72h"}`)
	payouts := control[struct{ IDs []string }](b, "POST", "payout", `{`+place+`}`)
	b.ok("GET", "/v1/payouts/"+payouts.IDs[0], "").wants(t, "currency", "usd", "amount", "3699")
	event := b.ok("GET", "/v1/events?type=charge.succeeded&limit=1", "").get("data.0.id")
	sent := control[[]stripesim.Attempt](b, "POST", "deliver", `{`+place+`,"events":["`+event+`","`+event+`"]}`)
	if len(sent) != 2 || len(control[[]stripesim.Attempt](b, "GET", "attempts", "")) != 2 {
		t.Errorf("attempts are %+v", sent)
	}
	if got := r.types(t); got != "charge.succeeded charge.succeeded" {
		t.Errorf("got %s", got)
	}
	control[object](b, "PUT", "delivery", `{"parallel":2}`)
	control[object](b, "GET", "delivered", "")
	b.pending("0")
	ending := b.session("")
	control[object](b, "POST", "expire", `{"id":"`+ending+`"}`)
	b.ok("GET", sessions+"/"+ending, "").wants(t, "status", "expired")
	held := b.session("payment_intent_data[capture_method]=manual")
	control[object](b, "POST", "pay", `{"id":"`+held+`"}`)
	control[object](b, "POST", "expire", `{"id":"`+held+`"}`)
	b.ok("GET", sessions+"/"+held+"?expand[]=payment_intent", "").wants(t, "status", "complete", "payment_intent.status", "canceled")
	b.refused(400, "POST", "/_sim/expire", `{"id":"`+held+`"}`)
	control[object](b, "POST", "disable", `{"id":"`+r.id+`"}`)
	b.ok("GET", "/v1/webhook_endpoints/"+r.id, "").wants(t, "status", "disabled")
	b.refused(400, "POST", "/_sim/disable", `{"id":"`+held+`"}`)
	b.refused(400, "POST", "/_sim/pay", `{"id":"cs_none"}`)
	b.refused(400, "POST", "/_sim/pay", `{"id":"`+id+`","method":"gold"}`)
}
