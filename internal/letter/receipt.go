package letter

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/tenant"
)

// The kinds of receipts. The subject of OrderPaid is an order, of OrderRefunded a refund.
const (
	OrderPaid     outbox.Kind = "ORDER_PAID"
	OrderRefunded outbox.Kind = "ORDER_REFUNDED"
)

// Receipts say how they travel: none goes beyond what a tenant may send in a day, and none is
// lost by that.
var Receipts = []outbox.Traits{
	{Kind: OrderPaid, Importance: 3, Unasked: true, Alone: true, Limited: true, Waits: true},
	{Kind: OrderRefunded, Importance: 3, Unasked: true, Alone: true, Limited: true, Waits: true},
}

// TellCustomer writes the receipt of an order, or of a refund of it, in the transaction of what
// it tells. Its row has no address: that lies sealed until the mail is sent.
func TellCustomer(ctx context.Context, tx pgx.Tx, tenantID, orderID, refundID string) error {
	e := outbox.Entry{
		TenantID: tenantID, Subject: orderID, Version: 1, Kind: Receipts[0],
		To: []outbox.Addressee{{Address: "order:" + orderID, Required: true}},
	}
	if refundID != "" {
		e.Subject, e.Kind = refundID, Receipts[1]
	}
	return outbox.InsertRequired(ctx, tx, e)
}

// ComposeReceipt makes the mail of a receipt, as long as the customer's address is known.
func (s *Writer) ComposeReceipt(ctx context.Context, receipts order.Receipts, n outbox.Notice) (outbox.Composed, error) {
	r, known, err := receipts.Of(ctx, n.Subject, n.Kind == OrderRefunded)
	if err != nil || !known {
		return outbox.Composed{Moot: []outbox.Notice{n}}, err
	}
	t, err := tenant.Load(ctx, s.db, n.TenantID)
	m := mail.Notice{
		Kind: mail.Receipt, Key: "golive:receipt:" + n.Subject, To: r.Email, Tenant: t.Name, Test: r.Order.Mode == catalog.Test,
		Order: orderName(r.Order), Amount: ledger.Words(r.Order.Total, r.Order.Currency),
	}
	at := letter{d: &deployment.Deployment{}, tenant: t}
	if m.Happened = at.moment(r.Order.PaidAt); r.Refund != nil {
		m.Kind, m.Amount, m.Happened = mail.Refunded, ledger.Words(r.Refund.Amount, r.Refund.Currency), at.moment(&n.DueAt)
		return outbox.Composed{Live: []outbox.Notice{n}, Mail: m}, err
	}
	for _, l := range r.Lines {
		m.Items = append(m.Items, mail.Item{Product: fmt.Sprintf("%d × %s", l.Quantity, l.Name), Detail: ledger.Words(l.Amount, r.Order.Currency)})
	}
	return outbox.Composed{Live: []outbox.Notice{n}, Mail: m}, err
}

// orderName is what the one who sold calls the order, if anything.
func orderName(o *order.Order) string {
	if o.Reference != nil {
		return *o.Reference
	}
	return o.Number()
}
