// Package stripegw talks to Stripe: it reads catalogues as raw JSON, so that no
// digit and no null is lost, and sends prepared writes exactly once per call.
//
// It is the only importer of stripe-go, of which it uses the transport alone.
// Reads are tried again when they fail for a passing reason. Writes never are,
// neither here nor in stripe-go nor in net/http: whoever writes must first know
// what the lost answer meant.
package stripegw
