package server_test

import (
	"net/http"
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/stripesim"
)

// Whoever takes their own right is told that it is done, though every process knows of it
// before the answer is on its way.
func TestWhoeverTakesTheirOwnRightIsTold(t *testing.T) {
	t.Parallel()
	s := startWith(t, patientSockets)
	tenantID, token, _ := s.newShop(t, "acme")
	all, err := s.services.Tenants.ListTokens(t.Context(), "acme")
	must(t, err)
	var id string
	for _, k := range all {
		if k.Email == "admin@example.com" {
			id = k.ID
		}
	}
	knows := s.open(t, token) // closes once it is known
	hold, err := s.sim.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, Times: -1, Match: stripesim.Match{Method: "GET"}})
	must(t, err)
	t.Cleanup(s.sim.Sim.ClearFaults)
	answers := make(chan answer, 1)
	go func() {
		answers <- s.post(t, token, `mutation ($k: ID!, $t: ID!, $s: String!) {
			revokeToken(input: {tokenId: $k}) { token { id revokedAt } }
			connectStripe(input: {tenantId: $t, mode: TEST, secretKey: $s}) { userErrors { code } }
		}`, vars{"k": id, "t": tenantID, "s": s.sim.Account.TestKey})
	}()
	_, err = s.sim.Sim.Held(t.Context(), hold) // the first is done by then
	must(t, err)
	knows.wantClose(t, 4403)
	s.sim.Sim.ClearFaults()
	a := domaintest.Receive(t, answers, "the answer")
	if a.Status != http.StatusOK || get(t, a.Data, "revokeToken", "token", "revokedAt") == nil {
		t.Errorf("%+v", a)
	}
	if a := s.post(t, token, viewerQuery, nil); a.Status != http.StatusUnauthorized {
		t.Errorf("the token goes on: %+v", a)
	}
}
