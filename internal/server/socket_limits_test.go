package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/tenant"
)

func TestSocketsThatWaitAreFewOfAnAddress(t *testing.T) {
	t.Parallel()
	s := startWith(t, patientSockets)
	_, tokens := s.newTenant(t, "acme")
	waiting := make([]*rawSocket, server.MaxWaiting)
	for i := range waiting {
		waiting[i] = s.dial(t, nil)
	}
	eventually(t, "all wait", func() bool { return s.server.Sockets() == server.MaxWaiting })
	s.dial(t, nil).wantClose(t, 4429)
	// Who has said who they are waits no more.
	waiting[0].sendText(t, `{"type":"connection_init","payload":{"authorization":"Bearer `+tokens[tenant.RoleViewer]+`"}}`)
	waiting[0].want(t, "connection_ack")
	s.open(t, tokens[tenant.RoleViewer])
	must(t, waiting[1].ws.CloseNow())
	eventually(t, "there is room", func() bool { return s.server.Sockets() == server.MaxWaiting })
	for range 2 { // the one that was let in and the one that left
		s.dial(t, nil)
	}
	eventually(t, "all wait again", func() bool { return s.server.Sockets() == server.MaxWaiting+2 })
	s.dial(t, nil).wantClose(t, 4429)
}

func TestSocketsThatWaitAreGoneSoon(t *testing.T) {
	t.Parallel()
	s := startWith(t, func(c server.Config) *server.Server {
		return server.NewImpatient(c, 50*time.Millisecond, patience, 2*patience, patience)
	})
	s.stuck(t) // it answers nothing, the closing neither
	eventually(t, "it is there", func() bool { return s.server.Sockets() == 1 })
	eventually(t, "it is gone", func() bool { return s.server.Sockets() == 0 })
}

func TestSocketsAndStreamsOfOneTokenAreFew(t *testing.T) {
	t.Parallel()
	s := startWith(t, patientSockets)
	tenantID, tokens := s.newTenant(t, "acme")
	mine, theirs := tokens[tenant.RoleViewer], tokens[tenant.RoleAdmin]
	stream := s.stream(t, mine, `subscription { deploymentsChanged(tenantId: "`+tenantID+`") { id } }`)
	all := make([]*rawSocket, server.MaxOfPrincipal-1)
	for i := range all {
		all[i] = s.open(t, mine)
	}
	tooMany := s.dial(t, nil)
	tooMany.sendText(t, `{"type":"connection_init","payload":{"authorization":"Bearer `+mine+`"}}`)
	tooMany.wantClose(t, 4429)
	if refused := s.stream(t, mine, `{ __typename }`); refused.status != http.StatusTooManyRequests || refused.header.Get("Retry-After") != "10" {
		t.Errorf("a stream: %d", refused.status)
	}
	s.open(t, theirs)
	stream.close()
	eventually(t, "the stream's place is free", func() bool {
		status := s.stream(t, mine, `{ __typename }`).status
		return status == http.StatusOK
	})
	must(t, all[0].ws.CloseNow())
	s.open(t, theirs)
}

func TestSocketsOfAProcessAreLimited(t *testing.T) {
	t.Parallel()
	s := startWith(t, patientSockets)
	_, tokens := s.newTenant(t, "acme")
	s.server.AtMost(1)
	s.open(t, tokens[tenant.RoleViewer])
	s.dial(t, nil).wantClose(t, 4429)
	if got := s.stream(t, tokens[tenant.RoleViewer], `{ __typename }`); got.status != http.StatusTooManyRequests {
		t.Errorf("a stream: %d", got.status)
	}
}

func TestMessagesOfASocketAreLimited(t *testing.T) {
	t.Parallel()
	s := startWith(t, patientSockets)
	_, tokens := s.newTenant(t, "acme")
	c := s.open(t, tokens[tenant.RoleViewer])
	for range 3 * server.MessageBurst {
		if c.ws.Write(t.Context(), 1, []byte(`{"type":"complete","id":"x"}`)) != nil {
			break
		}
	}
	c.wantClose(t, 4429)
}

func TestAddressesOfIPv6AreNetworks(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"192.0.2.1": "192.0.2.1/32", "::ffff:192.0.2.1": "192.0.2.1/32", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1": "fe80::/64",
	} {
		r := &http.Request{RemoteAddr: "203.0.113.7:1"} // a proxy's
		if got := server.AddressOf(r.WithContext(logid.WithRemote(t.Context(), from))); got != want {
			t.Errorf("%s is %s, want %s", from, got, want)
		}
	}
}
