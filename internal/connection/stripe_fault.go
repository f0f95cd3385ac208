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
		return fault.Wrap(err, fault.StripeKeyInvalid, "Stripe accepts this key but not for what Golive needs: %s", e.Message)
	case e.Kind == catalog.KindPermission:
		return fault.Wrap(err, fault.StripeKeyInvalid, "Stripe does not accept this key: it was mistyped, revoked or has expired. Connect a valid one.")
	case e.Transient():
		return fault.Wrap(err, fault.StripeUnavailable, "Stripe cannot be asked at the moment. Nothing was changed; try again in a minute.")
	}
	return fmt.Errorf("ask stripe: %w", err)
}
