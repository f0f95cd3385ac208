package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// source is one answer that checks stand on.
type source struct {
	mode catalog.Mode
	// what it tells, for messages; right is what a restricted key needs for it.
	what, right string
	// read returns why the answer is missing.
	read func(*Evidence) error
}

// Why evidence is missing where no call failed.
var (
	errNotConnected = errors.New("not connected")
	errNotInTest    = errors.New("the product is not in test mode")
	errNoAccount    = errors.New("an account without an ID")
)

var (
	testBalance = source{
		catalog.Test, "the key's mode", "read the balance",
		func(e *Evidence) error { return e.TestBalance.Err },
	}
	liveBalance = source{
		catalog.Live, "the key's mode", "read the balance",
		func(e *Evidence) error { return e.LiveBalance.Err },
	}
	testAccount = source{
		catalog.Test, "the account", "read the account",
		func(e *Evidence) error { return accountErr(e.TestAccount) },
	}
	liveAccount = source{
		catalog.Live, "the account", "read the account",
		func(e *Evidence) error { return accountErr(e.LiveAccount) },
	}
	testCatalog = source{
		catalog.Test, "the product", "read products and prices",
		func(e *Evidence) error { return e.Test.Err },
	}
	// testProduct is testCatalog for checks that look at the product itself.
	testProduct = source{
		catalog.Test, "the product", "read products and prices",
		func(e *Evidence) error {
			if e.Test.Err == nil && e.Test.Value == nil {
				return errNotInTest
			}
			return e.Test.Err
		},
	}
	liveProduct = source{
		catalog.Live, "the product", "read products and prices",
		func(e *Evidence) error { return e.Live.Err },
	}
	liveKeyHolders = source{
		catalog.Live, "the prices that use its lookup keys", "read products and prices",
		func(e *Evidence) error { return e.KeyHolders.Err },
	}
	liveWebhooks = source{
		catalog.Live, "the webhook endpoints", "read webhook endpoints",
		func(e *Evidence) error { return e.Webhooks.Err },
	}
)

// answers are all calls to Stripe that the checks stand on.
var answers = []source{
	testBalance, testAccount, testCatalog,
	liveBalance, liveAccount, liveProduct, liveKeyHolders, liveWebhooks,
}

// testKey and liveKey tell whether Stripe accepts the key at all.
var (
	testKey = source{catalog.Test, "anything", "", func(e *Evidence) error { return keyErr(e, catalog.Test) }}
	liveKey = source{catalog.Live, "anything", "", func(e *Evidence) error { return keyErr(e, catalog.Live) }}
)

// err returns why the answer is missing, nil where it is there. A mode that is
// not connected has no answers, whatever the evidence holds: its zero values
// would look like good ones.
func (s source) err(e *Evidence) error {
	if !connected(e, s.mode) {
		return errNotConnected
	}
	return s.read(e)
}

func connected(e *Evidence, mode catalog.Mode) bool {
	if mode == catalog.Live {
		return e.LiveAccountID != ""
	}
	return e.TestAccountID != ""
}

func accountErr(r Read[catalog.Account]) error {
	if r.Err == nil && r.Value.ID == "" {
		return errNoAccount
	}
	return r.Err
}

// keyErr returns nil where one call with the mode's key was let in, even if it
// lacked a right, and none was turned away. Otherwise nothing is known of the key.
func keyErr(e *Evidence, mode catalog.Mode) error {
	var first error
	letIn := false
	for _, s := range answers {
		if s.mode != mode {
			continue
		}
		err := s.read(e)
		switch {
		case refusedKey(err):
			return err
		case err == nil || lacksRight(err):
			letIn = true
		case first == nil:
			first = err
		}
	}
	if letIn {
		return nil
	}
	return first
}

// KeysSeen is what Stripe said of the keys by its answers.
func KeysSeen(e *Evidence) []catalog.KeySeen {
	seen := []catalog.KeySeen{{Mode: catalog.Test, AccountID: e.TestAccountID}, {Mode: catalog.Live, AccountID: e.LiveAccountID}}
	for i, account := range []catalog.Account{e.TestAccount.Value, e.LiveAccount.Value} {
		if !connected(e, seen[i].Mode) {
			continue
		}
		err := keyErr(e, seen[i].Mode)
		seen[i].Refused, seen[i].Taken = refusedKey(err), err == nil
		if name := account.Name(); name != nil {
			seen[i].Name = *name
		}
	}
	return seen
}

func refusedKey(err error) bool { return saysNo(err, 401) }

func lacksRight(err error) bool { return saysNo(err, 403) }

// saysNo tells Stripe's own refusal from one of something on the way to it, which says
// nothing about the key.
func saysNo(err error, status int) bool {
	var stripe *catalog.Error
	return errors.As(err, &stripe) && stripe.Kind == catalog.KindPermission && stripe.Status == status
}

// unread is the result of a check that could not run for lack of s.
func unread(s source, err error) Result {
	details := map[string]any{"couldNotRun": true, "mode": string(s.mode)}
	var stripe *catalog.Error
	if errors.As(err, &stripe) {
		details["category"] = string(stripe.Kind)
		for key, told := range map[string]string{
			"stripeMessage": stripe.Message, "stripeCode": stripe.Code, "stripeRequestId": stripe.RequestID,
		} {
			if told != "" {
				details[key] = told
			}
		}
	}
	return Result{Status: CheckFailed, Message: "Not checked: " + remedy(s, err) + ".", Details: details}
}

// remedy tells what to do first so that s can be read. It never repeats err's
// own text, which is not written for people, unless it is.
func remedy(s source, err error) string {
	mode := modeName(s.mode)
	var stripe *catalog.Error
	switch {
	case errors.Is(err, errNotConnected):
		return "no Stripe " + mode + " key is connected. Connect one first"
	case errors.Is(err, errNotInTest):
		return "the product isn't in test mode. Restore it there or import your products again first"
	case errors.Is(err, errNoAccount):
		return fmt.Sprintf("Stripe didn't say which account the %s key belongs to. Try again in a minute", mode)
	case refusedKey(err):
		return fmt.Sprintf("Stripe rejected the %s key. Connect a valid one first", mode)
	case lacksRight(err):
		return fmt.Sprintf("the %s key doesn't have permission to %s. Grant it in Stripe first", mode, s.right)
	case errors.As(err, &stripe) && stripe.Unsound:
		return strings.TrimSuffix(stripe.Message, ".")
	case errors.As(err, &stripe) && stripe.Transient():
		return fmt.Sprintf("Stripe %s mode couldn't return %s (%s). Try again in a minute", mode, s.what, reason(stripe))
	case stripe != nil:
		return fmt.Sprintf("Stripe %s mode wouldn't return %s (%s). Try again, and report it if it keeps happening", mode, s.what, reason(stripe))
	default:
		return fmt.Sprintf("Golive couldn't read %s from Stripe %s mode because of an internal error. Try again, and report it if it keeps happening", s.what, mode)
	}
}

// reason is why Stripe gave no answer, in words.
func reason(e *catalog.Error) string {
	switch e.Kind {
	case catalog.KindNetwork:
		return "Stripe can't be reached"
	case catalog.KindUnavailable:
		return "Stripe is having an outage"
	case catalog.KindRateLimit:
		return "too many requests"
	case catalog.KindConflict:
		return "another request was using the same object"
	case catalog.KindPermission, catalog.KindRequest:
		if e.Code != "" {
			return "code " + e.Code
		}
	}
	return fmt.Sprintf("status %d", e.Status)
}

func modeName(m catalog.Mode) string {
	if m == catalog.Live {
		return "live"
	}
	return "test"
}
