// Package tenant owns tenants, their members and API tokens, their Stripe keys,
// and the question who may do what.
//
// A face puts the Actor that Authenticate returned into the context; every use
// case of the domain asks Require. What belongs to a tenant that the actor is no
// member of does not exist for it: NOT_FOUND, never FORBIDDEN.
//
// Stripe keys are sealed at rest and leave this package only by StripeKey, for
// the domain's own calls. No transaction is open while Stripe is asked.
package tenant
