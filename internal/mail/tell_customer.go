package mail

// What customers are told says who sold, and nothing of Golive, which they don't know.

func receipt(d draft) letter {
	business := clean(d.n.Tenant, short)
	return letter{
		Subject: d.tested("Receipt: " + clean(d.n.Amount, shortest) + " to " + clean(d.n.Tenant, shortest)),
		Title:   "Your payment to " + business,
		Lead:    append(d.noMoney(), business+" has received your payment. This is what you bought."),
		Why:     d.boughtAt(business),
	}
}

func refunded(d draft) letter {
	business := clean(d.n.Tenant, short)
	return letter{
		Subject: d.tested("Refund: " + clean(d.n.Amount, shortest) + " from " + clean(d.n.Tenant, shortest)),
		Title:   "Your refund from " + business,
		Lead:    append(d.noMoney(), business+" has given money back to what you paid with. It may take a few days until it shows there."),
		Why:     d.boughtAt(business),
	}
}

func (d draft) tested(subject string) string {
	if d.n.Test {
		return "Test: " + subject
	}
	return subject
}

func (d draft) noMoney() []string {
	if d.n.Test {
		return []string{"This is a test: no money was moved."}
	}
	return nil
}

func (d draft) boughtAt(business string) string {
	return "You got this because your address was given with an order at " + business + ". If you have questions, ask " + business + "."
}
