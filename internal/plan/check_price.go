package plan

import (
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// checkProductPrice looks at active prices alone: an archived one is sold to nobody.
func checkProductPrice(e *Evidence) Result {
	active := e.Test.Value.ActivePrices()
	if len(active) == 0 && !e.Test.Value.Product.Active {
		return passed("A product that's being archived doesn't need an active price.")
	}
	if len(active) == 0 {
		return verdict(Result{}, []problem{failure(map[string]any{"product": e.StripeProductID},
			"The product has no active price. Add or reactivate one in test mode.")})
	}
	var problems []problem
	for i := range active {
		problems = append(problems, lossProblems(&active[i])...)
		problems = append(problems, shapeProblems(&active[i])...)
		for _, a := range amountsOf(&active[i]) {
			problems = append(problems, a.problems(e.Test.Value.Product.Name)...)
		}
	}
	return verdict(passed("The product has %s with valid amounts.", counted(len(active), "active price")), problems)
}

// lossProblems finds what live would not get.
func lossProblems(p *catalog.Price) []problem {
	var problems []problem
	if p.Meter() != "" {
		problems = append(problems, failure(map[string]any{"price": p.ID, "field": "recurring.meter"},
			"The price %s is metered, which Golive can't take live yet. Archive it in test mode and create it in live mode by hand.", priceName(p)))
	}
	if len(p.Unknown) > 0 {
		problems = append(problems, unknownProblem("price", priceName(p), map[string]any{"price": p.ID}, p.Unknown))
	}
	return problems
}

// unknownProblem tells of what no plan can show.
func unknownProblem(resource, name string, about map[string]any, fields []string) problem {
	about["fields"] = fields
	return warning(about, "The %s %s has fields Golive doesn't support and won't copy (%s). Check whether you need them in live mode.",
		resource, name, strings.Join(fields, ", "))
}

// shapeProblems finds amounts that are missing or contradict each other.
func shapeProblems(p *catalog.Price) []problem {
	about := map[string]any{"price": p.ID}
	wrong := ""
	switch {
	case p.BillingScheme == "tiered":
		wrong = tiersFault(p.Tiers)
	case p.CustomUnitAmount != nil:
		wrong = customFault(p.CustomUnitAmount)
	case p.UnitAmountDecimal == "":
		wrong = "has no amount"
	}
	if wrong == "" {
		return nil
	}
	return []problem{failure(about, "The price %s %s. Replace it with a complete one in test mode.", priceName(p), wrong)}
}

func tiersFault(tiers []catalog.Tier) string {
	for i, t := range tiers {
		last := i == len(tiers)-1
		switch {
		case t.FlatAmountDecimal == "" && t.UnitAmountDecimal == "":
			return "has a tier without an amount"
		case last != (t.UpTo == nil):
			return "has tiers where only the last should be open-ended"
		case i > 0 && !last && *t.UpTo <= *tiers[i-1].UpTo:
			return "has tiers that aren't in ascending order"
		}
	}
	if len(tiers) == 0 {
		return "is tiered but has no tiers"
	}
	return ""
}

func customFault(c *catalog.CustomUnitAmount) string {
	switch {
	case above(c.Minimum, c.Maximum):
		return "has a minimum amount above its maximum"
	case above(c.Minimum, c.Preset) || above(c.Preset, c.Maximum):
		return "suggests an amount outside its minimum and maximum"
	}
	return ""
}

// above compares where both are set.
func above(a, b *int64) bool { return a != nil && b != nil && *a > *b }

// checkTaxBehavior warns in time: Stripe lets the behaviour be chosen once.
func checkTaxBehavior(e *Evidence) Result {
	var problems []problem
	active := e.Test.Value.ActivePrices()
	for i := range active {
		p := &active[i]
		about := map[string]any{"price": p.ID, "field": "tax_behavior"}
		if undecided(p.TaxBehavior) {
			problems = append(problems, warning(about,
				"The price %s doesn't say whether it includes tax. If you charge tax, decide in test mode: it can't be changed once set.", priceName(p)))
			continue
		}
		for _, currency := range sortedKeys(p.CurrencyOptions) {
			if undecided(p.CurrencyOptions[currency].TaxBehavior) {
				problems = append(problems, warning(about,
					"The price %s doesn't say whether its amount in %s includes tax. Decide in test mode: it can't be changed once set.", priceName(p), strings.ToUpper(currency)))
			}
		}
	}
	return verdict(passed("Every active price says whether it includes tax."), problems)
}

func undecided(taxBehavior string) bool { return taxBehavior == "" || taxBehavior == "unspecified" }
