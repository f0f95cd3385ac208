package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/client"
)

// patience bounds waits that should be short; no test passes or fails by it.
const patience = time.Minute

// message is one of graphql-transport-ws.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// rawSocket speaks graphql-transport-ws, correctly or not. What tests of the protocol
// need is what internal/client never does: wrong frames, no token, many operations on
// one socket, silence.
type rawSocket struct {
	ws *websocket.Conn
}

// dial opens a socket that the test closes at its end.
func (s *stack) dial(t testing.TB, header http.Header) *rawSocket {
	t.Helper()
	return s.dialAs(t, header, "graphql-transport-ws")
}

func (s *stack) dialAs(t testing.TB, header http.Header, subprotocols ...string) *rawSocket {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ws, resp, err := websocket.Dial(ctx, strings.Replace(s.url, "http", "ws", 1)+"/graphql",
		&websocket.DialOptions{Subprotocols: subprotocols, HTTPHeader: header})
	must(t, err)
	if resp.Body != nil {
		_ = resp.Body.Close()
	}
	ws.SetReadLimit(-1)
	t.Cleanup(func() { _ = ws.CloseNow() })
	return &rawSocket{ws}
}

// open dials and introduces itself; token "" is none.
func (s *stack) open(t *testing.T, token string) *rawSocket {
	t.Helper()
	c := s.dial(t, nil)
	payload := `{}`
	if token != "" {
		payload = `{"authorization": "Bearer ` + token + `"}`
	}
	c.send(t, message{Type: "connection_init", Payload: json.RawMessage(payload)})
	c.want(t, "connection_ack")
	return c
}

func (c *rawSocket) send(t *testing.T, m message) {
	t.Helper()
	b, err := json.Marshal(m)
	must(t, err)
	c.sendText(t, string(b))
}

func (c *rawSocket) sendText(t *testing.T, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	must(t, c.ws.Write(ctx, websocket.MessageText, []byte(text)))
}

// subscribe sends an operation.
func (c *rawSocket) subscribe(t *testing.T, id, query string, variables vars) {
	t.Helper()
	payload, err := json.Marshal(vars{"query": query, "variables": variables})
	must(t, err)
	c.send(t, message{ID: id, Type: "subscribe", Payload: payload})
}

// next reads a message, answering pings on the way.
func (c *rawSocket) next(t *testing.T) message {
	t.Helper()
	m, err := c.read()
	must(t, err)
	return m
}

func (c *rawSocket) read() (m message, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		_, b, err := c.ws.Read(ctx)
		if err != nil {
			return m, err
		}
		if err := json.Unmarshal(b, &m); err != nil || m.Type != "ping" {
			return m, err
		}
		if err := c.ws.Write(ctx, websocket.MessageText, []byte(`{"type":"pong"}`)); err != nil {
			return m, err
		}
	}
}

// want reads a message that must be of this type.
func (c *rawSocket) want(t *testing.T, kind string) message {
	t.Helper()
	m := c.next(t)
	if m.Type != kind {
		t.Fatalf("got %s %s, want %s", m.Type, m.Payload, kind)
	}
	return m
}

// wantClose reads until the server closes, and checks with what.
func (c *rawSocket) wantClose(t *testing.T, code websocket.StatusCode) {
	t.Helper()
	for {
		_, err := c.read()
		if err == nil {
			continue
		}
		if got := websocket.CloseStatus(err); got != code {
			t.Errorf("closed with %d (%v), want %d", got, err, code)
		}
		return
	}
}

const progressQuery = `subscription ($id: ID!) { deploymentProgress(deploymentId: $id) { sequence status percentage terminal } }`

// watch subscribes to a deployment's progress, from its newest event on.
func (c *rawSocket) watch(t *testing.T, id, deploymentID string) {
	t.Helper()
	c.subscribe(t, id, progressQuery, vars{"id": deploymentID})
}

// nextEvent reads an event.
func (c *rawSocket) nextEvent(t *testing.T) client.Event {
	t.Helper()
	m := c.want(t, "next")
	var payload struct {
		Data   struct{ DeploymentProgress client.Event }
		Errors json.RawMessage
	}
	if err := json.Unmarshal(m.Payload, &payload); err != nil || payload.Errors != nil {
		t.Fatalf("got %s, want an event", m.Payload)
	}
	return payload.Data.DeploymentProgress
}

// upgrade asks for a socket and returns the status of the answer.
func (s *stack) upgrade(t *testing.T, headers map[string]string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/graphql", http.NoBody)
	must(t, err)
	for key, value := range headers {
		req.Header.Set(key, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	must(t, err)
	defer resp.Body.Close()
	return resp.StatusCode
}

// eventually waits until ok, as long as patience lasts.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(patience)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
