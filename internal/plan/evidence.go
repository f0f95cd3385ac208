package plan

import "github.com/golive-hq/golive/internal/catalog"

// Read is one answer: a value, or why there is none.
type Read[T any] struct {
	Value T
	Err   error
}

// Evidence is all that the checks look at. Whoever gathers it never leaves a
// read out: one that failed says why, and the check that needs it fails.
type Evidence struct {
	// StripeProductID is the product's id in test.
	StripeProductID string
	// StampOwner is the tenant whose stamps count as our own.
	StampOwner string
	// Adopt allows taking over live objects that Golive did not create.
	Adopt bool

	// TestAccountID and LiveAccountID are the accounts as connected, "" where
	// that mode is not connected.
	TestAccountID, LiveAccountID string
	// DifferentAccountAllowed tells that an admin connected two accounts on purpose.
	DifferentAccountAllowed bool

	TestBalance, LiveBalance Read[catalog.Balance]
	TestAccount, LiveAccount Read[catalog.Account]
	// Test and Live are nil where the product does not exist there.
	Test, Live Read[*catalog.Snapshot]
	// KeyHolders are the live prices, of any product, that hold a lookup key of
	// one of the test prices.
	KeyHolders Read[[]catalog.Price]
	Webhooks   Read[[]catalog.WebhookEndpoint]

	Known Known
	// ActiveDeployment is the id of another unfinished deployment of the product, or "".
	ActiveDeployment string
	// ActiveElsewhere tells that another tenant of the live account deploys it just now, whose
	// affair that is.
	ActiveElsewhere bool
	// Plan is what would be done, nil where evidence for it is missing.
	Plan *Plan
}

// CheckStatus is a check's verdict.
type CheckStatus string

// The verdicts. Only CheckFailed blocks.
const (
	CheckPassed  CheckStatus = "PASSED"
	CheckWarning CheckStatus = "WARNING"
	CheckFailed  CheckStatus = "FAILED"
)

// Result is what one check found.
type Result struct {
	Check   string      `json:"check"`
	Status  CheckStatus `json:"status"`
	Message string      `json:"message"`
	// Details is JSON for programs, nil where the message says it all.
	Details map[string]any `json:"details"`
}

// OK tells that no result blocks.
func OK(results []Result) bool {
	for _, r := range results {
		if r.Status == CheckFailed {
			return false
		}
	}
	return true
}
