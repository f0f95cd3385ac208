package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/tenant"
)

// The close codes are what makes clients stop, retry or log in again: each is
// the protocol's own.
func TestSocketsSpeakTheProtocol(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	deployment := s.goLive(t, token, products[0])
	init := func(payload string) string { return `{"type":"connection_init","payload":` + payload + `}` }

	for name, c := range map[string]struct {
		header http.Header
		send   []string
		code   websocket.StatusCode
	}{
		"no JSON":                    {nil, []string{`{`}, 4400},
		"no object":                  {nil, []string{`[]`}, 4400},
		"no type":                    {nil, []string{`{}`}, 4400},
		"an unknown type":            {nil, []string{`{"type":"start"}`}, 4400},
		"subscribing first":          {nil, []string{`{"type":"subscribe","id":"1","payload":{"query":"{ __typename }"}}`}, 4401},
		"introduced twice":           {nil, []string{init(`{"authorization":"Bearer TOKEN"}`), `{"type":"connection_init"}`}, 4429},
		"an id used twice":           {nil, []string{init(`{"authorization":"Bearer TOKEN"}`), endless, endless}, 4409},
		"no id":                      {nil, []string{init(`{"authorization":"Bearer TOKEN"}`), `{"type":"subscribe","payload":{"query":"{ __typename }"}}`}, 4400},
		"no query":                   {nil, []string{init(`{"authorization":"Bearer TOKEN"}`), `{"type":"subscribe","id":"1","payload":{}}`}, 4400},
		"no payload":                 {nil, []string{init(`{"authorization":"Bearer TOKEN"}`), `{"type":"subscribe","id":"1"}`}, 4400},
		"variables are no object":    {nil, []string{init(`{"authorization":"Bearer TOKEN"}`), `{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","variables":1}}`}, 4400},
		"a message too long":         {nil, []string{init(`{"authorization":"Bearer TOKEN"}`), `{"type":"ping","payload":{"x":"` + strings.Repeat("x", 64<<10) + `"}}`}, websocket.StatusMessageTooBig},
		"a bad token":                {nil, []string{init(`{"authorization":"Bearer glt_nothing"}`)}, 4403},
		"a token of another kind":    {nil, []string{init(`{"authorization":{"token":"x"}}`)}, 4403},
		"a token without its scheme": {nil, []string{init(`{"authorization":"` + token + `"}`)}, 4403},
		"an odd introduction":        {nil, []string{init(`"x"`)}, 4403},
		"a bad token in the header":  {http.Header{"Authorization": {"Bearer glt_nothing"}}, []string{init("{}")}, 4403},
		"nobody":                     {nil, []string{`{"type":"connection_init"}`}, 4401},
		"nobody, and null":           {nil, []string{init("null")}, 4401},
		"nobody, and an empty token": {nil, []string{init(`{"Authorization":""}`)}, 4401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			socket := s.dial(t, c.header)
			for _, text := range c.send {
				socket.sendText(t, strings.NewReplacer("TOKEN", token, "DEPLOYMENT", deployment).Replace(text))
			}
			socket.wantClose(t, c.code)
		})
	}

	t.Run("binary", func(t *testing.T) {
		t.Parallel()
		socket := s.dial(t, nil)
		must(t, socket.ws.Write(t.Context(), websocket.MessageBinary, []byte(`{"type":"ping"}`)))
		socket.wantClose(t, 4400)
	})
	t.Run("another subprotocol", func(t *testing.T) {
		t.Parallel()
		s.dialAs(t, nil, "graphql-ws").wantClose(t, 4406)
		s.dialAs(t, nil).wantClose(t, 4406)
	})
	for name, introduction := range map[string]string{
		"lower case": init(`{"authorization":"Bearer ` + token + `"}`), "upper case": init(`{"AUTHORIZATION":"bearer ` + token + `"}`),
	} {
		t.Run("introduced with "+name, func(t *testing.T) {
			t.Parallel()
			socket := s.dial(t, nil)
			socket.sendText(t, introduction)
			socket.want(t, "connection_ack")
			socket.subscribe(t, "1", viewerQuery, nil)
			if m := socket.want(t, "next"); !strings.Contains(string(m.Payload), "admin@example.com") {
				t.Errorf("got %s", m.Payload)
			}
		})
	}
}

// endless is a subscription to a deployment that no worker takes.
const endless = `{"type":"subscribe","id":"1","payload":{"query":"subscription { deploymentProgress(deploymentId: \"DEPLOYMENT\") { sequence } }"}}`

func TestPingBeforeTheIntroduction(t *testing.T) {
	t.Parallel()
	c := start(t).dial(t, nil)
	c.sendText(t, `{"type":"ping","payload":{"n":1}}`)
	if pong := c.want(t, "pong"); string(pong.Payload) != `{"n":1}` {
		t.Errorf("the pong carries %s", pong.Payload)
	}
}

