package stripesim_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim"
)

func TestSessionIsPaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.session("client_reference_id=order-1&metadata[order]=1&payment_intent_data[metadata][order]=2&customer_email=a@example.com" +
		"&cancel_url=https://shop.example/cart")
	a := b.ok("GET", sessions+"/"+id, "")
	a.wants(t, "status", "open", "payment_status", "unpaid", "payment_intent", "<nil>", "amount_total", "2000", "amount_subtotal", "2000",
		"currency", "usd", "client_reference_id", "order-1", "metadata", "map[order:1]", "url", b.URL+"/pay/"+id, "line_items", "<nil>",
		"expires_at", fmt.Sprint(int(b.created(a))+24*3600))
	b.ok("GET", sessions+"/"+id+"/line_items", "").wants(t, "data.0.quantity", "2", "data.0.amount_total", "2000", "data.0.price.unit_amount", "1000")
	b.ok("GET", sessions+"/"+id+"?expand[]=line_items.data.price.product", "").wants(t, "line_items.data.0.price.product.name", "Plan")
	b.did(b.Sim.Pay(id, ""))
	paid := b.ok("GET", sessions+"/"+id+"?expand[]=payment_intent.latest_charge.balance_transaction", "")
	paid.wants(t, "status", "complete", "payment_status", "paid", "url", "<nil>", "payment_intent.status", "succeeded",
		"payment_intent.metadata", "map[order:2]", "payment_intent.latest_charge.balance_transaction.net", "1912",
		"customer_details.email", "a@example.com")
	b.ok("GET", sessions+"?payment_intent="+paid.get("payment_intent.id"), "").wants(t, "data.0.id", id)
	b.ok("GET", sessions+"?status=open", "").wants(t, "data", "[]")
	b.sees("payment_intent.created charge.succeeded payment_intent.succeeded checkout.session.completed charge.updated")
	b.refused(400, "POST", sessions+"/"+id+"/expire", "", "message", "status of `complete`")
}

func TestSessionIsDeclinedThenPaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.session("")
	b.did(b.Sim.Pay(id, "pm_card_chargeDeclined"))
	a := b.ok("GET", sessions+"/"+id+"?expand[]=payment_intent", "")
	a.wants(t, "status", "open", "payment_status", "unpaid", "payment_intent.status", "requires_payment_method",
		"payment_intent.last_payment_error.decline_code", "generic_decline")
	intent := intents + "/" + a.get("payment_intent.id")
	b.refused(400, "POST", intent+"/cancel", "", "message", "Checkout Session")
	b.refused(400, "POST", intent+"/confirm", "payment_method=pm_card_visa", "message", "Checkout Session")
	b.did(b.Sim.Pay(id, "pm_card_authenticationRequired"))
	b.did(b.Sim.Authenticate(id, true))
	b.ok("GET", sessions+"/"+id, "").wants(t, "status", "complete", "payment_intent", a.get("payment_intent.id"))
	b.sees("payment_intent.created charge.failed payment_intent.payment_failed payment_intent.requires_action" +
		" charge.succeeded payment_intent.succeeded checkout.session.completed charge.updated")
}

func TestSessionIsPaidByDebit(t *testing.T) {
	t.Parallel()
	for _, succeed := range []bool{true, false} {
		t.Run(fmt.Sprint(succeed), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id := b.session("")
			b.did(b.Sim.Pay(id, stripesim.SEPA))
			b.ok("GET", sessions+"/"+id+"?expand[]=payment_intent", "").wants(t, "status", "complete", "payment_status", "unpaid",
				"payment_intent.status", "processing")
			b.Sim.Advance(14 * 24 * 3600e9)
			b.did(b.Sim.Settle(id, succeed))
			begun := "payment_intent.created payment_intent.processing charge.pending checkout.session.completed "
			if succeed {
				b.ok("GET", sessions+"/"+id, "").wants(t, "payment_status", "paid")
				b.sees(begun + "charge.succeeded payment_intent.succeeded checkout.session.async_payment_succeeded charge.updated")
			} else {
				b.ok("GET", sessions+"/"+id, "").wants(t, "payment_status", "unpaid", "status", "complete")
				b.sees(begun + "charge.failed payment_intent.payment_failed checkout.session.async_payment_failed")
			}
			if err := b.Sim.Settle(id, succeed); err == nil {
				t.Error("it was settled twice")
			}
		})
	}
}

