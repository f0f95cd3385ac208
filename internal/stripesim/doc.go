// Package stripesim is a Stripe that fits into a test: stateful, over HTTP,
// one store per account and mode, speaking API version 2023-10-16.
//
// It covers what going live needs (products, prices, coupons, webhook
// endpoints, account, balance, events) and behaves as Stripe documents:
// error shapes, idempotency, lists, expansion, immutability, limits. What
// Stripe does not document is a constant marked "unverified".
//
// Next to Stripe's paths it serves /_sim/, the control API: faults, held
// requests, the request log, clock, latency, limits, accounts and raw state.
// It belongs on loopback only, since whoever reaches it controls it.
package stripesim
