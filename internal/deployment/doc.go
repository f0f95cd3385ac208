// Package deployment is the heart of Golive: it owns deployments, their journal
// of steps and their history of events, from the click to live.
//
// A use case is an exported method of Service: it begins a transaction, calls
// unexported helpers that take (ctx, tx), and commits. A state change, its event,
// its audit entry and the jobs it causes are always one transaction, and none is
// ever open across a network call. Only store.go speaks SQL.
package deployment
