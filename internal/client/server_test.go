package client_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/client"
)

// patience bounds waits that should be short; no test passes or fails by it.
const patience = time.Minute

// serve is a server that lasts as long as the test, and a client for it.
func serve(t *testing.T, graphql http.HandlerFunc) *client.Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/graphql", graphql)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return &client.Client{URL: server.URL + "/", Token: "glt_good"}
}

// listen is a server that hands over each WebSocket.
func listen(t *testing.T, socket func(*peer)) *client.Client {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"graphql-transport-ws"}})
		if err != nil {
			t.Errorf("accept: %v", err)
			return
		}
		defer ws.CloseNow() //nolint:errcheck // it may be closed already
		if ws.Subprotocol() != "graphql-transport-ws" {
			t.Errorf("the client asks for the subprotocol %q", ws.Subprotocol())
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		socket(&peer{t, ctx, ws})
	})
}

// answers is a server that gives every POST the same answer.
func answers(t *testing.T, status int, body string) *client.Client {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

// peer is the server's end of a socket. It speaks raw frames, since it has to break
// the protocol, too.
type peer struct {
	t   *testing.T
	ctx context.Context
	ws  *websocket.Conn
}

// message is one of graphql-transport-ws.
type message struct {
	ID, Type string
	Payload  json.RawMessage
}

// hears reads the next message, which must be of that type.
func (p *peer) hears(kind string) message {
	var m message
	_, b, err := p.ws.Read(p.ctx)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil || m.Type != kind {
		p.t.Errorf("the client says %s (%v), not %s", b, err, kind)
	}
	return m
}

func (p *peer) says(text string) {
	if err := p.ws.Write(p.ctx, websocket.MessageText, []byte(text)); err != nil {
		p.t.Errorf("%s does not reach the client: %v", text, err)
	}
}

// welcomes is what every well-behaved server begins with; it returns the operation.
func (p *peer) welcomes() message {
	p.hears("connection_init")
	p.says(`{"type":"connection_ack"}`)
	return p.hears("subscribe")
}

// gone waits until the client has closed the connection, and returns how.
func (p *peer) gone() websocket.StatusCode {
	_, _, err := p.ws.Read(p.ctx)
	if err == nil || p.ctx.Err() != nil {
		p.t.Errorf("the client stays: %v", err)
	}
	return websocket.CloseStatus(err)
}

// within is a context for one wait.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}