func TestOperationsOnASocket(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, tokens := s.newTenant(t, "acme")
	c := s.open(t, tokens[tenant.RoleViewer])

	c.subscribe(t, "query", viewerQuery, nil)
	if m := c.want(t, "next"); m.ID != "query" || !strings.Contains(string(m.Payload), "viewer@example.com") {
		t.Errorf("got %s", m.Payload)
	}
	if m := c.want(t, "complete"); m.ID != "query" {
		t.Errorf("completed %s", m.ID)
	}

	// An operation that cannot begin ends with error and with nothing else.
	for id, query := range map[string]string{
		"invalid":  `{ nothing }`,
		"notFound": `subscription { deploymentProgress(deploymentId: "01a2009f-8f9f-75a0-9276-251a6982f1c8") { sequence } }`,
	} {
		c.subscribe(t, id, query, nil)
		m := c.want(t, "error")
		var errs []struct{ Extensions map[string]any }
		must(t, json.Unmarshal(m.Payload, &errs))
		want := map[string]string{"invalid": "BAD_REQUEST", "notFound": "NOT_FOUND"}[id]
		if m.ID != id || len(errs) != 1 || errs[0].Extensions["code"] != want {
			t.Errorf("%s: %s", m.ID, m.Payload)
		}
		// Neither a complete nor a late answer: the next message is the pong's.
		c.sendText(t, `{"type":"ping"}`)
		c.want(t, "pong")
	}
}

func TestClientsMayEndAnOperationAndUseItsIDAgain(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	id := s.goLive(t, token, products[0])
	c := s.open(t, token)
	for range 3 {
		c.watch(t, "same", id)
		if e := c.nextEvent(t); e.Sequence != 1 || e.Status != "PENDING" {
			t.Fatalf("got %+v", e)
		}
		c.send(t, message{ID: "same", Type: "complete"})
	}
	c.sendText(t, `{"type":"ping"}`)
	c.want(t, "pong") // no complete answered the client's own
	c.send(t, message{ID: "never seen", Type: "complete"})
	c.sendText(t, `{"type":"ping"}`)
	c.want(t, "pong")
}

func TestASocketCarries100Operations(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	id := s.goLive(t, token, products[0])
	c := s.open(t, token)
	for i := range 101 {
		c.watch(t, fmt.Sprint(i), id)
	}
	events, refused := 0, 0
	for range 101 {
		switch m := c.next(t); {
		case m.Type == "next":
			events++
		case m.Type == "error" && m.ID == "100" && strings.Contains(string(m.Payload), "RATE_LIMITED"):
			refused++
		default:
			t.Fatalf("got %s %s %s", m.Type, m.ID, m.Payload)
		}
	}
	if events != 100 || refused != 1 {
		t.Errorf("%d events and %d refusals", events, refused)
	}
	c.send(t, message{ID: "7", Type: "complete"})
	c.subscribe(t, "one more", viewerQuery, nil)
	c.want(t, "next")
}

func TestTheSilentAreDropped(t *testing.T) {
	t.Parallel()
	s := startWith(t, func(c server.Config) *server.Server {
		// A busy machine must not take the polite for silent.
		return server.NewImpatient(c, 2*time.Second, 50*time.Millisecond, 3*time.Second, patience)
	})
	s.dial(t, nil).wantClose(t, 4408)

	_, tokens := s.newTenant(t, "acme")
	mute, polite := s.open(t, tokens[tenant.RoleViewer]), s.open(t, tokens[tenant.RoleViewer])
	answered := make(chan error, 1)
	go func() {
		_, err := polite.read() // answers pings until the socket ends
		answered <- err
	}()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	pings := 0
	for {
		_, b, err := mute.ws.Read(ctx)
		if err != nil {
			break
		}
		if strings.Contains(string(b), `"ping"`) {
			pings++
		}
	}
	if pings == 0 {
		t.Error("the mute client was never pinged")
	}
	select {
	case err := <-answered:
		t.Errorf("the client that answered was dropped: %v", err)
	default:
	}
}

func TestDrainTellsClientsToComeBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, tokens := s.newTenant(t, "acme")
	clients := make([]*rawSocket, 20)
	for i := range clients {
		clients[i] = s.open(t, tokens[tenant.RoleViewer])
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		s.server.Drain(context.Background())
	}()
	for _, c := range clients {
		c.wantClose(t, websocket.StatusServiceRestart)
	}
	domaintest.Receive(t, drained, "the end of draining")
	if status := s.upgrade(t, map[string]string{"Connection": "Upgrade", "Upgrade": "websocket"}); status != http.StatusServiceUnavailable {
		t.Errorf("a new socket: %d", status)
	}
	if n := s.server.Sockets(); n != 0 {
		t.Errorf("%d sockets are open", n)
	}
}

// goLive starts a deployment and returns its id.
func (s *stack) goLive(t *testing.T, token, productID string) string {
	t.Helper()
	d, err := client.Change[struct{ ID string }](t.Context(), s.as(token), "goLive", vars{"productId": productID}, "id")
	must(t, err)
	return d.ID
}
