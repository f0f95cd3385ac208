package inbox_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	ledgerof "github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/stripesim"
)

const cardNumber = "4242424242424242"

// canary sells something to a customer, and keeps what nobody may find of that.
type canary struct {
	*stack
	post    *domaintest.Postman
	secrets map[string]string // by what they are
}

func newCanary(t *testing.T) *canary {
	t.Helper()
	c := &canary{stack: newStack(t)}
	c.post = c.WithMail(t)
	c.Orders.Log, c.Outbox.Log = c.Inbox.Log, c.Inbox.Log
	h := c.enable(t, catalog.Test)
	c.secrets = map[string]string{
		"the customer's address": "canary.cara@shop.example", "the customer's name": "Cara Canary", "metadata": "canary-metadata-7",
		"evidence": "canary evidence that she got it", "the hook's secret": h.Secret, "the hook's path": pathOf(h),
	}
	c.WorkStripe(t)
	return c
}

func (c *canary) order(t *testing.T, key string, metadata map[string]string) (*order.Order, error) {
	t.Helper()
	return c.Orders.Create(c.As, order.CreateInput{
		TenantID: c.Tenant.ID, Mode: catalog.Test, Customer: "cus-1", Email: c.secrets["the customer's address"], Capture: ledgerof.Automatic,
		Lines: []order.LineInput{{PriceID: "price_CoffeeBag", Quantity: 1}}, Metadata: metadata, IdempotencyKey: key,
	})
}

func (c *canary) becomes(t *testing.T, o *order.Order, what string) {
	t.Helper()
	domaintest.Until(t, "an order is "+what, func() bool { return c.count(t, `orders WHERE id = $1 AND `+what, o.ID) == 1 })
}

// drive has it paid, given back, disputed and answered, and refused where it holds a card.
func (c *canary) drive(t *testing.T) {
	t.Helper()
	for _, text := range []string{cardNumber, "4242 4242 4242 4242", "card 4242-4242-4242-4242, 12/30"} {
		if _, err := c.order(t, "card", map[string]string{"note": text}); fault.CodeOf(err) != fault.InvalidInput || strings.Contains(err.Error(), "4242") {
			t.Errorf("metadata %q: %v", text, err)
		}
	}
	o, err := c.order(t, "hosted", map[string]string{"note": c.secrets["metadata"]})
	must(t, err)
	hosted, err := c.Orders.StartCheckout(c.As, order.CheckoutInput{OrderID: o.ID, Flow: ledgerof.Hosted, IdempotencyKey: "hosted"})
	must(t, err)
	must(t, c.Stripe.Sim.Pay(*hosted.Payment.SessionID, stripesim.Card))
	c.becomes(t, o, "status = 'PAID'")
	other, err := c.order(t, "elements", nil)
	must(t, err)
	elements, err := c.Orders.StartCheckout(c.As, order.CheckoutInput{OrderID: other.ID, Flow: ledgerof.Elements, IdempotencyKey: "elements"})
	must(t, err)
	c.secrets["an intent's client secret"] = *elements.ClientSecret
	must(t, c.Stripe.Sim.Pay(*elements.Payment.IntentID, stripesim.Card))
	c.becomes(t, other, "status = 'PAID'")
	_, _, err = c.Orders.Refund(c.As, order.RefundInput{OrderID: other.ID, IdempotencyKey: "back"})
	must(t, err)
	c.answer(t, o)
	c.post.Answer(c.secrets["the customer's address"], 550)
	c.Deliver(t)
}

