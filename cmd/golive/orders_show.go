package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
)

// wholeOrder is an Order with what lists leave out.
type wholeOrder struct {
	listedOrder
	Email        *string        `json:"email"`
	CancelReason *string        `json:"cancelReason"`
	Lines        []orderLine    `json:"lines"`
	Payments     []orderPayment `json:"payments"`
	Refunds      []orderRefund  `json:"refunds"`
	Disputes     []orderDispute `json:"disputes"`
	Events       []orderEvent   `json:"events"`
}

type orderLine struct {
	Name     string `json:"name"`
	PriceID  string `json:"priceId"`
	Quantity int    `json:"quantity"`
	Amount   money  `json:"amount"`
}

type orderPayment struct {
	ID                    string  `json:"id"`
	Status                string  `json:"status"`
	Amount                money   `json:"amount"`
	Captured              money   `json:"captured"`
	Method                *string `json:"method"`
	Last4                 *string `json:"last4"`
	Message               *string `json:"message"`
	StripePaymentIntentID *string `json:"stripePaymentIntentId"`
}

type orderRefund struct {
	ID             string  `json:"id"`
	Status         string  `json:"status"`
	Amount         money   `json:"amount"`
	RequestedBy    *string `json:"requestedBy"`
	FailureReason  *string `json:"failureReason"`
	StripeRefundID *string `json:"stripeRefundId"`
}

type orderDispute struct {
	ID              string  `json:"id"`
	Status          string  `json:"status"`
	Amount          money   `json:"amount"`
	Reason          string  `json:"reason"`
	EvidenceDueBy   *string `json:"evidenceDueBy"`
	StripeDisputeID string  `json:"stripeDisputeId"`
}

type orderEvent struct {
	Sequence int    `json:"sequence"`
	At       string `json:"at"`
	Status   string `json:"status"`
	Message  string `json:"message"`
	Actor    string `json:"actor"`
}

const orderFields = listedOrderFields + ` email cancelReason lines { name priceId quantity amount ` + moneyFields + ` }
	payments { id status amount ` + moneyFields + ` captured ` + moneyFields + ` method last4 message stripePaymentIntentId }
	refunds { id status amount ` + moneyFields + ` requestedBy failureReason stripeRefundId }
	disputes { id status amount ` + moneyFields + ` reason evidenceDueBy stripeDisputeId }
	` + orderEventFields

const orderEventFields = `events(after: $after) { sequence at status message actor }`

// mostEvents is how many a page of an order's history has.
const mostEvents = 100

type ordersShowCmd struct {
	api
	orderArg
	JSON bool `name:"json" help:"Print the order as JSON."`
}

// Run prints all that is known of the order.
func (c *ordersShowCmd) Run(ctx context.Context, t *terminal) error {
	id, err := c.orderID(ctx, c.orderArg)
	if err != nil {
		return err
	}
	o, err := c.order(ctx, id)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.document(o)
	}
	return o.show(t)
}

func (a *api) order(ctx context.Context, id string) (*wholeOrder, error) {
	data, err := ask[struct{ Order *wholeOrder }](ctx, a, `query($id: ID!, $after: Int) { order(id: $id) { `+orderFields+` } }`, map[string]any{"id": id})
	if err != nil {
		return nil, err
	}
	if data.Order == nil {
		return nil, fmt.Errorf("no order %s, or this token can't see it", plain(id))
	}
	return data.Order, a.furtherEvents(ctx, data.Order)
}

// furtherEvents reads the rest of a history that is longer than a page.
func (a *api) furtherEvents(ctx context.Context, o *wholeOrder) error {
	for page := o.Events; len(page) == mostEvents; {
		data, err := ask[struct{ Order struct{ Events []orderEvent } }](ctx, a, `query($id: ID!, $after: Int) { order(id: $id) { `+orderEventFields+` } }`,
			map[string]any{"id": o.ID, "after": page[len(page)-1].Sequence})
		if err != nil {
			return err
		}
		page = data.Order.Events
		o.Events = append(o.Events, page...)
	}
	return nil
}

func (o *wholeOrder) show(t *terminal) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "order\t%s\t%s\t%s\n", o.Number, strings.ToLower(o.Status), o.ID)
	fmt.Fprintf(w, "customer\t%s\t%s\n", plain(o.Customer), said(o.Email))
	fmt.Fprintf(w, "total\t%s\tcaptured %s, refunded %s\t%s\n", o.Total, o.Captured, o.Refunded, o.wants())
	for _, l := range o.Lines {
		fmt.Fprintf(w, "line\t%d × %s\t%s\t%s\n", l.Quantity, plain(l.Name), l.Amount, plain(l.PriceID))
	}
	for _, p := range o.Payments {
		fmt.Fprintf(w, "payment\t%s\t%s\t%s\t%s\n", strings.ToLower(p.Status), p.Amount, said(p.StripePaymentIntentID), p.by())
	}
	for _, r := range o.Refunds {
		fmt.Fprintf(w, "refund\t%s\t%s\t%s\t%s\n", strings.ToLower(r.Status), r.Amount, said(r.StripeRefundID), said(r.FailureReason))
	}
	for _, d := range o.Disputes {
		fmt.Fprintf(w, "dispute\t%s\t%s\t%s\t%s %s\n", strings.ToLower(d.Status), d.Amount, plain(d.StripeDisputeID), plain(d.Reason), said(d.EvidenceDueBy))
	}
	// The history has columns of its own.
	if err := w.Flush(); err != nil {
		return err
	}
	for _, e := range o.Events {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", e.At, strings.ToLower(e.Status), plain(e.Message), plain(e.Actor))
	}
	return w.Flush()
}

// by is what was paid with, or why it wasn't.
func (p orderPayment) by() string {
	if p.Message != nil {
		return said(p.Message)
	}
	return strings.TrimSpace(said(p.Method) + " " + said(p.Last4))
}

// said is a text that may be missing, safe to show.
func said(text *string) string {
	if text == nil {
		return ""
	}
	return plain(*text)
}
