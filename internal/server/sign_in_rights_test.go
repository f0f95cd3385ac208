package server_test

import (
	"net/http"
	"testing"

	"github.com/golive-hq/golive/internal/tenant"
)

// A person who signs in and holds no token can do all that the role allows, at the due
// time too; and who has lost the role by then can't.
func TestSignedInWithoutAnyTokenAPersonSchedules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ mutation, input, status string }{
		"a deployer":              {"", "", "COMPLETED"},
		"who became a viewer":     {"setMemberRole", "memberId: $m, role: VIEWER", "FAILED"},
		"who was removed":         {"removeMember", "memberId: $m", "FAILED"},
		"who has signed out only": {"logout", "", "COMPLETED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startForPeople(t, ada)
			s.at(t, "2026-12-25T13:00:00Z")
			_, token, products := s.newShop(t, "acme")
			s.member(t, "acme", ada.Email, "DEPLOYER")
			b := s.browser(t)
			b.signIn(t, ada)
			scheduled := get(t, b.ask(t, scheduleMutation, vars{"i": christmas(products[0])}).Data, "scheduleGoLive", "deployment")
			if get(t, scheduled, "requestedBy") != ada.Email {
				t.Fatal(scheduled)
			}
			switch {
			case c.mutation == "logout":
				b.visit(t, http.MethodPost, "/logout", nil)
			case c.mutation != "":
				change := `mutation ($m: ID!) { ` + c.mutation + `(input: {` + c.input + `}) { schedulesAffected { id } userErrors { code } } }`
				got := s.ok(t, token, change, vars{"m": s.memberID(t, token, "acme", ada.Email)})
				if affected := get(t, got, c.mutation, "schedulesAffected").([]any); len(affected) != 1 {
					t.Errorf("affected are said to be %v", affected)
				}
			}
			s.work(t)
			s.at(t, "2026-12-25T13:59:59Z")
			events := s.progress(t, token, get(t, scheduled, "id").(string), 0)
			if last := events[len(events)-1]; last.Status != c.status {
				t.Errorf("%s: %+v", last.Status, last)
			}
		})
	}
}

// A socket takes the session that its upgrade brings, from our own pages alone.
func TestSocketsTakeTheSessionOfOurPages(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	_, tokens := s.newTenant(t, "acme")
	b := s.browser(t)
	b.signIn(t, ada)
	cookie := "golive=" + b.session(t)
	asks := func(header http.Header, payload string) string {
		c := s.dial(t, header)
		c.sendText(t, `{"type":"connection_init","payload":`+payload+`}`)
		c.want(t, "connection_ack")
		c.subscribe(t, "1", `{ viewer { email } }`, nil)
		return string(c.next(t).Payload)
	}
	if got := asks(http.Header{"Cookie": {cookie}, "Origin": {s.url}}, `{}`); got != `{"data":{"viewer":{"email":"ada@example.com"}}}` {
		t.Error(got)
	}
	token := `{"authorization":"Bearer ` + tokens[tenant.RoleViewer] + `"}`
	if got := asks(http.Header{"Cookie": {cookie}, "Origin": {s.url}}, token); got != `{"data":{"viewer":{"email":"viewer@example.com"}}}` {
		t.Error(got)
	}
	withoutOrigin := s.dial(t, http.Header{"Cookie": {cookie}})
	withoutOrigin.sendText(t, `{"type":"connection_init"}`)
	withoutOrigin.wantClose(t, 4401)
	if status := s.upgrade(t, map[string]string{
		"Cookie": cookie, "Origin": "https://evil.example", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "graphql-transport-ws",
	}); status != http.StatusForbidden {
		t.Errorf("another website's page gets %d", status)
	}
	ended := s.dial(t, http.Header{"Cookie": {"golive=NOTHING"}, "Origin": {s.url}})
	ended.sendText(t, `{"type":"connection_init"}`)
	ended.wantClose(t, 4403)
}
