package order

import (
	"context"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
)

// checkoutBody is what of a session's bytes only the one who asks for it knows.
type checkoutBody struct {
	urls  [2]string
	email string
}

// sessionBody is what makes a Checkout Session. Metadata of a session don't go to its
// intent, so both are stamped. It names the currency, which the prices would tell as well: so
// Stripe offers no other one (Adaptive Pricing), which its API has no parameter for at our
// version. Should it convert all the same, ledger.Apply finds that the money is another.
func (h *held) sessionBody(ctx context.Context, tx pgx.Tx, p *ledger.Payment, b checkoutBody) (url.Values, error) {
	lines, err := linesOf(ctx, tx, []string{h.ID})
	if err != nil {
		return nil, err
	}
	v := url.Values{
		"mode": {"payment"}, "client_reference_id": {h.ID}, "success_url": {b.urls[0]}, "cancel_url": {b.urls[1]},
		"currency": {h.Currency}, "expires_at": {strconv.FormatInt(p.ExpiresAt.Unix(), 10)},
		"payment_intent_data[capture_method]": {strings.ToLower(string(p.Capture))},
	}
	if b.email != "" {
		v.Set("customer_email", b.email)
	}
	for i, l := range lines {
		v.Set("line_items["+strconv.Itoa(i)+"][price]", l.PriceID)
		v.Set("line_items["+strconv.Itoa(i)+"][quantity]", strconv.Itoa(l.Quantity))
	}
	h.stamp(v, "metadata", p)
	h.stamp(v, "payment_intent_data[metadata]", p)
	return v, nil
}

// intentBody is what makes a PaymentIntent. It has no receipt_email: the receipt is Golive's,
// and Stripe would send another one.
func (h *held) intentBody(p *ledger.Payment) url.Values {
	v := url.Values{
		"amount": {strconv.FormatInt(p.Amount, 10)}, "currency": {p.Currency}, "automatic_payment_methods[enabled]": {"true"},
		"capture_method": {strings.ToLower(string(p.Capture))},
	}
	h.stamp(v, "metadata", p)
	return v
}

func (h *held) stamp(v url.Values, where string, p *ledger.Payment) {
	v.Set(where+"["+ledger.StampOrder+"]", h.ID)
	v.Set(where+"["+ledger.StampPayment+"]", p.ID)
}

// linesOf are the lines of orders, in their order.
func linesOf(ctx context.Context, db postgres.Querier, orderIDs []string) ([]Line, error) {
	lines, err := postgres.All(ctx, db, pgx.RowToStructByName[Line], `SELECT l.order_id, l.index, l.name, l.price_id, l.test_price_id, l.lookup_key,
			l.quantity, l.unit_amount_decimal, l.amount, o.currency
		FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE l.order_id = ANY($1::uuid[]) ORDER BY l.order_id, l.index`, orderIDs)
	return lines, wrap(err, "read lines")
}

// paidPage is where customers go that nobody sends elsewhere.
const paidPage = "/paid"

// urls are where the customer goes after paying, and instead.
func (in CheckoutInput) urls(ctx context.Context, tx pgx.Tx, o *Order, home string) (urls [2]string, err error) {
	if in.Flow == ledger.Elements {
		if in.SuccessURL != "" || in.CancelURL != "" {
			return urls, invalid("successUrl and cancelUrl are for HOSTED; your own page says where customers go.", "successUrl")
		}
		return urls, nil
	}
	allowed, err := inbox.Origins(ctx, tx, o.TenantID, o.Mode)
	if err != nil {
		return urls, err
	}
	allowed = append(slices.Clone(allowed), home)
	for i, f := range []struct{ name, given string }{{"successUrl", in.SuccessURL}, {"cancelUrl", in.CancelURL}} {
		urls[i] = home + paidPage
		if f.given == "" {
			continue
		}
		if why := badURL(f.given, allowed); why != "" {
			return urls, invalid(why, f.name)
		}
		urls[i] = f.given
	}
	return urls, nil
}

// badURL says why customers can't be sent to an address.
func badURL(text string, allowed []string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || len(text) > 2000:
		return "This isn't an absolute URL."
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return "This must be an https URL."
	case !slices.ContainsFunc(allowed, func(origin string) bool { return sameOrigin(origin, u) }):
		return "Customers may not be sent to " + u.Scheme + "://" + u.Host + ". An admin can allow it in the payments settings."
	}
	return ""
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func sameOrigin(origin string, u *url.URL) bool {
	o, err := url.Parse(origin)
	return err == nil && o.Scheme == u.Scheme && strings.EqualFold(o.Host, u.Host)
}
