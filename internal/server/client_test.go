package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// patience bounds waits that should be short; no test passes or fails by it.
const patience = time.Minute

// message is one of graphql-transport-ws.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// client speaks graphql-transport-ws, correctly or not.
type client struct {
	ws *websocket.Conn
}

// dial opens a socket that the test closes at its end.
func (s *stack) dial(t *testing.T, header http.Header) *client {
	t.Helper()
	return s.dialAs(t, header, "graphql-transport-ws")
}

func (s *stack) dialAs(t *testing.T, header http.Header, subprotocols ...string) *client {
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
	return &client{ws}
}

// open dials and introduces itself; token "" is none.
func (s *stack) open(t *testing.T, token string) *client {
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

func (c *client) send(t *testing.T, m message) {
	t.Helper()
	b, err := json.Marshal(m)
	must(t, err)
	c.sendText(t, string(b))
}

func (c *client) sendText(t *testing.T, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	must(t, c.ws.Write(ctx, websocket.MessageText, []byte(text)))
}

// subscribe sends an operation.
func (c *client) subscribe(t *testing.T, id, query string, variables vars) {
	t.Helper()
	payload, err := json.Marshal(vars{"query": query, "variables": variables})
	must(t, err)
	c.send(t, message{ID: id, Type: "subscribe", Payload: payload})
}

// next reads a message, answering pings on the way.
func (c *client) next(t *testing.T) message {
	t.Helper()
	m, err := c.read()
	must(t, err)
	return m
}

func (c *client) read() (m message, err error) {
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
func (c *client) want(t *testing.T, kind string) message {
	t.Helper()
	m := c.next(t)
	if m.Type != kind {
		t.Fatalf("got %s %s, want %s", m.Type, m.Payload, kind)
	}
	return m
}

// wantClose reads until the server closes, and checks with what.
func (c *client) wantClose(t *testing.T, code websocket.StatusCode) {
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

// event is what tests look at of a DeploymentEvent.
type event struct {
	Sequence   int
	Status     string
	Percentage int
	Terminal   bool
}

const progressQuery = `subscription ($id: ID!, $after: Int) {
	deploymentProgress(deploymentId: $id, after: $after) { sequence status percentage terminal }
}`

// watch subscribes to a deployment's progress.
func (c *client) watch(t *testing.T, id, deploymentID string, after *int) {
	t.Helper()
	c.subscribe(t, id, progressQuery, vars{"id": deploymentID, "after": after})
}

// nextEvent reads an event; done is true for the end of the subscription.
func (c *client) nextEvent(t *testing.T) (e event, done bool) {
	t.Helper()
	m := c.next(t)
	if m.Type == "complete" {
		return e, true
	}
	var payload struct {
		Data   struct{ DeploymentProgress event }
		Errors json.RawMessage
	}
	if m.Type != "next" || errors.Join(json.Unmarshal(m.Payload, &payload)) != nil || payload.Errors != nil {
		t.Fatalf("got %s %s, want an event", m.Type, m.Payload)
	}
	return payload.Data.DeploymentProgress, false
}

// progress watches a deployment to its end.
func (s *stack) progress(t *testing.T, token, deploymentID string, after *int) (all []event) {
	t.Helper()
	c := s.open(t, token)
	c.watch(t, "p", deploymentID, after)
	for {
		e, done := c.nextEvent(t)
		if done {
			return all
		}
		all = append(all, e)
	}
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
