package stripesim_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim"
)

const intents, sessions = "/v1/payment_intents", "/v1/checkout/sessions"

// intent creates one of 20 dollars and returns its id.
func (b bench) intent(more string, changes ...with) string {
	b.t.Helper()
	return b.ok("POST", intents, "amount=2000&currency=usd&"+more, changes...).get("id")
}

// paid creates an intent of 20 dollars that a test card has been charged for.
func (b bench) paid(method string) string {
	b.t.Helper()
	return b.intent("payment_method_types[]=card&confirm=true&metadata[order]=1&payment_method=" + method)
}

// session creates one of 20 dollars and returns its id.
func (b bench) session(more string, changes ...with) string {
	b.t.Helper()
	id := "plan" + fmt.Sprint(b.Sim.Now().UnixNano())
	b.ok("POST", "/v1/products", "name=Plan&id="+id, changes...)
	price := b.ok("POST", "/v1/prices", "currency=usd&unit_amount=1000&product="+id, changes...).get("id")
	return b.ok("POST", sessions, "mode=payment&success_url=https://shop.example/paid?s={CHECKOUT_SESSION_ID}&line_items[0][price]="+price+
		"&line_items[0][quantity]=2&"+more, changes...).get("id")
}

func (b bench) did(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// happened are the types of all events in their order, those of the catalogue left out.
func (b bench) happened(changes ...with) string {
	b.t.Helper()
	var types []string
	for _, e := range b.ok("GET", "/v1/events?limit=100", "", changes...).body["data"].([]any) {
		typ := e.(map[string]any)["type"].(string)
		if !strings.HasPrefix(typ, "product.") && !strings.HasPrefix(typ, "price.") {
			types = append([]string{typ}, types...)
		}
	}
	return strings.Join(types, " ")
}

// sees fails the test unless exactly these events have happened.
func (b bench) sees(want string) {
	b.t.Helper()
	if got := b.happened(); got != want {
		b.t.Errorf("events\n got %s\nwant %s", got, want)
	}
}

const paidEvents = "payment_intent.created charge.succeeded payment_intent.succeeded"

func TestIntentIsPaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.ok("POST", intents, "amount=2000&currency=USD&payment_method=pm_card_visa&confirm=true&return_url=https://a.example"+
		"&metadata[order]=7&expand[]=latest_charge.balance_transaction&receipt_email=a@example.com", key("k"))
	a.wants(t, "status", "succeeded", "amount_received", "2000", "currency", "usd", "metadata", "map[order:7]", "livemode", "false",
		"latest_charge.metadata", "map[order:7]", "latest_charge.payment_method_details.card.last4", "4242", "latest_charge.captured", "true",
		"latest_charge.balance_transaction", "<nil>", "latest_charge.payment_intent", a.get("id"), "automatic_payment_methods.enabled", "true")
	if again := b.ok("POST", intents, "amount=2000&currency=USD&payment_method=pm_card_visa&confirm=true&return_url=https://a.example"+
		"&metadata[order]=7&expand[]=latest_charge.balance_transaction&receipt_email=a@example.com", key("k")); again.text != a.text {
		t.Error("the key paid again")
	}
	read := b.ok("GET", intents+"/"+a.get("id")+"?expand[]=latest_charge.balance_transaction", "")
	read.wants(t, "latest_charge.balance_transaction.amount", "2000", "latest_charge.balance_transaction.fee", "88",
		"latest_charge.balance_transaction.net", "1912", "latest_charge.balance_transaction.type", "charge",
		"latest_charge.balance_transaction.status", "pending", "latest_charge.balance_transaction.source", a.get("latest_charge.id"))
	b.ok("GET", "/v1/charges?payment_intent="+a.get("id"), "").wants(t, "data.0.id", a.get("latest_charge.id"), "data.1", "<none>")
	b.ok("GET", "/v1/charges/"+a.get("latest_charge.id"), "").wants(t, "paid", "true", "receipt_email", "a@example.com")
	b.ok("GET", intents+"?created[gte]=1", "").wants(t, "data.0.id", a.get("id"))
	b.sees(paidEvents + " charge.updated")
	b.ok("GET", "/v1/events?type=charge.updated", "").wants(t, "data.0.data.previous_attributes", "map[balance_transaction:<nil>]")
	b.ok("GET", "/v1/balance", "").wants(t, "pending.0.amount", "1912", "available.0.amount", "0")
}

func TestBookingTakesItsTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Sim.SetBookingDelay(5e9)
	id := b.paid("pm_card_visa")
	charge := b.ok("GET", intents+"/"+id, "").get("latest_charge")
	b.ok("GET", "/v1/charges/"+charge, "").wants(t, "balance_transaction", "<nil>")
	b.Sim.Advance(6e9)
	if a := b.ok("GET", "/v1/charges/"+charge, ""); a.get("balance_transaction") == "<nil>" {
		t.Error("the charge was never booked")
	}
	b.sees(paidEvents + " charge.updated")
}

func TestIntentIsDeclined(t *testing.T) {
	t.Parallel()
	for method, wants := range map[string][2]string{
		"pm_card_visa_chargeDeclined":                  {"card_declined", "generic_decline"},
		"pm_card_visa_chargeDeclinedInsufficientFunds": {"card_declined", "insufficient_funds"},
		"pm_card_visa_chargeDeclinedLostCard":          {"card_declined", "lost_card"},
		"pm_card_chargeDeclinedExpiredCard":            {"expired_card", ""},
		"pm_card_chargeDeclinedIncorrectCvc":           {"incorrect_cvc", ""},
		"pm_card_chargeDeclinedProcessingError":        {"processing_error", ""},
		"pm_card_radarBlock":                           {"card_declined", "fraudulent"},
	} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			b := bench{setup(t).Server, t}
			id := b.intent("payment_method_types[]=card")
			a := b.refused(402, "POST", intents+"/"+id+"/confirm", "payment_method="+method,
				"type", "card_error", "code", wants[0], "decline_code", wants[1], "doc_url", "error-codes")
			a.wants(t, "error.payment_intent.id", id, "error.payment_intent.status", "requires_payment_method",
				"error.payment_intent.payment_method", "<nil>", "error.payment_intent.last_payment_error.code", wants[0])
			b.ok("GET", "/v1/charges/"+a.get("error.charge"), "").wants(t, "status", "failed", "paid", "false", "failure_code", wants[0])
			b.sees("payment_intent.created charge.failed payment_intent.payment_failed")
			b.ok("POST", intents+"/"+id+"/confirm", "payment_method=pm_card_visa").wants(t, "status", "succeeded", "last_payment_error", "<nil>")
		})
	}
}

// TestDeclineIsKeptUnderItsKey: the same request is not charged again.
func TestDeclineIsKeptUnderItsKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const form = "amount=2000&currency=usd&payment_method_types[]=card&confirm=true&payment_method=pm_card_chargeDeclined"
	first, second := b.must("POST", intents, form, key("k")), b.must("POST", intents, form, key("k"))
	if first.status != 402 || second.text != first.text || second.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%d %s\n%d %s", first.status, first.text, second.status, second.text)
	}
	b.sees("payment_intent.created charge.failed payment_intent.payment_failed")
}

func TestIntentAsksForAuthentication(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.intent("payment_method=pm_card_authenticationRequired&confirm=true&return_url=https://a.example/back")
	a := b.ok("GET", intents+"/"+id, "")
	a.wants(t, "status", "requires_action", "next_action.type", "redirect_to_url", "next_action.redirect_to_url.return_url", "https://a.example/back")
	if page := b.ok("GET", strings.TrimPrefix(a.get("next_action.redirect_to_url.url"), b.URL), ""); !strings.Contains(page.text, "Complete authentication") {
		t.Errorf("the page says %s", page.text)
	}
	b.did(b.Sim.Authenticate(id, false))
	b.ok("GET", intents+"/"+id, "").wants(t, "status", "requires_payment_method", "last_payment_error.code", "payment_intent_authentication_failure")
	b.ok("POST", intents+"/"+id+"/confirm", "payment_method=pm_card_authenticationRequired&return_url=https://a.example").wants(t, "status", "requires_action")
	b.did(b.Sim.Authenticate(id, true))
	b.ok("GET", intents+"/"+id, "").wants(t, "status", "succeeded", "next_action", "<nil>", "last_payment_error", "<nil>")
	b.sees("payment_intent.created payment_intent.requires_action payment_intent.payment_failed payment_intent.requires_action" +
		" charge.succeeded payment_intent.succeeded charge.updated")
	other := b.intent("payment_method_types[]=card")
	b.refused(402, "POST", intents+"/"+other+"/confirm", "payment_method=pm_card_authenticationRequired&error_on_requires_action=true",
		"code", "authentication_required")
}

