package server_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/stripesim"
)

// elsewhere is another process on the same database.
func (s *stack) elsewhere(t *testing.T) app.Services {
	t.Helper()
	return domaintest.Wire(t, s.pool.Config().ConnString(), app.Base{Pool: s.acting}, app.Config{}, slog.New(slog.DiscardHandler))
}

// socket opens one as a page of ours does.
func (b browser) socket(t *testing.T) *rawSocket {
	t.Helper()
	c := b.s.dial(t, http.Header{"Cookie": {"golive=" + b.session(t)}, "Origin": {b.s.url}})
	c.sendText(t, `{"type":"connection_init"}`)
	c.want(t, "connection_ack")
	return c
}

// Whoever signs out, in whatever process, is signed out everywhere: sockets close, and what
// is being done is no longer.
func TestWhatASessionDoesEndsWithIt(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	tenantID, _, products := s.newShop(t, "acme")
	s.member(t, "acme", ada.Email, "DEPLOYER")
	b := s.browser(t)
	b.signIn(t, ada)
	secret := b.session(t)
	c := b.socket(t)
	c.subscribe(t, "1", `subscription ($t: ID!) { deploymentsChanged(tenantId: $t) { id } }`, vars{"t": tenantID})
	hold, err := s.sim.Sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, Times: -1, Match: stripesim.Match{Method: "GET", Path: "^/v1/account$"}})
	must(t, err)
	t.Cleanup(s.sim.Sim.ClearFaults)
	answers := make(chan answer, 1)
	go func() {
		answers <- b.ask(t, `query ($p: ID!) { validateProduct(productId: $p) { ok } }`, vars{"p": products[0]})
	}()
	_, err = s.sim.Sim.Held(t.Context(), hold) // waits until Stripe is asked
	must(t, err)
	must(t, s.elsewhere(t).Identity.SignOut(t.Context(), secret))
	if a := domaintest.Receive(t, answers, "the refusal"); a.Status != http.StatusUnauthorized || !strings.Contains(a.Errors[0].Message, "session has ended") {
		t.Errorf("%+v", a)
	}
	c.wantClose(t, 4403)
	eventually(t, "nothing is left", func() bool { return s.server.Sockets() == 0 })
}

// Being used keeps a session, and lasting keeps a socket open: that is no use.
func TestSocketsEndWithAnIdleSession(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	b := s.browser(t)
	b.signIn(t, ada)
	c := b.socket(t)
	_, err := s.pool.Exec(t.Context(), `UPDATE sessions SET last_used_at = now() - interval '12 hours'`)
	must(t, err)
	c.wantClose(t, 4403)
}

// What was asked to begin at once, and has not, ends with the session that asked, as with a
// token: a browser that was left open may have been somebody else's by then.
func TestWhatWaitsEndsWithItsSession(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end    func(context.Context, signedStack, string) error
		status string
	}{
		"it goes on": {func(context.Context, signedStack, string) error { return nil }, "COMPLETED"},
		"signing out": {func(ctx context.Context, s signedStack, secret string) error {
			return s.services.Identity.SignOut(ctx, secret)
		}, "FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startForPeople(t, ada)
			_, token, products := s.newShop(t, "acme")
			s.member(t, "acme", ada.Email, "DEPLOYER")
			b := s.browser(t)
			b.signIn(t, ada)
			started := b.ask(t, `mutation ($p: ID!) { goLive(input: {productId: $p}) { deployment { id } userErrors { code } } }`, vars{"p": products[0]})
			id := get(t, started.Data, "goLive", "deployment", "id").(string)
			must(t, c.end(t.Context(), s, b.session(t)))
			s.work(t)
			events := s.progress(t, token, id, 0)
			if last := events[len(events)-1]; last.Status != c.status {
				t.Errorf("%s: %+v", last.Status, last)
			}
			got := s.ok(t, token, `query ($id: ID!) { deployment(id: $id) { liveOutcome error { category } } }`, vars{"id": id})
			if c.status == "FAILED" && (get(t, got, "deployment", "error", "category") != "PERMISSION" || get(t, got, "deployment", "liveOutcome") != "UNCHANGED") {
				t.Error(got)
			}
		})
	}
}
