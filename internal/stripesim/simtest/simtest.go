// Package simtest gives tests a running Stripe simulator whose every request
// and answer is checked against Stripe's own documents.
package simtest

import (
	"net/http/httptest"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim"
)

// Server is a simulator on loopback with one healthy account.
type Server struct {
	// URL has no trailing slash; it takes the place of https://api.stripe.com.
	URL     string
	Sim     *stripesim.Sim
	Account stripesim.Account
}

// Start runs a simulator until the test ends. The test fails if a request or
// an answer disagrees with Stripe's documents.
func Start(t testing.TB) *Server {
	t.Helper()
	return StartWith(t, stripesim.Config{})
}

// StartWith is Start with a clock, latency or state file.
func StartWith(t testing.TB, config stripesim.Config) *Server {
	t.Helper()
	sim := stripesim.New(config)
	checker := Checked(sim, func(disagreement string) { t.Error(disagreement) })
	server := httptest.NewServer(checker)
	t.Cleanup(func() {
		sim.ClearFaults() // a request still held would keep the server open
		server.Close()
		checker.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Server{URL: server.URL, Sim: sim, Account: sim.AddAccount(stripesim.AccountConfig{})}
}