func TestSessionExpires(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := b.Sim.Now().Unix() + 31*60
	id := b.session(fmt.Sprintf("expires_at=%d", at))
	b.did(b.Sim.Pay(id, "pm_card_chargeDeclined"))
	b.Sim.Advance(31*60e9 + 1e9)
	a := b.ok("GET", sessions+"/"+id+"?expand[]=payment_intent", "")
	a.wants(t, "status", "expired", "url", "<nil>", "payment_intent.status", "canceled")
	b.sees("payment_intent.created charge.failed payment_intent.payment_failed checkout.session.expired payment_intent.canceled")
	b.ok("GET", "/v1/events?type=checkout.session.expired", "").wants(t, "data.0.created", fmt.Sprint(at), "data.0.data.object.id", id)
	b.refused(400, "POST", sessions+"/"+id+"/expire", "", "message", "status of `expired`")
	if err := b.Sim.Pay(id, ""); err == nil {
		t.Error("it was paid after it had expired")
	}
	other := b.session("")
	b.ok("POST", sessions+"/"+other+"/expire", "").wants(t, "status", "expired", "url", "<nil>", "payment_intent", "<nil>")
	b.Sim.Advance(48 * 3600e9)
	b.ok("GET", "/v1/events?type=checkout.session.expired", "").wants(t, "data.2", "<none>")
}

func TestSessionHolds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.session("payment_intent_data[capture_method]=manual")
	b.did(b.Sim.Pay(id, ""))
	a := b.ok("GET", sessions+"/"+id+"?expand[]=payment_intent", "")
	a.wants(t, "status", "complete", "payment_status", "unpaid", "payment_intent.status", "requires_capture")
	b.ok("POST", intents+"/"+a.get("payment_intent.id")+"/capture", "")
	b.ok("GET", sessions+"/"+id, "").wants(t, "payment_status", "paid")
	b.sees("payment_intent.created charge.succeeded payment_intent.amount_capturable_updated checkout.session.completed" +
		" charge.captured payment_intent.succeeded charge.updated")
	void := b.session("payment_intent_data[capture_method]=manual")
	b.did(b.Sim.Pay(void, ""))
	b.ok("POST", intents+"/"+b.ok("GET", sessions+"/"+void, "").get("payment_intent")+"/cancel", "").wants(t, "status", "canceled")
}

func TestSessionIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("plan")
	b.product("gone")
	price, passive, ofGone := b.price("plan", ""), b.price("plan", "active=false"), b.price("gone", "")
	monthly, euro := b.price("plan", "recurring[interval]=month"), b.ok("POST", "/v1/prices", "currency=eur&unit_amount=100&product=plan").get("id")
	cheap := b.ok("POST", "/v1/prices", "currency=usd&unit_amount=49&product=plan").get("id")
	dear := b.ok("POST", "/v1/prices", "currency=usd&unit_amount=99999999&product=plan").get("id")
	b.ok("POST", "/v1/products/gone", "active=false")
	line := func(i int, price string) string {
		return fmt.Sprintf("&line_items[%d][price]=%s&line_items[%[1]d][quantity]=2", i, price)
	}
	const base = "mode=payment&success_url=https://a.example"
	for form, wants := range map[string][2]string{
		base:                            {"line_items", "line_items"},
		"mode=payment" + line(0, price): {"success_url", "success_url"},
		"success_url=https://a.example" + line(0, price):                                     {"mode", "mode"},
		"mode=payment&success_url=paid" + line(0, price):                                     {"success_url", "URL"},
		"mode=subscription&success_url=https://a.example" + line(0, price):                   {"mode", "payment"},
		base + line(0, "price_none"):                                                         {"line_items[0][price]", "No such price"},
		base + line(0, passive):                                                              {"line_items[0][price]", "The price specified is inactive."},
		base + line(0, ofGone):                                                               {"line_items[0][price]", "product"},
		base + line(0, monthly):                                                              {"line_items[0][price]", "recurring price"},
		base + line(0, price) + line(1, euro):                                                {"line_items[1][price]", "expected currency: `usd`"},
		base + line(0, dear):                                                                 {"line_items[0][price]", "no more than"},
		base + "&line_items[0][price]=" + price:                                              {"line_items[0][quantity]", "Quantity is required"},
		base + "&line_items[0][price]=" + cheap + "&line_items[0][quantity]=1":               {"", "at least 50"},
		base + "&line_items[0][price]=" + price + "&line_items[0][quantity]=0":               {"line_items[0][quantity]", "greater than"},
		base + line(0, price) + fmt.Sprintf("&expires_at=%d", b.Sim.Now().Unix()+1700):       {"expires_at", "30 minutes"},
		base + line(0, price) + fmt.Sprintf("&expires_at=%d", b.Sim.Now().Unix()+24*3600+60): {"expires_at", "24 hours"},
		base + line(0, price) + "&client_reference_id=" + strings.Repeat("x", 201):           {"client_reference_id", "200"},
		base + line(0, price) + "&tip=5":                                                     {"tip", "unknown parameter"},
	} {
		b.refused(400, "POST", sessions, form, "param", wants[0], "message", wants[1])
	}
	b.refused(404, "GET", sessions+"/cs_none", "", "code", "resource_missing")
}

