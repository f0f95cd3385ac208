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
			"Stripe does not tell whether it still requires something of the live account, so look for open tasks in Stripe's dashboard."))
	} else {
		problems = append(problems, requirementProblems(*a.Requirements)...)
	}
	if !isTrue(a.DetailsSubmitted) {
		problems = append(problems, warning(map[string]any{"field": "details_submitted"},
			"The live account's details %s, so complete them in Stripe's dashboard.", said(a.DetailsSubmitted, "are not known to be submitted", "are not submitted")))
	}
	if !isTrue(a.PayoutsEnabled) {
		problems = append(problems, warning(map[string]any{"field": "payouts_enabled"},
			"Payouts of the live account %s, so add a bank account in Stripe's dashboard.", said(a.PayoutsEnabled, "are not known to be enabled", "are not enabled")))
	}
	return verdict(passed("The live account may charge customers."), problems)
}

func chargeProblems(a catalog.Account) []problem {
	if isTrue(a.ChargesEnabled) {
		return nil
	}
	about := map[string]any{"field": "charges_enabled"}
	if a.ChargesEnabled == nil {
		return []problem{failure(about, "Stripe does not tell whether the live account may charge customers, so look at the account in Stripe's dashboard and use a key that may read it.")}
	}
	return []problem{failure(about, "The live account may not charge customers yet, so finish its activation in Stripe's dashboard.")}
}

func requirementProblems(r catalog.Requirements) []problem {
	var problems []problem
	if r.DisabledReason != "" {
		problems = append(problems, failure(map[string]any{"field": "requirements.disabled_reason", "value": r.DisabledReason},
			"Stripe has disabled the live account (%s), so settle that in Stripe's dashboard.", r.DisabledReason))
	}
	if len(r.PastDue) > 0 {
		problems = append(problems, failure(map[string]any{"field": "requirements.past_due", "value": r.PastDue},
			"Stripe's requirements of the live account are past due (%s), so meet them in Stripe's dashboard.", strings.Join(r.PastDue, ", ")))
	}
	if len(r.CurrentlyDue) > 0 {
		problems = append(problems, warning(map[string]any{"field": "requirements.currently_due", "value": r.CurrentlyDue},
			"Stripe wants more of the live account soon (%s), so supply it in Stripe's dashboard.", strings.Join(r.CurrentlyDue, ", ")))
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
				"The product's statement descriptor %q %s, so change it in Stripe test.", d, wrong))
		}
	}
	if e.LiveAccount.Value.Settings.Payments.StatementDescriptor == "" {
		problems = append(problems, warning(map[string]any{"field": "settings.payments.statement_descriptor"},
			"The live account has no statement descriptor, so set the name that customers shall see on their bank statements in Stripe's dashboard."))
	}
	return verdict(passed("Customers will recognise the charge on their bank statements."), problems)
}

// descriptorFault tells which of Stripe's rules for statement descriptors is broken.
func descriptorFault(d string) string {
	switch {
	case utf8.RuneCountInString(d) > 22:
		return "has more than 22 characters"
	case strings.ContainsAny(d, `<>\"'*`):
		return `has one of < > \ " ' *`
	case !strings.ContainsFunc(d, unicode.IsLetter):
		return "has no letter"
	}
	return ""
}