// answer writes evidence to the customer's bank.
func (c *canary) answer(t *testing.T, o *order.Order) {
	t.Helper()
	charge, err := postgres.One(t.Context(), c.Pool, pgx.RowTo[string], nil, `SELECT charge_id FROM payments WHERE order_id = $1`, o.ID)
	must(t, err)
	_, err = c.Stripe.Sim.Dispute(charge, stripesim.Dispute{})
	must(t, err)
	c.becomes(t, o, "disputed > 0")
	id, err := postgres.One(t.Context(), c.Pool, pgx.RowTo[string], nil, `SELECT id::text FROM disputes WHERE order_id = $1`, o.ID)
	must(t, err)
	_, err = order.Disputes{Service: c.Orders}.SubmitEvidence(c.As, order.EvidenceInput{DisputeID: id, Submit: true, IdempotencyKey: "answer", Evidence: map[string]any{
		"customer_name": c.secrets["the customer's name"], "uncategorized_text": c.secrets["evidence"], "customer_email_address": c.secrets["the customer's address"],
	}})
	must(t, err)
}

// dump is every row of every table, jobs among them.
func (c *canary) dump(t *testing.T) string {
	t.Helper()
	tables, err := postgres.All(t.Context(), c.Pool, pgx.RowTo[string], `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)
	must(t, err)
	var all strings.Builder
	for _, name := range tables {
		var text string
		must(t, c.Pool.QueryRow(t.Context(), `SELECT coalesce(string_agg(r::text, E'\n'), '') FROM `+name+` r`).Scan(&text))
		all.WriteString(name + "\n" + text + "\n")
	}
	return all.String()
}

var (
	sealedBytes = regexp.MustCompile(`\\\\?x[0-9a-f]+`)
	cardLike    = regexp.MustCompile(`\b(?:4\d{15}|5[1-5]\d{14}|3[47]\d{13})\b`)
)

// leaks names what stands in a text, and the cards of the great brands. What is sealed is no text.
func (c *canary) leaks(text string) (found []string) {
	for _, what := range slices.Sorted(maps.Keys(c.secrets)) {
		if strings.Contains(text, c.secrets[what]) {
			found = append(found, what)
		}
	}
	for _, digits := range cardLike.FindAllString(sealedBytes.ReplaceAllString(text, ""), -1) {
		if hasCheckDigit(digits) {
			found = append(found, "a card")
		}
	}
	return found
}

// hasCheckDigit is Luhn's check.
func hasCheckDigit(digits string) bool {
	sum := 0
	for i := range digits {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			n = n*2/10 + n*2%10
		}
		sum += n
	}
	return sum%10 == 0
}

// Nothing of a customer, nor of what lets somebody pay or sign, stands in a plain column, a job or
// a log, whatever becomes of an order.
func TestNothingOfACustomerIsToldAnywhere(t *testing.T) {
	t.Parallel()
	c := newCanary(t)
	c.drive(t)
	dump := c.dump(t)
	for where, text := range map[string]string{"the database": dump, "the log": c.logs.String()} {
		if found := c.leaks(text); len(found) > 0 {
			t.Errorf("%s tells %q", where, found)
		}
	}
	// That the search sees what is there.
	for where, sign := range map[string]string{"order_events": "was paid.", "mails": "ORDER_PAID", "river_job": "stripe_refresh", "audit_log": "mail.refused"} {
		if !strings.Contains(dump, sign) {
			t.Errorf("%s lacks %q", where, sign)
		}
	}
	if !strings.Contains(c.logs.String(), "gave up an email") {
		t.Error("the log lacks what became of a receipt")
	}
	if n := c.count(t, `stripe_calls WHERE key !~ '^golive:order:[0-9a-f-]{36}:[0-9a-f-]{36}:[a-z]+(:[0-9]+)?$'`); n != 0 {
		t.Errorf("%d of Stripe's keys say more than ids", n)
	}
	all := []string{cardNumber}
	for _, secret := range c.secrets {
		all = append(all, secret)
	}
	c.Exec(t, `UPDATE orders SET cancel_reason = $1 WHERE number = 1`, strings.Join(all, " "))
	if found := c.leaks(c.dump(t)); len(found) != len(c.secrets)+1 || len(found) != 8 {
		t.Errorf("planted all, found %q", found)
	}
}
