// Package e2e proves the whole: the real API, worker and Postgres, and a Stripe
// that is the simulator behind HTTP.
//
// It holds tests only. testdata/corpus has one file per catalogue case: what is
// in test, phase by phase, and what a go-live must make of it in live.
package e2e
