package stripesim

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

type transaction struct {
	ID                string    `json:"id"`
	Object            string    `json:"object"`
	Amount            int64     `json:"amount"`
	AvailableOn       int64     `json:"available_on"`
	Created           int64     `json:"created"`
	Currency          string    `json:"currency"`
	Description       *string   `json:"description"`
	ExchangeRate      null      `json:"exchange_rate"`
	Fee               int64     `json:"fee"`
	FeeDetails        []feeLine `json:"fee_details"`
	Net               int64     `json:"net"`
	ReportingCategory string    `json:"reporting_category"`
	Source            ref       `json:"source"`
	Status            string    `json:"status"`
	Type              string    `json:"type"`
	// Payout is the one that paid it out; never answered, only listed by.
	Payout string `json:"_payout,omitempty"`
}

type feeLine struct {
	Amount      int64  `json:"amount"`
	Application null   `json:"application"`
	Currency    string `json:"currency"`
	Description string `json:"description"`
	Type        string `json:"type"`
}

const statusAvailable = "available"

// ledger books money, and pays it out.
type ledger struct{ *op }

func balanceRoutes() []*route {
	return []*route{
		{
			method: "GET", template: "/v1/balance_transactions", resource: "balance_transactions", answers: targetTransactionList, run: listTransactions,
			params: listParams(params{
				"created": createdParam(), "currency": name(0), "payout": name(5000), "source": name(5000), "type": name(5000),
			}),
		},
		{method: "GET", template: "/v1/balance_transactions/{id}", resource: "balance_transactions", answers: targetTransaction, run: getTransaction},
	}
}

// SetBookingDelay is how long after its payment a charge has a balance transaction, by
// the simulator's clock. Zero, as at first, is at once, though after all events of the
// payment; charge.updated tells of it.
func (w *World) SetBookingDelay(d time.Duration) { w.sim.booking.Store(int64(d)) }

func (o ledger) bookLater(chargeID string) {
	o.plan(o.created()+int64(time.Duration(o.sim.booking.Load()).Seconds()), dueBooking, chargeID)
}

// bookCharge gives a charge its balance transaction.
func (o ledger) bookCharge(id string) {
	old, ok := o.charges.get(id)
	if !ok || old.BalanceTransaction.id != "" {
		return
	}
	typ := "charge"
	if old.PaymentMethodDetails.Type != "card" {
		typ = "payment"
	}
	available := o.created() + availableAfter
	if methods[old.Method].available {
		available = o.created()
	}
	t := o.book(transaction{
		Type: typ, ReportingCategory: "charge", Amount: old.AmountCaptured, Fee: chargeFee(old.AmountCaptured),
		Currency: old.Currency, Source: ref{id: id}, Description: old.Description, AvailableOn: available,
	})
	c := o.charges.edit(id, func(c *charge) { c.BalanceTransaction = ref{id: t.ID} })
	o.emit("charge.updated", c.public(), changes(old.public(), c.public()))
}

// book adds a transaction to the balance; it is available at once unless it says when.
func (o ledger) book(t transaction) *transaction {
	t.ID, t.Object, t.Created, t.Net = newID("txn_3", 23), "balance_transaction", o.created(), t.Amount-t.Fee
	t.AvailableOn = cmp.Or(t.AvailableOn, t.Created)
	t.FeeDetails = []feeLine{}
	if t.Fee != 0 {
		t.FeeDetails = append(t.FeeDetails, feeLine{Amount: t.Fee, Currency: t.Currency, Description: "Stripe processing fees", Type: "stripe_fee"})
	}
	o.transactions.add(t.ID, t.Created, &t)
	return &t
}

func (o *op) renderTransaction(t *transaction, x expansion) any {
	v := *t
	v.Payout, v.Status = "", statusAvailable
	if v.AvailableOn > o.created() {
		v.Status = statusPending
	}
	if x.has("source") {
		v.Source.object = o.expandSource(v.Source.id)
	}
	return v
}

// expandTransaction is nil, and the id stays, where there is none.
func (o *op) expandTransaction(id string, x expansion) any {
	if t, ok := o.transactions.get(id); ok {
		return o.renderTransaction(t, x)
	}
	return nil
}

func (st *store) expandSource(id string) any {
	if c, ok := st.charges.get(id); ok {
		return c.public()
	}
	if r, ok := st.refunds.get(id); ok {
		return *r
	}
	if d, ok := st.disputes.get(id); ok {
		return *d
	}
	if p, ok := st.payouts.get(id); ok {
		return *p
	}
	return nil
}

func getTransaction(o *op) (any, *apiError) {
	t, ok := o.transactions.get(o.pathID)
	if !ok {
		return nil, o.missing(http.StatusNotFound, nounTransaction, o.pathID, "id")
	}
	return o.renderTransaction(t, o.expand), nil
}

func listTransactions(o *op) (any, *apiError) {
	if id := o.in.text("payout"); id != "" && !o.payouts.holds(id) {
		return nil, o.missing(http.StatusBadRequest, nounPayout, id, "payout")
	}
	created := o.in.created()
	return listOf(o, o.transactions, o.transactions.within(o.in, "source"), nounTransaction, func(t *transaction) bool {
		return created(t.Created) &&
			o.in.filter("currency", func(v string) bool { return t.Currency == strings.ToLower(v) }) &&
			o.in.filter("payout", func(v string) bool { return t.Payout == v }) &&
			o.in.filter("type", func(v string) bool { return t.Type == v })
	}, o.renderTransaction)
}

type balance struct {
	Object    string          `json:"object"`
	Available []balanceAmount `json:"available"`
	Livemode  bool            `json:"livemode"`
	Pending   []balanceAmount `json:"pending"`
}

type balanceAmount struct {
	Amount      int64            `json:"amount"`
	Currency    string           `json:"currency"`
	SourceTypes map[string]int64 `json:"source_types"`
}

// getBalance sums what was booked, by currency; dollars are there always.
func getBalance(o *op) (any, *apiError) {
	available, pending := map[string]int64{"usd": 0}, map[string]int64{"usd": 0}
	for _, e := range o.transactions.all {
		t := e.value
		available[t.Currency] += 0
		pending[t.Currency] += 0
		if t.AvailableOn > o.created() {
			pending[t.Currency] += t.Net
		} else {
			available[t.Currency] += t.Net
		}
	}
	return balance{Object: "balance", Available: balanceAmounts(available), Livemode: o.mode == Live, Pending: balanceAmounts(pending)}, nil
}

func balanceAmounts(sums map[string]int64) []balanceAmount {
	all := []balanceAmount{}
	for currency, sum := range sums {
		all = append(all, balanceAmount{Amount: sum, Currency: currency, SourceTypes: map[string]int64{"card": sum}})
	}
	slices.SortFunc(all, func(a, b balanceAmount) int { return cmp.Compare(a.Currency, b.Currency) })
	return all
}
