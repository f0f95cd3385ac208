package ledger

import (
	"encoding/json"

	"github.com/golive-hq/golive/internal/catalog"
)

// StripeTransaction is a balance transaction: one movement of an account's balance.
type StripeTransaction struct {
	ID                string `json:"id"`
	Type              string `json:"type"`
	ReportingCategory string `json:"reporting_category"`
	Amount            int64  `json:"amount"`
	Fee               int64  `json:"fee"`
	Net               int64  `json:"net"`
	Currency          string `json:"currency"`
	// ExchangeRate is from what the customer was charged in, nil for the same currency.
	ExchangeRate *json.Number `json:"exchange_rate"`
	// Source is the id of what moved it, "" for nothing that has one.
	Source      string `json:"source"`
	AvailableOn int64  `json:"available_on"`
	Created     int64  `json:"created"`
}

// StripePayout is a payout of an account's balance.
type StripePayout struct {
	ID       string `json:"id"`
	Status   string `json:"status"` // pending, in_transit, paid, failed, canceled; paid may yet fail
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	// Automatic ones alone can be explained: Stripe does not know what others pay out.
	Automatic            bool   `json:"automatic"`
	ReconciliationStatus string `json:"reconciliation_status"` // not_applicable, in_progress, completed
	ArrivalDate          int64  `json:"arrival_date"`
	Created              int64  `json:"created"`
}

// PayoutLine is a payout's transactions of one reporting category.
type PayoutLine struct {
	Category string `db:"category"`
	Currency string `db:"currency"`
	Count    int    `db:"count"`
	Gross    int64  `db:"gross"`
	Fee      int64  `db:"fee"`
	Net      int64  `db:"net"`
}

// Residual is what of a payout its lines don't explain: 0 where they do, to the unit. Lines
// in another currency than the payout's explain nothing of it.
func Residual(amount int64, currency string, lines []PayoutLine) int64 {
	for _, l := range lines {
		if l.Currency == currency {
			amount -= l.Net
		}
	}
	return amount
}

// Moves says what a reporting category is for whoever adds a balance up.
type Moves string

// What moves a balance.
const (
	MovesCaptured Moves = "captured"
	MovesRefunded Moves = "refunded"
	MovesDisputed Moves = "disputed"
	MovesPaidOut  Moves = "paid out"
	MovesOther    Moves = "other" // Stripe's own fees, adjustments, reserves, ...
)

var moves = map[string]Moves{
	"charge": MovesCaptured, "charge_failure": MovesCaptured, "partial_capture_reversal": MovesCaptured,
	"refund": MovesRefunded, "refund_failure": MovesRefunded,
	"dispute": MovesDisputed, "dispute_reversal": MovesDisputed,
	"payout": MovesPaidOut, "payout_reversal": MovesPaidOut,
}

// MovesOf says what a reporting category of Stripe's is.
func MovesOf(category string) Moves {
	if m, known := moves[category]; known {
		return m
	}
	return MovesOther
}

// OfCustomers tells that it is a customer's money, and so that an order should know of it.
func (m Moves) OfCustomers() bool {
	return m == MovesCaptured || m == MovesRefunded || m == MovesDisputed
}

// CategoriesOfCustomers are the reporting categories of customers' money.
func CategoriesOfCustomers() []string {
	var all []string
	for category, m := range moves {
		if m.OfCustomers() {
			all = append(all, category)
		}
	}
	return all
}

// GrossMoney is what a line comes to before fees.
func (l PayoutLine) GrossMoney() catalog.Money { return Money(l.Gross, l.Currency) }

// FeeMoney is a line's fees.
func (l PayoutLine) FeeMoney() catalog.Money { return Money(l.Fee, l.Currency) }

// NetMoney is what is left of a line.
func (l PayoutLine) NetMoney() catalog.Money { return Money(l.Net, l.Currency) }
