package plan

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/golive-hq/golive/internal/catalog"
)

// checkAccountReady: what Stripe does not tell is never well. Of requirements it
// tells many accounts nothing when they ask about themselves; while such an account
// may charge customers, that is a warning.
func checkAccountReady(e *Evidence) Result {
	a := e.LiveAccount.Value
	problems := chargeProblems(a)
	if a.Requirements == nil {
		problems = append(problems, warning(map[string]any{"field": "requirements"},
			"Stripe doesn't say whether the live account has outstanding requirements. Check for open tasks in the Stripe Dashboard."))
	} else {
		problems = append(problems, requirementProblems(*a.Requirements)...)
	}
	if !isTrue(a.DetailsSubmitted) {
		problems = append(problems, warning(map[string]any{"field": "details_submitted"},
			"The live account's details %s. Complete them in the Stripe Dashboard.", said(a.DetailsSubmitted, "may not have been submitted", "haven't been submitted")))
	}
	if !isTrue(a.PayoutsEnabled) {
		problems = append(problems, warning(map[string]any{"field": "payouts_enabled"},
			"Payouts from the live account %s. Add a bank account in the Stripe Dashboard.", said(a.PayoutsEnabled, "may not be enabled", "aren't enabled")))
	}
	return verdict(passed("The live account can charge customers."), problems)
}

func chargeProblems(a catalog.Account) []problem {
	if isTrue(a.ChargesEnabled) {
		return nil
	}
	about := map[string]any{"field": "charges_enabled"}
	if a.ChargesEnabled == nil {
		return []problem{failure(about, "Stripe doesn't say whether the live account can charge customers. Check the account in the Stripe Dashboard, and use a key that can read it.")}
	}
	return []problem{failure(about, "The live account can't charge customers yet. Finish activating it in the Stripe Dashboard.")}
}

func requirementProblems(r catalog.Requirements) []problem {
	var problems []problem
	if r.DisabledReason != "" {
		problems = append(problems, failure(map[string]any{"field": "requirements.disabled_reason", "value": r.DisabledReason},
			"Stripe has disabled the live account (%s). Resolve this in the Stripe Dashboard.", r.DisabledReason))
	}
	if len(r.PastDue) > 0 {
		problems = append(problems, failure(map[string]any{"field": "requirements.past_due", "value": r.PastDue},
			"The live account has requirements past due (%s). Complete them in the Stripe Dashboard.", strings.Join(r.PastDue, ", ")))
	}
	if len(r.CurrentlyDue) > 0 {
		problems = append(problems, warning(map[string]any{"field": "requirements.currently_due", "value": r.CurrentlyDue},
			"The live account has requirements due soon (%s). Complete them in the Stripe Dashboard.", strings.Join(r.CurrentlyDue, ", ")))
	}
	return problems
}

func isTrue(b *bool) bool { return b != nil && *b }

func said(b *bool, unknown, no string) string {
	if b == nil {
		return unknown
	}
	return no
}

func checkStatementDescriptor(e *Evidence) Result {
	var problems []problem
	if d := e.Test.Value.Product.StatementDescriptor; d != "" {
		if wrong := descriptorFault(d); wrong != "" {
			problems = append(problems, warning(map[string]any{"field": "statement_descriptor"},
				"The product's statement descriptor %q %s. Change it in test mode.", d, wrong))
		}
	}
	if e.LiveAccount.Value.Settings.Payments.StatementDescriptor == "" {
		problems = append(problems, warning(map[string]any{"field": "settings.payments.statement_descriptor"},
			"The live account has no statement descriptor. In the Stripe Dashboard, set the name customers should see on their bank statements."))
	}
	return verdict(passed("Customers will recognise the charge on their bank statement."), problems)
}

// descriptorFault tells which of Stripe's rules for statement descriptors is broken.
func descriptorFault(d string) string {
	switch {
	case utf8.RuneCountInString(d) > 22:
		return "is longer than 22 characters"
	case strings.ContainsAny(d, `<>\"'*`):
		return `contains one of < > \ " ' *`
	case !strings.ContainsFunc(d, unicode.IsLetter):
		return "contains no letters"
	}
	return ""
}
