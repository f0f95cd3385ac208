// Package stripesim is a Stripe that fits into a test: stateful, over HTTP,
// one store per account and mode, speaking API version 2023-10-16.
//
// It covers what going live needs (products, prices, coupons, webhook
// endpoints, account, balance, events) and what orders need (payment intents,
// checkout sessions, charges, refunds, disputes, balance transactions,
// payouts), and behaves as Stripe documents: error shapes, idempotency, lists,
// expansion, immutability, limits. What Stripe does not document is a constant
// marked "unverified".
//
// Next to Stripe's paths it serves two of its own. Below /pay/ payers pay: the
// url of a checkout session leads there, and so does 3-D Secure of an intent
// with a return_url. Below /_sim/ is the control API: faults, held requests, the
// request log, clock, latency, limits, accounts, raw state, and the acts and
// webhooks of the next two paragraphs. It belongs on loopback only, since whoever
// reaches it controls it.
//
// What payers, banks and people at the Dashboard do are methods of World, which Sim
// has: Pay, Authenticate, Settle, Expire, Refund, Dispute, Decide, Payout, Adjust and
// Disable. They take the id of a session, intent or whatever they are about, and
// work in both modes; a live key is refused every test payment method. Other things
// happen by themselves, by the simulator's clock: sessions and holds end, debits of
// test IBANs settle, charges are booked (SetBookingDelay), disputes nobody answers
// are lost. When Advance returns they have happened, each at its own time.
//
// Events go to the webhook endpoints of loopback addresses, signed, in order and
// at once, and are tried again by the simulator's clock; what an endpoint
// elsewhere would get counts as delivered, since the simulator never leaves the
// machine. SetDelivery makes trouble: duplicates, loss, disorder, delay, bad
// signatures and times, other versions. Delivered waits until all that is due has
// been tried, and Attempts tells how. For an order of one's own: pause delivery,
// let things happen, and Deliver the events of GET /v1/events. Dump has the books.
package stripesim
