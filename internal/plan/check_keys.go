package plan

import (
	"errors"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

func checkStripeIntegration(e *Evidence) Result {
	if bad := keyProblem(e, testKey); bad != nil {
		return *bad
	}
	if err := testCatalog.err(e); err != nil {
		return unread(testCatalog, err)
	}
	if e.Test.Value == nil {
		return verdict(Result{}, []problem{failure(map[string]any{"accountId": e.TestAccountID},
			"The connected Stripe test account %s doesn't have product %s. Connect the account that does.",
			e.TestAccountID, e.StripeProductID)})
	}
	return passed("The Stripe test key works and can read the product.")
}

func checkProductionConfig(e *Evidence) Result {
	if bad := keyProblem(e, liveKey); bad != nil {
		return *bad
	}
	return passed("The Stripe live key is connected and valid.")
}

// keyProblem tells what is wrong with a mode's key, nil if Stripe accepts it.
func keyProblem(e *Evidence, key source) *Result {
	mode := modeName(key.mode)
	about := map[string]any{"mode": string(key.mode)}
	err := key.err(e)
	var p problem
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errNotConnected):
		p = failure(about, "No Stripe %s key is connected. Connect one first.", mode)
	case refusedKey(err):
		p = failure(about, "Stripe rejected the %s key as expired, revoked or invalid. Connect a valid one.", mode)
	default:
		r := unread(key, err)
		return &r
	}
	r := verdict(Result{}, []problem{p})
	return &r
}

// checkKeyPermissions sees rights by their absence: Stripe tells nobody what a
// key may do, and writing cannot be tried without effect.
func checkKeyPermissions(e *Evidence) Result {
	missing := map[catalog.Mode][]string{}
	var unknown *Result
	for _, s := range answers {
		switch err := s.err(e); {
		case lacksRight(err):
			if !slices.Contains(missing[s.mode], s.right) {
				missing[s.mode] = append(missing[s.mode], s.right)
			}
		case err != nil && !errors.Is(err, errNoAccount) && unknown == nil:
			r := unread(s, err)
			unknown = &r
		}
	}
	var problems []problem
	for _, mode := range []catalog.Mode{catalog.Test, catalog.Live} {
		if rights := missing[mode]; rights != nil {
			problems = append(problems, failure(map[string]any{"mode": string(mode), "missing": rights},
				"The %s key doesn't have permission to %s. Grant it in Stripe, or connect a key that has it.",
				modeName(mode), strings.Join(rights, " and to ")))
		}
	}
	if problems == nil && unknown != nil {
		return *unknown
	}
	return verdict(passed("Both keys can read everything they need to. Whether the live key can write products and prices shows only at the first write."), problems)
}

// checkKeyMode believes what Stripe says of a key, not how the key begins.
func checkKeyMode(e *Evidence) Result {
	var problems []problem
	if e.TestBalance.Value.Livemode {
		problems = append(problems, failure(map[string]any{"mode": string(catalog.Test)},
			"The key connected for test mode is a live key. Connect a test key instead."))
	}
	if !e.LiveBalance.Value.Livemode {
		problems = append(problems, failure(map[string]any{"mode": string(catalog.Live)},
			"The key connected for live mode is a test key. Connect a live key instead."))
	}
	return verdict(passed("Each key belongs to the mode it's connected for."), problems)
}

func checkSameAccount(e *Evidence) Result {
	test, live := e.TestAccount.Value.ID, e.LiveAccount.Value.ID
	about := map[string]any{"testAccountId": test, "liveAccountId": live}
	var problems []problem
	if test != e.TestAccountID {
		problems = append(problems, failure(about,
			"The test key now belongs to account %s instead of %s. Connect a key for %s.", test, e.TestAccountID, e.TestAccountID))
	}
	if live != e.LiveAccountID {
		problems = append(problems, failure(about,
			"The live key now belongs to account %s instead of %s. Connect a key for %s.", live, e.LiveAccountID, e.LiveAccountID))
	}
	if test != live && !e.DifferentAccountAllowed {
		problems = append(problems, failure(about,
			"The test key belongs to account %s and the live key to %s. Connect keys for the same account, or reconnect and allow different accounts if test is a sandbox.", test, live))
	}
	if test != live {
		return verdict(passed("Test is account %s and live is %s, as allowed by an admin.", test, live), problems)
	}
	return verdict(passed("Both keys belong to account %s.", test), problems)
}
