package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
)

type ordersCmds struct {
	List   ordersListCmd   `cmd:"" help:"List orders, newest first."`
	Show   ordersShowCmd   `cmd:"" help:"Show an order: what was bought, what was paid and given back, and its history."`
	Refund ordersRefundCmd `cmd:"" help:"Refund an order, or a part of it; needs the admin role."`
}

// money is a Money.
type money struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

func (m money) String() string { return m.Amount + " " + strings.ToUpper(m.Currency) }

// listedOrder is what lists tell of an Order.
type listedOrder struct {
	ID        string   `json:"id"`
	Number    string   `json:"number"`
	Reference *string  `json:"reference"`
	Customer  string   `json:"customer"`
	Mode      string   `json:"mode"`
	Status    string   `json:"status"`
	Attention []string `json:"attention"`
	Total     money    `json:"total"`
	Captured  money    `json:"captured"`
	Refunded  money    `json:"refunded"`
	CreatedAt string   `json:"createdAt"`
	Version   int      `json:"version"`
}

const (
	moneyFields       = `{ amount currency }`
	listedOrderFields = `id number reference customer mode status attention total ` + moneyFields +
		` captured ` + moneyFields + ` refunded ` + moneyFields + ` createdAt version`
)

type ordersListCmd struct {
	api
	ofTenant
	inMode
	Search    string   `arg:"" optional:"" help:"Only orders whose number, reference, customer or Stripe ID begins with this."`
	Status    []string `placeholder:"STATUS" enum:"created,awaiting_payment,processing,authorized,paid,fulfilled,completed,expired,cancelled" help:"Only these: created, awaiting_payment, processing, authorized, paid, fulfilled, completed, expired or cancelled."`
	Customer  string   `placeholder:"ID" help:"Only orders of this customer."`
	Attention bool     `help:"Only orders that need someone."`
	First     int      `default:"50" help:"How many, at most 100."`
	JSON      bool     `name:"json" help:"Print the orders as JSON."`
}

// Run prints a line per order, and why somebody should look at it.
func (c *ordersListCmd) Run(ctx context.Context, t *terminal) error {
	of, err := c.of(ctx, &c.api)
	if err != nil {
		return err
	}
	filter := map[string]any{"mode": strings.ToUpper(c.Mode), "first": c.First}
	if len(c.Status) > 0 {
		filter["status"] = upper(c.Status)
	}
	if c.Attention {
		filter["attention"] = true
	}
	for name, value := range map[string]string{"customer": c.Customer, "search": c.Search} {
		if value != "" {
			filter[name] = value
		}
	}
	orders, more, err := c.orders(ctx, of, filter)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.document(orders)
	}
	if more {
		t.say("Showing the latest %d. See more with --first, or choose with --status, --customer and a search.", len(orders))
	}
	return tableOfOrders(t, orders)
}

func tableOfOrders(t *terminal, orders []listedOrder) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, o := range orders {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", o.Number, o.CreatedAt, strings.ToLower(o.Status), o.Total, plain(o.Customer), o.ID, o.wants())
	}
	return w.Flush()
}

// attentions say why somebody should look at an order.
var attentions = map[string]string{
	"LATE_PAYMENT":     "money came after it had ended: refund it",
	"OVERPAID":         "more was paid than is due",
	"AMOUNT_MISMATCH":  "Stripe's amount, currency or mode isn't the one asked for",
	"REFUND_FAILED":    "the newest refund failed",
	"DISPUTE_OPEN":     "a dispute is open",
	"CAPTURE_DEADLINE": "what's held is lost within a day unless it's captured",
	"STUCK":            "it hasn't moved for too long",
	"UNKNOWN_OUTCOME":  "waiting to learn what Stripe did",
}

// wants is why somebody should look at the order, "" where nobody needs to.
func (o listedOrder) wants() string {
	said := make([]string, len(o.Attention))
	for i, why := range o.Attention {
		said[i] = words(attentions, why)
	}
	return strings.Join(said, "; ")
}

// orders are a page of a tenant's, and whether there are more.
func (a *api) orders(ctx context.Context, of membership, filter map[string]any) (page []listedOrder, more bool, err error) {
	type answer struct {
		Tenant struct {
			Orders struct {
				Nodes    []listedOrder
				PageInfo struct{ HasNextPage bool }
			}
		}
	}
	filter["slug"] = of.Slug
	data, err := ask[answer](ctx, a, `query($slug: String!, $mode: StripeMode!, $first: Int!, $status: [OrderStatus!], $attention: Boolean, $customer: String, $search: String) {
		tenant(slug: $slug) { orders(mode: $mode, first: $first, status: $status, attention: $attention, customer: $customer, search: $search) {
			nodes { `+listedOrderFields+` } pageInfo { hasNextPage } } } }`, filter)
	return data.Tenant.Orders.Nodes, data.Tenant.Orders.PageInfo.HasNextPage, err
}

// orderArg is how commands take an order.
type orderArg struct {
	ofTenant
	inMode
	Order string `arg:"" help:"The order: its ID, number or reference, or Stripe's ID of its payment. All but its ID depend on --mode."`
}

// orderID finds the one order that is meant.
func (a *api) orderID(ctx context.Context, arg orderArg) (string, error) {
	if ourID.MatchString(arg.Order) {
		return arg.Order, nil
	}
	of, err := arg.of(ctx, a)
	if err != nil {
		return "", err
	}
	found, _, err := a.orders(ctx, of, map[string]any{"mode": strings.ToUpper(arg.Mode), "first": mostListed, "search": arg.Order})
	if err != nil {
		return "", err
	}
	return theOrder(arg, found)
}

// stripesOwn are the beginnings of Stripe's IDs by which orders are found.
var stripesOwn = regexp.MustCompile(`^(pi|cs|ch|py|re|pyr)_`)

// theOrder takes the order that is named whole. What only begins so may be another one, and
// be refunded.
func theOrder(arg orderArg, found []listedOrder) (string, error) {
	whole := func(o listedOrder) bool {
		return o.Number == arg.Order || o.Reference != nil && *o.Reference == arg.Order
	}
	if named := slices.DeleteFunc(slices.Clone(found), func(o listedOrder) bool { return !whole(o) }); len(named) == 1 {
		return named[0].ID, nil
	}
	if len(found) == 1 && stripesOwn.MatchString(arg.Order) {
		return found[0].ID, nil
	}
	if len(found) == 0 {
		return "", fmt.Errorf("no order in %s mode is named %q: see golive orders list --mode %s", arg.Mode, plain(arg.Order), arg.Mode)
	}
	var text strings.Builder
	for _, o := range found {
		fmt.Fprintf(&text, "\n  %s  %s  %s  %s", o.ID, o.Number, o.Total, plain(o.Customer))
	}
	return "", fmt.Errorf("%q is no order's whole number or reference, so nothing was done; use the ID of the one you mean:%s", plain(arg.Order), text.String())
}
