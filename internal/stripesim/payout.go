package stripesim

import (
	"net/http"
	"slices"
)

// payoutListsItself is unverified: whether the transactions of a payout, listed by
// payout, have the payout's own among them.
const payoutListsItself = true

// payoutTravels is how many seconds a payout takes to arrive; Settle makes it so earlier.
const payoutTravels = 2 * 24 * 3600

const (
	payoutInTransit = "in_transit"
	payoutPaid      = "paid"
)

// bankAccount is where all payouts go.
const bankAccount = "ba_1HarbourAndPine"

type payout struct {
	ID                   string            `json:"id"`
	Object               string            `json:"object"`
	Amount               int64             `json:"amount"`
	ArrivalDate          int64             `json:"arrival_date"`
	Automatic            bool              `json:"automatic"`
	BalanceTransaction   ref               `json:"balance_transaction"`
	Created              int64             `json:"created"`
	Currency             string            `json:"currency"`
	Description          string            `json:"description"`
	Destination          string            `json:"destination"`
	FailureTransaction   ref               `json:"failure_balance_transaction"`
	FailureCode          *string           `json:"failure_code"`
	FailureMessage       *string           `json:"failure_message"`
	Livemode             bool              `json:"livemode"`
	Metadata             map[string]string `json:"metadata"`
	Method               string            `json:"method"`
	OriginalPayout       null              `json:"original_payout"`
	ReconciliationStatus string            `json:"reconciliation_status"`
	ReversedBy           null              `json:"reversed_by"`
	SourceType           string            `json:"source_type"`
	StatementDescriptor  null              `json:"statement_descriptor"`
	Status               string            `json:"status"`
	Type                 string            `json:"type"`
}

func payoutRoutes() []*route {
	return []*route{
		{
			method: "GET", template: "/v1/payouts", resource: "payouts", answers: targetPayoutList, run: listPayouts,
			params: listParams(params{"arrival_date": createdParam(), "created": createdParam(), "status": name(5000)}),
		},
		{method: "GET", template: "/v1/payouts/{id}", resource: "payouts", answers: targetPayout, run: getPayout},
	}
}

func (o *op) renderPayout(p *payout, x expansion) any {
	v := *p
	if x.has("balance_transaction") {
		v.BalanceTransaction.object = o.expandTransaction(v.BalanceTransaction.id, x["balance_transaction"])
	}
	if x.has("failure_balance_transaction") {
		v.FailureTransaction.object = o.expandTransaction(v.FailureTransaction.id, x["failure_balance_transaction"])
	}
	return v
}

func getPayout(o *op) (any, *apiError) {
	p, ok := o.payouts.get(o.pathID)
	if !ok {
		return nil, o.missing(http.StatusNotFound, nounPayout, o.pathID, "payout")
	}
	return o.renderPayout(p, o.expand), nil
}

func listPayouts(o *op) (any, *apiError) {
	created, arrives := o.in.created(), o.in.during("arrival_date")
	return listOf(o, o.payouts, o.payouts.all, nounPayout, func(p *payout) bool {
		return created(p.Created) && arrives(p.ArrivalDate) && o.in.filter("status", func(v string) bool { return p.Status == v })
	}, o.renderPayout)
}

// payOut pays out all that is available, one payout for each currency that is owed.
func (o ledger) payOut() []string {
	due := map[string][]string{}
	sums := map[string]int64{}
	for _, e := range o.transactions.all {
		if t := e.value; t.Payout == "" && t.Type != "payout" && t.AvailableOn <= o.created() {
			due[t.Currency] = append(due[t.Currency], t.ID)
			sums[t.Currency] += t.Net
		}
	}
	var ids []string
	for _, currency := range currencies {
		if sums[currency] > 0 {
			ids = append(ids, o.send(currency, sums[currency], due[currency]))
		}
	}
	return ids
}

func (o ledger) send(currency string, amount int64, transactions []string) string {
	p := &payout{
		ID: newID("po_1", 23), Object: "payout", Amount: amount, ArrivalDate: o.created() + payoutTravels, Automatic: true,
		Created: o.created(), Currency: currency, Description: "STRIPE PAYOUT", Destination: bankAccount, Livemode: o.mode == Live,
		Metadata: map[string]string{}, Method: "standard", ReconciliationStatus: "in_progress", SourceType: "card",
		Status: payoutInTransit, Type: "bank_account",
	}
	t := o.book(transaction{Type: "payout", ReportingCategory: "payout", Amount: -amount, Currency: currency, Source: ref{id: p.ID}})
	if payoutListsItself {
		transactions = append(slices.Clone(transactions), t.ID)
	}
	for _, id := range transactions {
		o.transactions.edit(id, func(t *transaction) { t.Payout = p.ID })
	}
	p.BalanceTransaction = ref{id: t.ID}
	o.payouts.add(p.ID, p.Created, p)
	o.emit("payout.created", *p, nil)
	return p.ID
}

// arrive has a payout paid, and its transactions reconciled.
func (o ledger) arrive(id string) {
	p := o.payouts.edit(id, func(p *payout) { p.Status = payoutPaid })
	o.emit("payout.paid", *p, nil)
	p = o.payouts.edit(id, func(p *payout) { p.ReconciliationStatus = "completed" })
	o.emit("payout.reconciliation_completed", *p, nil)
}

// bounce sends a payout back, though it may have been paid.
func (o ledger) bounce(id string) {
	old, _ := o.payouts.get(id)
	t := o.book(transaction{Type: "payout_failure", ReportingCategory: "payout_reversal", Amount: old.Amount, Currency: old.Currency, Source: ref{id: id}})
	code, message := "account_closed", "The bank account has been closed."
	p := o.payouts.edit(id, func(p *payout) {
		p.Status, p.FailureCode, p.FailureMessage, p.FailureTransaction = statusFailed, &code, &message, ref{id: t.ID}
	})
	o.emit("payout.failed", *p, nil)
}
