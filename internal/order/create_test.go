package order_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

func TestWhatCanBeSold(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	line := func(price string) []order.LineInput { return []order.LineInput{{PriceID: price, Quantity: 1}} }
	for name, c := range map[string]struct {
		change func(in *order.CreateInput)
		code   fault.Code
		field  string
	}{
		"nothing":           {func(in *order.CreateInput) { in.Lines = nil }, "INVALID_INPUT", "input.lines"},
		"101 lines":         {func(in *order.CreateInput) { in.Lines = make([]order.LineInput, 101) }, "INVALID_INPUT", "input.lines"},
		"no price":          {func(in *order.CreateInput) { in.Lines[0].PriceID = "" }, "INVALID_INPUT", "input.lines.0"},
		"two prices":        {func(in *order.CreateInput) { in.Lines[0].LookupKey = "x" }, "INVALID_INPUT", "input.lines.0"},
		"no quantity":       {func(in *order.CreateInput) { in.Lines[0].Quantity = 0 }, "INVALID_INPUT", "input.lines.0.quantity"},
		"too many":          {func(in *order.CreateInput) { in.Lines[0].Quantity = 10_001 }, "INVALID_INPUT", "input.lines.0.quantity"},
		"too much":          {func(in *order.CreateInput) { in.Lines = line("price_BaristaCourse"); in.Lines[0].Quantity = 10_000 }, "AMOUNT_TOO_LARGE", "input.lines.0.quantity"},
		"no such price":     {func(in *order.CreateInput) { in.Lines = append(in.Lines, line("price_none")...) }, "NOT_FOUND", "input.lines.1.priceId"},
		"no such key":       {func(in *order.CreateInput) { in.Lines[0] = order.LineInput{LookupKey: "none", Quantity: 1} }, "NOT_FOUND", "input.lines.0.lookupKey"},
		"recurring":         {func(in *order.CreateInput) { in.Lines = line("price_PineProMonthly") }, "INVALID_INPUT", "input.lines.0.priceId"},
		"metered":           {func(in *order.CreateInput) { in.Lines = line("price_PineApiCalls") }, "INVALID_INPUT", "input.lines.0.priceId"},
		"tiered":            {func(in *order.CreateInput) { in.Lines = line("price_PineTeamMonthly") }, "INVALID_INPUT", "input.lines.0.priceId"},
		"customer's choice": {func(in *order.CreateInput) { in.Lines = line("price_ForestFund") }, "INVALID_INPUT", "input.lines.0.priceId"},
		"packages":          {func(in *order.CreateInput) { in.Lines = line("price_PrintCreditsPack") }, "INVALID_INPUT", "input.lines.0.priceId"},
		"archived":          {func(in *order.CreateInput) { in.Lines = line("price_CoffeeBag2024") }, "INVALID_STATE", "input.lines.0.priceId"},
		"two currencies":    {func(in *order.CreateInput) { in.Lines = append(in.Lines, line("price_TokyoMeetup")...) }, "INVALID_INPUT", "input.lines.1.priceId"},
		"another currency":  {func(in *order.CreateInput) { in.Currency = "chf" }, "INVALID_INPUT", "input.lines.0.priceId"},
		"no currency":       {func(in *order.CreateInput) { in.Currency = "dollars" }, "INVALID_INPUT", "input.currency"},
		"never live":        {func(in *order.CreateInput) { in.Mode = catalog.Live }, "INVALID_STATE", "input.lines.0.priceId"},
		"no customer":       {func(in *order.CreateInput) { in.Customer = " " }, "INVALID_INPUT", "input.customer"},
		"no address":        {func(in *order.CreateInput) { in.Email = "nobody" }, "INVALID_INPUT", "input.email"},
		"no key":            {func(in *order.CreateInput) { in.IdempotencyKey = "" }, "INVALID_INPUT", "input.idempotencyKey"},
		"a card, customer":  {func(in *order.CreateInput) { in.Customer = "4242 4242 4242 4242" }, "INVALID_INPUT", "input.customer"},
		"a card, reference": {func(in *order.CreateInput) { in.Reference = "4242-4242-4242-4242" }, "INVALID_INPUT", "input.reference"},
		"a card, metadata": {func(in *order.CreateInput) {
			in.Metadata = map[string]string{"note": "pay by 5555555555554444, please"}
		}, "INVALID_INPUT", "input.metadata.note"},
		"a card, its date": {func(in *order.CreateInput) {
			in.Metadata = map[string]string{"note": "17 4242 4242 4242 4242 12/27"}
		}, "INVALID_INPUT", "input.metadata.note"},
		"a card, Troy's": {func(in *order.CreateInput) { in.Reference = "9792030000000000" }, "INVALID_INPUT", "input.reference"},
		"a card, as if a UUID's": {func(in *order.CreateInput) {
			in.Reference = "4242424242424242-4242-4242-4242-4242abcdefab"
		}, "INVALID_INPUT", "input.reference"},
		"a card, as if a UUID's end": {func(in *order.CreateInput) {
			in.Reference = "deadbeef-0000-0000-0000-4242424242424242"
		}, "INVALID_INPUT", "input.reference"},
		"a card, UATP's":    {func(in *order.CreateInput) { in.Reference = "135410014004955" }, "INVALID_INPUT", "input.reference"},
		"metadata, keys":    {func(in *order.CreateInput) { in.Metadata = many(51) }, "INVALID_INPUT", "input.metadata"},
		"metadata, a value": {func(in *order.CreateInput) { in.Metadata = map[string]string{"k": strings.Repeat("ä", 501)} }, "INVALID_INPUT", "input.metadata.k"},
		"metadata, its key": {func(in *order.CreateInput) { in.Metadata = map[string]string{strings.Repeat("k", 41): "v"} }, "INVALID_INPUT", "input.metadata." + strings.Repeat("k", 41)},
		"somebody else's":   {func(in *order.CreateInput) { in.TenantID = "00000000-0000-0000-0000-000000000000" }, "NOT_FOUND", ""},
	} {
		in := st.input(1)
		c.change(&in)
		_, err := st.Orders.Create(st.As, in)
		t.Run(name, func(t *testing.T) { wantCode(t, err, c.code, strings.Split(c.field, ".")...) })
	}
	if n := st.one(t, `SELECT count(*) FROM orders`); n != 0 {
		t.Errorf("%d orders of what can't be sold", n)
	}
}

