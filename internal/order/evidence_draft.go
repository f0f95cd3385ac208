package order

import (
	"fmt"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/ledger"
)

// suggest is what Golive's record says for the one who sold. It says nothing that isn't in it.
func suggest(o *Order, with *Details, d *ledger.Dispute) map[string]string {
	evidence := map[string]string{}
	put := func(field, value string) {
		if value != "" {
			evidence[field] = value
		}
	}
	var bought, story []string
	for _, l := range with.Lines {
		bought = append(bought, fmt.Sprintf("%d x %s for %s", l.Quantity, l.Name, ledger.Words(l.Amount, o.Currency)))
	}
	story = append(story, fmt.Sprintf("Order %s over %s was placed on %s by customer %s.", o.Number(), ledger.Words(o.Total, o.Currency), onDay(o.CreatedAt), o.Customer))
	story = append(story, paymentStory(with.Payment(d.PaymentID), o)...)
	if o.FulfilledAt != nil {
		story = append(story, "It was fulfilled on "+onDay(*o.FulfilledAt)+".")
		put("service_date", onDay(*o.FulfilledAt))
	}
	put("customer_email_address", with.Contact.Email)
	put("product_description", strings.Join(bought, "\n"))
	put("uncategorized_text", strings.Join(story, "\n"))
	if d.Reason == "duplicate" {
		put("duplicate_charge_explanation", fmt.Sprintf("Order %s was paid once, by the payment that is disputed.", o.Number()))
	}
	return evidence
}

func paymentStory(p *ledger.Payment, o *Order) (story []string) {
	if p == nil {
		return nil
	}
	with := or(p.Method)
	if p.Last4 != nil {
		with = strings.TrimSpace(or(p.Brand)+" "+with) + " ending in " + *p.Last4
	}
	if o.PaidAt != nil {
		story = append(story, fmt.Sprintf("%s was paid on %s with %s.", ledger.Words(p.Captured, p.Currency), onDay(*o.PaidAt), with))
	}
	for _, r := range p.Refunds {
		if r.Status == ledger.RefundSucceeded {
			story = append(story, fmt.Sprintf("%s was refunded on %s.", ledger.Words(r.Amount, r.Currency), onDay(r.CreatedAt)))
		}
	}
	return story
}

func onDay(t time.Time) string { return t.UTC().Format(time.DateOnly) }
