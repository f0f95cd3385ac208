package stripegw

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/golive-hq/golive/internal/ledger"
)

// Books is an account as those see it who explain its balance.
type Books struct{ Payments }

type (
	payoutBody      struct{ ledger.StripePayout }
	transactionBody struct{ ledger.StripeTransaction }
)

func (b *payoutBody) whole() bool      { return b.ID != "" && b.Status != "" }
func (b *transactionBody) whole() bool { return b.ID != "" && b.Currency != "" }

// Payout reads a payout; nil where there is none.
func (a Books) Payout(ctx context.Context, id string) (*ledger.StripePayout, error) {
	got, err := get[payoutBody](ctx, a.Account, "/v1/payouts/"+url.PathEscape(id), nil)
	return orNil(&got.StripePayout, err)
}

// PayoutsCreated reads the payouts that were created in a span, the ends included.
func (a Books) PayoutsCreated(ctx context.Context, from, to time.Time) ([]ledger.StripePayout, error) {
	bodies, err := listing[payoutBody]{
		path: "/v1/payouts", query: created(from, to), id: func(b *payoutBody) string { return b.ID },
	}.read(ctx, a.Account)
	return each(bodies, func(b payoutBody) ledger.StripePayout { return b.StripePayout }), err
}

// PayoutTransactions reads one page of what a payout pays out, its own transaction among it:
// the one after the transaction with that id, or the first for "".
func (a Books) PayoutTransactions(ctx context.Context, payoutID, after string) ([]ledger.StripeTransaction, bool, error) {
	return a.transactions(ctx, url.Values{"payout": {payoutID}}, after)
}

// TransactionsCreated reads one page of what moved the balance in a span, the ends included,
// newest first.
func (a Books) TransactionsCreated(ctx context.Context, from, to time.Time, after string) ([]ledger.StripeTransaction, bool, error) {
	return a.transactions(ctx, created(from, to), after)
}

func (a Books) transactions(ctx context.Context, query url.Values, after string) ([]ledger.StripeTransaction, bool, error) {
	query.Set("limit", strconv.Itoa(pageSize))
	if after != "" {
		query.Set("starting_after", after)
	}
	got, err := get[page[transactionBody]](ctx, a.Account, "/v1/balance_transactions", query)
	return each(got.Data, func(b transactionBody) ledger.StripeTransaction { return b.StripeTransaction }), got.HasMore, err
}

// WholeIntentsCreated is IntentsCreated with charges and their fees.
func (a Books) WholeIntentsCreated(ctx context.Context, from, to time.Time) ([]ledger.Intent, error) {
	query := created(from, to)
	query.Set("expand[]", "data.latest_charge.balance_transaction")
	bodies, err := listing[intentBody]{
		path: "/v1/payment_intents", query: query, id: func(b *intentBody) string { return b.ID },
	}.read(ctx, a.Account)
	return each(bodies, func(b intentBody) ledger.Intent { return b.Intent }), err
}

// RefundsCreated reads the refunds that were created in a span, the ends included.
func (a Books) RefundsCreated(ctx context.Context, from, to time.Time) ([]ledger.StripeRefund, error) {
	bodies, err := listing[refundBody]{
		path: "/v1/refunds", query: created(from, to), id: func(b *refundBody) string { return b.ID },
	}.read(ctx, a.Account)
	return each(bodies, func(b refundBody) ledger.StripeRefund { return b.StripeRefund }), err
}

// DisputesCreated reads the disputes that were created in a span, the ends included.
func (a Books) DisputesCreated(ctx context.Context, from, to time.Time) ([]ledger.StripeDispute, error) {
	bodies, err := listing[disputeBody]{
		path: "/v1/disputes", query: created(from, to), id: func(b *disputeBody) string { return b.ID },
	}.read(ctx, a.Account)
	return each(bodies, func(b disputeBody) ledger.StripeDispute { return b.StripeDispute }), err
}
