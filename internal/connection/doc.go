// Package connection owns the Stripe keys of tenants: it proves them against
// Stripe, keeps them sealed, and says which account a tenant is connected to.
//
// Keys leave this package only by StripeKey, for the domain's own calls. No
// transaction is open while Stripe is asked. What goes live relies on an account:
// whoever writes one down for later calls LockAccount, and another account is refused
// while the one before is needed.
package connection
