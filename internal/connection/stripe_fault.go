package connection

import (
	"errors"
	"fmt"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
)

// StripeFault turns a *catalog.Error that the state of the key or of Stripe
// explains into STRIPE_KEY_INVALID or STRIPE_UNAVAILABLE; any other error is
// returned with a prefix.
func StripeFault(err error) error {
	var e *catalog.Error
	switch {
	case !errors.As(err, &e):
	case e.Kind == catalog.KindPermission && e.Status == 403:
		return fault.Wrap(err, fault.StripeKeyInvalid, "Stripe accepts this key, but it's missing permissions Golive needs: %s", e.Message)
	case e.Kind == catalog.KindPermission:
		return fault.Wrap(err, fault.StripeKeyInvalid, "Stripe rejected this key: it's mistyped, revoked or expired. Connect a valid one.")
	case e.Unsound:
		return fault.Wrap(err, fault.StripeUnavailable, "%s Nothing was changed.", e.Message)
	case e.Transient():
		return fault.Wrap(err, fault.StripeUnavailable, "Stripe can't be reached right now. Nothing was changed. Try again in a minute.")
	}
	return fmt.Errorf("ask stripe: %w", err)
}
