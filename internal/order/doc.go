// Package order sells what went live: orders, the payments of them, refunds and disputes,
// as rows. What may follow what, and what follows from Stripe's word, package ledger says.
//
// Every write to Stripe stands in a journal, key and bytes, before it is sent (call.go). What
// Stripe says is read anew whenever something rings, and applied under the order's lock
// (look.go). It never believes an event's payload, a return page or a browser.
package order