// TestLineIsRoundedOnce: three at half a cent are two cents.
func TestLineIsRoundedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("plan")
	price := b.ok("POST", "/v1/prices", "currency=usd&unit_amount_decimal=33.5&product=plan").get("id")
	b.ok("POST", sessions, "mode=payment&success_url=https://a.example&line_items[0][quantity]=3&line_items[0][price]="+price).wants(t, "amount_total", "101")
}

// press sends one of the page's buttons and returns where it leads, or what it shows.
func (b bench) press(id, button string) string {
	b.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.URL+"/pay/"+id, strings.NewReader(url.Values{"do": {button}}.Encode()))
	b.did(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(r)
	b.did(err)
	defer response.Body.Close()
	if to := response.Header.Get("Location"); to != "" {
		return to
	}
	text := make([]byte, 1<<16)
	n, _ := response.Body.Read(text)
	return string(text[:n])
}

func TestPageIsPaidOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	has := func(page, want string) {
		t.Helper()
		if !strings.Contains(page, want) {
			t.Errorf("want %q in %s", want, page)
		}
	}
	id := b.session("cancel_url=https://shop.example/cart", b.live())
	page := b.ok("GET", "/pay/"+id, "").text
	for _, want := range []string{
		"Pay 20.00 USD to Harbour &amp; Pine", "<td>Plan</td><td>2</td>", ">Pay</button>", ">Card declined</button>", ">3-D Secure</button>",
		">SEPA, paid later</button>", "https://shop.example/cart", `lang="en"`, "Simulated live mode",
	} {
		has(page, want)
	}
	has(b.press(id, "decline"), `role="alert">Your card was declined.`)
	has(b.press(id, "3ds"), "Complete authentication")
	has(b.press(id, "refuse"), "failed authentication")
	has(b.press(id, "dance"), "no button")
	if to := b.press(id, "pay"); to != "https://shop.example/paid?s="+id {
		t.Errorf("the payer goes to %s", to)
	}
	has(b.press(id, "pay"), "is complete")
	b.ok("GET", sessions+"/"+id, "", b.live()).wants(t, "payment_status", "paid", "livemode", "true")

	later := b.session("")
	if to := b.press(later, "sepa"); to != "https://shop.example/paid?s="+later {
		t.Errorf("the payer goes to %s", to)
	}
	has(b.ok("GET", "/pay/"+later, "").text, "The bank pays")
	b.press(later, "settle")
	b.ok("GET", sessions+"/"+later, "").wants(t, "payment_status", "paid")

	gone := b.session("")
	b.ok("POST", sessions+"/"+gone+"/expire", "")
	has(b.ok("GET", "/pay/"+gone, "").text, "This checkout has expired.")
	if a := b.must("GET", "/pay/cs_none", ""); a.status != http.StatusNotFound {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestPageOffersWhatIsTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.session("payment_method_types[]=sepa_debit")
	page := b.ok("GET", "/pay/"+id, "").text
	if strings.Contains(page, ">Pay</button>") || !strings.Contains(page, ">SEPA, paid later</button>") {
		t.Error(page)
	}
	if err := b.Sim.Pay(id, ""); err == nil {
		t.Error("a card was taken")
	}
	b.ok("GET", sessions+"/"+id, "").wants(t, "payment_intent", "<nil>")
	if err := b.Sim.Pay(b.intent("payment_method_types[]=card"), stripesim.SEPA); err == nil {
		t.Error("a debit was taken")
	}
}
