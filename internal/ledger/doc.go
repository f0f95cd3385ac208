// Package ledger says what an order owes and what has been paid of it: the statuses of
// orders, payments and refunds and which may follow which, exact sums, and what follows
// from what Stripe says of a payment. It is pure: no database, no clock, no network.
//
// Amounts are int64 in the smallest unit of a currency, everywhere and without exception.
package ledger
