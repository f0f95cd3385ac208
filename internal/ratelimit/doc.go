// Package ratelimit says when a call to Stripe may start, so that all processes
// together keep below Stripe's limits, each requester gets its turn, and nobody
// who could start at once waits.
//
// The decisions are made in Postgres, by its clock (see migration 6); a process
// only waits, by its own monotonic clock.
package ratelimit
