// Package deployment is the heart of Golive: it owns deployments, their journal
// of steps and their history of events, from the click to live.
//
// A use case is an exported method of Service: it begins a transaction, calls
// unexported helpers that take (ctx, tx), and commits. A state change, its event,
// its audit entry and the jobs it causes are always one transaction, and none is
// ever open across a network call. Only row.go writes the row, its events and its jobs.
// Who carries a deployment out is package runner; docs/architecture.md has a map of both.
package deployment