// Names that shops give are often made of digits, of which some have a card's check digit.
func TestWhatIsNoCard(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	for _, name := range []string{
		"abcdefab-4242-4242-4242-4242abcdefab", "capture-01a22Fab-4242-4242-4242-4242AbcdefAB", // UUIDs
		"order-1796000000002", "1796000000000006", "20261201123456", // milliseconds, microseconds, a time
	} {
		in := st.input(1)
		in.Customer, in.Reference, in.IdempotencyKey = name, name, name
		if _, err := st.Orders.Create(st.As, in); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func many(n int) map[string]string {
	m := map[string]string{}
	for i := range n {
		m[strconv.Itoa(i)] = "v"
	}
	return m
}

func TestSumsAreOfTheCurrencyAskedFor(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	in := st.input(2)
	in.Currency = "EUR"
	in.Lines = append(in.Lines, order.LineInput{LookupKey: "barista_course", Quantity: 1})
	in.Metadata, in.Email, in.Reference = many(50), "jane@example.com", "A-1"
	o := st.order(t, in)
	if o.Total != 2*1695+14900 || o.Currency != "eur" {
		t.Errorf("%d %s", o.Total, o.Currency)
	}
	details, err := st.Orders.DetailsOf(st.As, []string{o.ID})
	must(t, err)
	d := details[o.ID]
	if len(d.Lines) != 2 || d.Lines[1].Amount != 14900 || *d.Lines[1].LookupKey != "barista_course" || d.Lines[0].UnitAmount != "1695" {
		t.Errorf("lines %+v", d.Lines)
	}
	if d.Contact.Email != "jane@example.com" || len(d.Contact.Metadata) != 50 {
		t.Errorf("contact %+v", d.Contact)
	}
	c := st.checkout(t, o, ledger.Hosted)
	if c.Payment.Mismatch {
		t.Error("Stripe asks for another amount")
	}
	// What may name a person is nowhere in clear text.
	for _, table := range []string{"orders", "order_contacts", "stripe_calls", "payments", "order_events", "audit_log", "river_job"} {
		if n := st.one(t, `SELECT count(*) FROM `+table+` x WHERE to_jsonb(x)::text LIKE '%jane@%'`); n != 0 {
			t.Errorf("%s holds the address", table)
		}
	}
}

func TestYenHaveNoDecimals(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	in := st.input(1)
	in.Lines = []order.LineInput{{LookupKey: "tokyo_meetup", Quantity: 2}}
	o := st.order(t, in)
	if o.Total != 9000 || ledger.Words(o.Total, o.Currency) != "9000 JPY" {
		t.Errorf("%d is %s", o.Total, ledger.Words(o.Total, o.Currency))
	}
	c := st.checkout(t, o, ledger.Hosted)
	if c.Payment.Mismatch || c.Payment.Amount != 9000 {
		t.Errorf("%+v", c.Payment)
	}
}

func TestCreatingMayBeRepeated(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	in := st.input(1)
	in.Reference = "A-1"
	o := st.order(t, in)
	if again := st.order(t, in); again.ID != o.ID {
		t.Error("the same key made another order")
	}
	other := in
	other.Lines = []order.LineInput{{PriceID: coffee, Quantity: 2}}
	_, err := st.Orders.Create(st.As, other)
	wantCode(t, err, fault.IdempotencyKeyReused, "input", "idempotencyKey")
	other.IdempotencyKey = st.key()
	for _, change := range []func(*order.CreateInput){
		func(in *order.CreateInput) { in.Email = "bob@shop.example" }, func(in *order.CreateInput) { in.Email = "" },
		func(in *order.CreateInput) { in.Metadata = map[string]string{"cart": "18"} },
	} {
		contact := st.input(1)
		contact.Email, contact.Metadata = "ada@shop.example", map[string]string{"cart": "17"}
		made := st.order(t, contact)
		if again := st.order(t, contact); again.ID != made.ID {
			t.Error("the same contact made another order")
		}
		change(&contact)
		_, err := st.Orders.Create(st.As, contact)
		wantCode(t, err, fault.IdempotencyKeyReused, "input", "idempotencyKey")
	}
	_, err = st.Orders.Create(st.As, other)
	wantCode(t, err, fault.InvalidInput, "input", "reference")
	other.Reference = ""
	if next := st.order(t, other); next.Number() != "000005" {
		t.Errorf("numbered %s: a refused order took a number", next.Number())
	}
	st.enable(t, false)
	if again := st.order(t, in); again.ID != o.ID {
		t.Error("what was created is not found while payments are off")
	}
	_, err = st.Orders.Create(st.As, st.input(1))
	wantCode(t, err, fault.PaymentsDisabled)
	_, err = st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: o.ID, Flow: ledger.Hosted, IdempotencyKey: st.key()})
	wantCode(t, err, fault.PaymentsDisabled)
}

