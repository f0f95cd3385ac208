// Package runner carries one deployment out: it takes the lease, checks, writes the
// journal, takes the steps, reads live back, and turns back where that fails. Whatever
// it notes it notes as the owner of the deployment, whose epoch fences out everybody
// before it; whatever it sends to Stripe it sends under a lease that outlasts the call.
package runner