func TestHoldIsCaptured(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.intent("capture_method=manual&payment_method_types[]=card&payment_method=pm_card_visa&confirm=true")
	held := b.ok("GET", intents+"/"+id+"?expand[]=latest_charge", "")
	held.wants(t, "status", "requires_capture", "amount_capturable", "2000", "amount_received", "0", "latest_charge.captured", "false")
	if until := held.get("latest_charge.payment_method_details.card.capture_before"); until != fmt.Sprint(int(b.created(held))+7*24*3600) {
		t.Errorf("capture_before is %s", until)
	}
	b.refused(400, "POST", intents+"/"+id+"/capture", "amount_to_capture=2001", "code", "amount_too_large")
	b.refused(400, "POST", intents+"/"+id+"/capture", "final_capture=false", "param", "final_capture")
	b.ok("POST", intents+"/"+id+"/capture", "amount_to_capture=1500&metadata[k]=v").wants(t, "status", "succeeded", "amount_received", "1500",
		"amount_capturable", "0", "metadata", "map[k:v]")
	b.ok("GET", "/v1/charges/"+held.get("latest_charge.id")+"?expand[]=balance_transaction", "").wants(t, "captured", "true", "amount", "2000",
		"amount_captured", "1500", "amount_refunded", "500", "refunded", "false", "balance_transaction.amount", "1500", "balance_transaction.fee", "74")
	b.ok("GET", "/v1/refunds?payment_intent="+id, "").wants(t, "data", "[]")
	b.refused(400, "POST", intents+"/"+id+"/capture", "", "code", "payment_intent_unexpected_state", "message", "status of succeeded")
	b.refused(400, "POST", "/v1/refunds", "payment_intent="+id+"&amount=1501", "param", "amount")
	b.sees("payment_intent.created charge.succeeded payment_intent.amount_capturable_updated charge.captured payment_intent.succeeded charge.updated")
}

func (b bench) created(a reply) float64 { return a.body["created"].(float64) }

func TestHoldEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.intent("capture_method=manual&payment_method_types[]=card&payment_method=pm_card_visa&confirm=true")
	b.Sim.Advance(7*24*3600e9 + 1e9)
	a := b.ok("GET", intents+"/"+id+"?expand[]=latest_charge", "")
	a.wants(t, "status", "canceled", "cancellation_reason", "automatic", "latest_charge.refunded", "true", "amount_capturable", "0",
		"canceled_at", a.get("latest_charge.payment_method_details.card.capture_before"))
	b.refused(400, "POST", intents+"/"+id+"/capture", "", "code", "payment_intent_unexpected_state")
	b.sees("payment_intent.created charge.succeeded payment_intent.amount_capturable_updated payment_intent.canceled charge.expired")
	b.ok("GET", "/v1/events?limit=1", "").wants(t, "data.0.request.id", "<nil>", "data.0.created", a.get("canceled_at"))
}

func TestIntentIsCancelled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.intent("")
	b.ok("POST", intents+"/"+id+"/cancel", "cancellation_reason=abandoned").wants(t, "status", "canceled", "cancellation_reason", "abandoned")
	a := b.refused(400, "POST", intents+"/"+id+"/cancel", "", "code", "payment_intent_unexpected_state", "message",
		"You cannot cancel this PaymentIntent because it has a status of canceled. Only a PaymentIntent with one of the following statuses may be canceled")
	a.wants(t, "error.payment_intent.id", id)
	b.refused(400, "POST", intents+"/"+id+"/confirm", "payment_method=pm_card_visa", "code", "payment_intent_unexpected_state")
	paid := b.paid("pm_card_visa")
	b.refused(400, "POST", intents+"/"+paid+"/cancel", "", "code", "payment_intent_unexpected_state", "message", "status of succeeded")
	b.refused(400, "POST", intents+"/"+paid+"/confirm", "", "message", "already succeeded")
	b.refused(400, "POST", intents+"/"+paid, "amount=5000", "code", "payment_intent_unexpected_state")
	b.ok("POST", intents+"/"+paid, "metadata[order]=&metadata[x]=y&description=D").wants(t, "metadata", "map[x:y]", "description", "D")
	held := b.intent("capture_method=manual&payment_method_types[]=card&payment_method=pm_card_visa&confirm=true")
	b.ok("POST", intents+"/"+held+"/cancel", "").wants(t, "status", "canceled", "amount_capturable", "0")
}

func TestIntentIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for form, wants := range map[string][2]string{
		"amount=49&currency=usd":                                           {"amount_too_small", "amount"},
		"amount=100000000&currency=usd":                                    {"amount_too_large", "amount"},
		"amount=0&currency=usd":                                            {"parameter_invalid_integer", "amount"},
		"amount=100.5&currency=usd":                                        {"parameter_invalid_integer", "amount"},
		"amount=1010&currency=isk":                                         {"parameter_invalid_integer", "amount"},
		"amount=1001&currency=kwd":                                         {"parameter_invalid_integer", "amount"},
		"amount=100&currency=xxx":                                          {"", "currency"},
		"amount=100&currency=usd&receipt_email=nobody":                     {"email_invalid", "receipt_email"},
		"amount=100":                                                       {"parameter_missing", "currency"},
		"currency=usd":                                                     {"parameter_missing", "amount"},
		"amount=100&currency=usd&colour=red":                               {"parameter_unknown", "colour"},
		"amount=100&currency=usd&payment_method=pm_card_none":              {"resource_missing", "payment_method"},
		"amount=100&currency=usd&confirm=true":                             {"payment_intent_unexpected_state", ""},
		"amount=100&currency=usd&return_url=https://a.example":             {"", "return_url"},
		"amount=100&currency=usd&confirm=true&payment_method=pm_card_visa": {"", ""},
		"amount=100&currency=usd&automatic_payment_methods[enabled]=true&payment_method_types[]=card": {"parameters_exclusive", "payment_method_types"},
		"amount=100&currency=usd&payment_method_types[]=gold":                                         {"", "payment_method_types"},
		"amount=100&currency=usd&metadata[" + strings.Repeat("k", 41) + "]=v":                         {"", "metadata"},
	} {
		b.refused(400, "POST", intents, form, "code", wants[0], "param", wants[1])
	}
	b.ok("POST", intents, "amount=30&currency=gbp")
	b.refused(404, "GET", intents+"/pi_none", "", "code", "resource_missing", "param", "intent", "message", "No such payment_intent: 'pi_none'")
}

// TestLiveTakesNoTestMethod: a live key is refused what test mode pays with, and pays by
// the simulator's own customer.
func TestLiveTakesNoTestMethod(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.intent("payment_method_types[]=card&payment_method_types[]=sepa_debit", b.live())
	b.must("POST", intents+"/"+id+"/confirm", "payment_method=pm_card_visa", b.live()).isRefusal(t, 400, "code", "resource_missing",
		"message", "a similar object exists in test mode, but a live mode key was used")
	b.must("POST", intents+"/"+id+"/confirm", "payment_method_data[type]=sepa_debit&payment_method_data[sepa_debit][iban]="+laterIBAN,
		b.live()).isRefusal(t, 400, "message", "live mode")
	b.refused(404, "GET", intents+"/"+id, "", "message", "a similar object exists in live mode")
	b.did(b.Sim.Pay(id, ""))
	b.ok("GET", intents+"/"+id, "", b.live()).wants(t, "status", "succeeded", "livemode", "true")
	if err := b.Sim.Pay(id, ""); err == nil {
		t.Error("it was paid twice")
	}
	if err := b.Sim.Pay("pi_none", stripesim.Card); err == nil {
		t.Error("nothing was paid")
	}
	if err := b.Sim.Pay(id, "pm_gold"); err == nil {
		t.Error("it was paid in gold")
	}
}

const laterIBAN, failingIBAN = "AT321904300235473204", "AT051904300235473205"

func TestDebitSettlesLater(t *testing.T) {
	t.Parallel()
	b := setup(t)
	confirmed := func(iban string) string {
		return b.ok("POST", intents, "amount=2000&currency=eur&confirm=true&payment_method_types[]=sepa_debit&payment_method_data[type]=sepa_debit"+
			"&payment_method_data[sepa_debit][iban]="+iban+"&payment_method_data[billing_details][email]="+url.QueryEscape("a@example.com")).get("id")
	}
	good, bad := confirmed(laterIBAN), confirmed(failingIBAN)
	b.ok("GET", intents+"/"+good+"?expand[]=latest_charge", "").wants(t, "status", "processing", "latest_charge.status", "pending")
	b.refused(400, "POST", intents+"/"+good+"/cancel", "", "code", "payment_intent_unexpected_state")
	b.Sim.Advance(3 * 60e9)
	b.ok("GET", intents+"/"+good+"?expand[]=latest_charge.balance_transaction", "").wants(t, "status", "succeeded",
		"latest_charge.status", "succeeded", "latest_charge.balance_transaction.type", "payment", "latest_charge.balance_transaction.reporting_category", "charge")
	b.ok("GET", intents+"/"+bad+"?expand[]=latest_charge", "").wants(t, "status", "requires_payment_method", "latest_charge.status", "failed")
}