func TestLiveSellsWhatWentLive(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d, err := st.GoLive(st.As, deployment.GoLiveInput{ProductID: st.Product(t, domaintest.Coffee).ID})
	must(t, err)
	if d = st.CarryOut(t, d.ID); d.Status != deployment.Completed {
		t.Fatalf("went live as %s", d.Status)
	}
	in := st.input(1)
	in.Mode = catalog.Live
	o := st.order(t, in)
	details, err := st.Orders.DetailsOf(st.As, []string{o.ID})
	must(t, err)
	l := details[o.ID].Lines[0]
	if l.PriceID == coffee || l.TestPriceID != coffee || o.Number() != "000001" {
		t.Errorf("live sells %+v as %s", l, o.Number())
	}
	c := st.checkout(t, o, ledger.Hosted)
	must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
	st.check(t, o)
	st.is(t, o, ledger.Paid)

	st.Edit(t, stripesim.Live, l.PriceID, func(p map[string]any) { p["active"] = false })
	second := st.order(t, func() order.CreateInput { in.IdempotencyKey = st.key(); return in }())
	_, err = st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: second.ID, Flow: ledger.Hosted, IdempotencyKey: st.key()})
	wantCode(t, err, fault.InvalidState) // Stripe says so before anybody has looked
	st.Exec(t, `UPDATE products SET live_seen = jsonb_set(live_seen, '{prices}', (SELECT jsonb_agg(p || '{"active": false}') FROM jsonb_array_elements(live_seen -> 'prices') p))
		WHERE stripe_product_id = $1`, domaintest.Coffee)
	in.IdempotencyKey = st.key()
	_, err = st.Orders.Create(st.As, in)
	wantCode(t, err, fault.InvalidState, "input", "lines", "0", "priceId")
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.order(t, st.input(1))
	viewer, deployer := st.Actor(t, "viewer@acme.example", tenant.RoleViewer), st.Actor(t, "deployer@acme.example", tenant.RoleDeployer)
	token, err := st.Tenants.IssueToken(t.Context(), tenant.Issue{Tenant: st.Tenant.Slug, Service: "shop", Role: tenant.RoleAdmin, Scope: tenant.ScopeOrders})
	must(t, err)
	actor, err := st.Tenants.Authenticate(t.Context(), token)
	must(t, err)
	shop := tenant.WithActor(t.Context(), actor)
	if _, err := st.Orders.Get(viewer, o.ID); err != nil {
		t.Errorf("a viewer can't see an order: %v", err)
	}
	_, err = st.Orders.Create(viewer, st.input(1))
	wantCode(t, err, fault.Forbidden)
	_, err = st.Orders.StartCheckout(viewer, order.CheckoutInput{OrderID: o.ID, Flow: ledger.Hosted, IdempotencyKey: "k"})
	wantCode(t, err, fault.Forbidden)
	_, err = st.Orders.Cancel(viewer, order.CancelInput{OrderID: o.ID})
	wantCode(t, err, fault.Forbidden)
	_, err = st.Orders.Fulfill(viewer, o.ID, 0)
	wantCode(t, err, fault.Forbidden)
	_, err = st.Orders.Capture(viewer, order.CaptureInput{OrderID: o.ID, IdempotencyKey: "k"})
	wantCode(t, err, fault.Forbidden)
	_, _, err = st.Orders.Refund(deployer, order.RefundInput{OrderID: o.ID, IdempotencyKey: "k"})
	wantCode(t, err, fault.Forbidden)
	_, _, err = st.Orders.Refund(shop, order.RefundInput{OrderID: o.ID, IdempotencyKey: "k"})
	wantCode(t, err, fault.Forbidden)
	if _, err := st.Orders.Create(shop, st.input(1)); err != nil {
		t.Errorf("a shop's token can't create orders: %v", err)
	}
	if _, err := st.Orders.StartCheckout(shop, order.CheckoutInput{OrderID: o.ID, Flow: ledger.Hosted, IdempotencyKey: "k"}); err != nil {
		t.Errorf("a shop's token can't start checkouts: %v", err)
	}
	_, err = st.Orders.Get(st.Stranger(t), o.ID)
	wantCode(t, err, fault.NotFound)
}

func TestWhereCustomersMayBeSent(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	for url, ok := range map[string]bool{
		"https://shop.example/thanks?session={CHECKOUT_SESSION_ID}": true,
		"https://golive.example/anything":                           true,
		"https://evil.example/":                                     false,
		"https://shop.example.evil.example/":                        false,
		"https://shop.example@evil.example/":                        false,
		"http://shop.example/":                                      false,
		"http://localhost:3000/":                                    false,
		"javascript:alert(1)":                                       false,
		"/thanks":                                                   false,
	} {
		o := st.order(t, st.input(1))
		_, err := st.Orders.StartCheckout(st.As, order.CheckoutInput{OrderID: o.ID, Flow: ledger.Hosted, SuccessURL: url, IdempotencyKey: st.key()})
		if ok && err != nil {
			t.Errorf("%s: %v", url, err)
		}
		if !ok {
			wantCode(t, err, fault.InvalidInput, "input", "successUrl")
		}
	}
}
