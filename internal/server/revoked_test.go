package server_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// revokeAll ends all tokens of a tenant.
func (s *stack) revokeAll(t *testing.T, slug string) {
	t.Helper()
	all, err := s.services.Tenants.ListTokens(t.Context(), slug)
	must(t, err)
	for _, token := range all {
		must(t, s.services.Tenants.RevokeToken(t.Context(), token.ID))
	}
}

// patientSockets ping nobody while a test lasts.
func patientSockets(c server.Config) *server.Server {
	return server.NewImpatient(c, patience, patience, 2*patience, patience)
}

// A token that was revoked opens nothing more, and closes what it had opened; so does a
// role that was lowered. Nothing of what happens after that is told.
func TestSocketsEndWithTheirRights(t *testing.T) {
	t.Parallel()
	for name, withdraw := range map[string]func(*testing.T, *stack){
		"revoked": func(t *testing.T, s *stack) { t.Helper(); s.revokeAll(t, "acme") },
		"lowered": func(t *testing.T, s *stack) {
			t.Helper()
			// Nobody rings: the look that each process takes by itself finds out.
			_, err := s.pool.Exec(t.Context(), `UPDATE members SET role = 'DEPLOYER' WHERE email LIKE 'admin%'`)
			must(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startWith(t, patientSockets)
			tenantID, token, products := s.newShop(t, "acme")
			id := s.goLive(t, token, products[0])
			c := s.open(t, token)
			c.watch(t, "1", id)
			c.nextEvent(t)
			c.subscribe(t, "2", `subscription ($t: ID!) { deploymentsChanged(tenantId: $t) { id } }`, vars{"t": tenantID})
			eventually(t, "both listen", func() bool { return s.server.Subscriptions() == 2 })
			withdraw(t, s)
			c.wantClose(t, 4403)
			eventually(t, "nothing is left", func() bool { return s.server.Sockets() == 0 })
		})
	}
}

// Once it is known that a right is gone no event is sent, however slow the closing is.
func TestNothingIsToldAfterARightIsGone(t *testing.T) {
	t.Parallel()
	s := startWith(t, patientSockets)
	_, token, products := s.newShop(t, "acme")
	id := s.goLive(t, token, products[0])
	c := s.open(t, token)
	c.watch(t, "1", id)
	c.nextEvent(t)
	s.revokeAll(t, "acme")
	eventually(t, "the socket is cancelled", func() bool { return s.server.Subscriptions() == 0 })
	s.work(t)
	for {
		m, err := c.read()
		if err != nil {
			return
		}
		t.Errorf("got %s %s", m.Type, m.Payload)
	}
}

// What a request is doing ends with the right that it came by.
func TestRequestsEndWithTheirRights(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	hold, err := s.sim.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, Times: -1, Match: stripesim.Match{Method: "GET", Path: "^/v1/account$"}})
	must(t, err)
	t.Cleanup(s.sim.Sim.ClearFaults)
	type reply struct {
		status int
		body   string
	}
	replies := make(chan reply, 2)
	for _, path := range []string{"/graphql", "/api/v1/products/deploy"} {
		body := `{"action":"validate","productId":"` + products[0] + `"}`
		if path == "/graphql" {
			body = `{"query":"{ validateProduct(productId: \"` + products[0] + `\") { ok } }"}`
		}
		go func() {
			status, _, text := s.send(t, http.MethodPost, path, token, []byte(body), nil)
			replies <- reply{status, string(text)}
		}()
	}
	_, err = s.sim.Sim.Held(t.Context(), hold) // waits until Stripe is asked
	must(t, err)
	s.revokeAll(t, "acme")
	for range 2 {
		got := domaintest.Receive(t, replies, "the refusal")
		if got.status != http.StatusUnauthorized || !strings.Contains(got.body, "UNAUTHENTICATED") {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
}

// A right about which nobody can be asked is not known to be there for long.
func TestSocketsDoNotOutliveTheirDatabase(t *testing.T) {
	t.Parallel()
	s := startWith(t, patientSockets)
	_, token, _ := s.newShop(t, "acme")
	c := s.open(t, token)
	s.acting.Close()
	c.wantClose(t, 1013)
}

// What a cookie proves counts where our own page opens the socket, and ends as a token does.
func TestSocketsOfASession(t *testing.T) {
	t.Parallel()
	const ours = "https://golive.example"
	var s *stack
	s = startWith(t, patientSockets, func(c *server.Config) {
		c.PublicURL = ours
		c.Session = func(r *http.Request) func(context.Context) (tenant.Actor, error) {
			cookie, err := r.Cookie("session")
			if err != nil {
				return nil
			}
			return func(ctx context.Context) (tenant.Actor, error) {
				return s.services.Tenants.Authenticate(ctx, cookie.Value)
			}
		}
	})
	_, tokens := s.newTenant(t, "acme")
	cookie := func(token string) string { return "session=" + token }
	for name, c := range map[string]struct {
		header http.Header
		code   websocket.StatusCode
	}{
		"no origin":       {http.Header{"Cookie": {cookie(tokens[tenant.RoleViewer])}}, 4401},
		"the host's own":  {http.Header{"Cookie": {cookie(tokens[tenant.RoleViewer])}, "Origin": {s.url}}, 4401},
		"no cookie":       {http.Header{"Origin": {ours}}, 4401},
		"one that's over": {http.Header{"Cookie": {cookie("glt_x")}, "Origin": {ours}}, 4403},
	} {
		t.Run(name, func(t *testing.T) {
			socket := s.dial(t, c.header)
			socket.sendText(t, `{"type":"connection_init"}`)
			socket.wantClose(t, c.code)
		})
	}
	c := s.dial(t, http.Header{"Cookie": {cookie(tokens[tenant.RoleViewer])}, "Origin": {ours}})
	c.sendText(t, `{"type":"connection_init"}`)
	c.want(t, "connection_ack")
	c.subscribe(t, "1", viewerQuery, nil)
	if m := c.want(t, "next"); !strings.Contains(string(m.Payload), "viewer@example.com") {
		t.Errorf("got %s", m.Payload)
	}
	s.revokeAll(t, "acme")
	c.wantClose(t, 4403)
}
