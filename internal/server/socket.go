package server

import (
	"context"
	"encoding/json"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
)

// Close codes of graphql-transport-ws.
const (
	closeBadMessage   websocket.StatusCode = 4400
	closeUnauthorized websocket.StatusCode = 4401
	closeForbidden    websocket.StatusCode = 4403
	closeSubprotocol  websocket.StatusCode = 4406
	closeInitTimeout  websocket.StatusCode = 4408
	closeDuplicateID  websocket.StatusCode = 4409
	closeTooManyInits websocket.StatusCode = 4429
)

// frame is one message of the protocol.
type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// wellFormed tells whether f has what the protocol wants of a message of its type.
func (f frame) wellFormed() bool {
	switch f.Type {
	case "ping", "pong":
		return len(f.Payload) == 0 || f.Payload[0] == '{' || string(f.Payload) == "null"
	case "subscribe", "complete":
		return f.ID != ""
	}
	return true
}

// socket is one client's connection.
type socket struct {
	hub    *sockets
	ws     *websocket.Conn
	header http.Header
	// ctx ends with the socket, and with it all its operations.
	ctx    context.Context //nolint:containedctx // there is no call that it could come with: the socket outlives its request
	cancel context.CancelFunc
	since  time.Time
	served atomic.Int64

	// ready is set once the client has introduced itself; credentials are what
	// it did so with. The reader writes them before any operation starts.
	ready       atomic.Bool
	credentials string

	mu         sync.Mutex
	operations map[string]*operation
}

func newSocket(s *sockets, ws *websocket.Conn, r *http.Request) *socket {
	// The request's own context ends when its handler returns.
	ctx, cancel := context.WithCancel(logid.WithRemote(logid.WithRequest(context.Background(), logid.Request(r.Context())), logid.Remote(r.Context())))
	return &socket{
		hub: s, ws: ws, header: r.Header, ctx: ctx, cancel: cancel, since: time.Now(),
		credentials: r.Header.Get("Authorization"), operations: map[string]*operation{},
	}
}

// run reads until the socket ends, and then leaves nothing behind.
func (c *socket) run() {
	var why error
	defer func() {
		if cause := recover(); cause != nil {
			c.hub.log.Error("panic on a WebSocket", "cause", cause, "stack", string(debug.Stack()), "request_id", logid.Request(c.ctx))
			c.close(websocket.StatusInternalError, "Internal error")
		}
		c.cancel()
		_ = c.ws.CloseNow()
		c.hub.remove(c)
		c.hub.left(c, why)
	}()
	if c.ws.Subprotocol() != subprotocol {
		c.close(closeSubprotocol, "Subprotocol not acceptable")
		return
	}
	defer time.AfterFunc(c.hub.timings.init, c.expectInit).Stop()
	why = c.read()
}

func (c *socket) expectInit() {
	if !c.ready.Load() {
		c.close(closeInitTimeout, "Connection initialisation timeout")
	}
}

// read handles messages until one ends the socket or the client is gone.
func (c *socket) read() error {
	for {
		kind, b, err := c.next()
		if err != nil {
			return err
		}
		if kind == websocket.MessageText && !utf8.Valid(b) {
			return c.close(websocket.StatusInvalidFramePayloadData, "Invalid UTF-8")
		}
		var f frame
		if kind != websocket.MessageText || decodeStrictly(b, &f) != nil || !f.wellFormed() {
			return c.close(closeBadMessage, "Invalid message received")
		}
		if code, why := c.handle(f); code != 0 {
			return c.close(code, why)
		}
	}
}

// next reads one message. Its deadline closes the connection, because a peer that
// has not even answered pings would not answer a close either.
func (c *socket) next() (websocket.MessageType, []byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), c.hub.timings.idle)
	defer cancel()
	return c.ws.Read(ctx)
}

// handle acts on one message; a code other than 0 closes the socket.
func (c *socket) handle(f frame) (code websocket.StatusCode, why string) {
	switch f.Type {
	case "connection_init":
		return c.init(f.Payload)
	case "ping":
		c.write(frame{Type: "pong", Payload: f.Payload})
	case "pong":
	case "subscribe":
		if !c.ready.Load() {
			return closeUnauthorized, "Unauthorized"
		}
		return c.subscribe(f)
	case "complete":
		c.complete(f.ID)
	default:
		return closeBadMessage, "Invalid message received"
	}
	return 0, ""
}

func (c *socket) init(payload json.RawMessage) (websocket.StatusCode, string) {
	if c.ready.Load() {
		return closeTooManyInits, "Too many initialisation requests"
	}
	credentials, ok := credentialsIn(payload)
	if !ok {
		return closeForbidden, "Forbidden"
	}
	if credentials != "" {
		c.credentials = credentials
	}
	if code, why := c.checkToken(); code != 0 {
		return code, why
	}
	c.ready.Store(true)
	c.write(frame{Type: "connection_ack"})
	time.AfterFunc(c.hub.timings.ping, c.ping)
	return 0, ""
}

// credentialsIn finds the authorization, in whatever case, in the payload of a
// connection_init. Not ok is a payload of another form; "" is none.
func credentialsIn(payload json.RawMessage) (credentials string, ok bool) {
	if len(payload) == 0 {
		return "", true
	}
	var fields map[string]any
	if json.Unmarshal(payload, &fields) != nil {
		return "", false
	}
	for key, value := range fields {
		if strings.EqualFold(key, "authorization") {
			credentials, ok = value.(string)
			return credentials, ok
		}
	}
	return "", true
}

// checkToken asks whether the socket's token, if it has one, is good now.
func (c *socket) checkToken() (websocket.StatusCode, string) {
	ctx, cancel := context.WithTimeout(c.ctx, c.hub.timings.write)
	defer cancel()
	_, err := c.hub.auth.actor(ctx, c.credentials)
	switch {
	case err == nil:
		return 0, ""
	case fault.CodeOf(err) == fault.Unauthenticated:
		return closeForbidden, "Forbidden"
	}
	c.hub.log.Error("could not check token", "error", err, "request_id", logid.Request(c.ctx))
	return websocket.StatusTryAgainLater, "Try again later"
}

// ping asks for a sign of life, and looks whether the token still holds: one that
// was revoked must not go on listening.
func (c *socket) ping() {
	if c.ctx.Err() != nil {
		return
	}
	if code, why := c.checkToken(); code == closeForbidden {
		_ = c.close(code, why)
		return
	}
	c.write(frame{Type: "ping"})
	time.AfterFunc(c.hub.timings.ping, c.ping)
}

// write sends one message. One that cannot leave in time ends the connection, and
// so the reader, and so everything.
func (c *socket) write(f frame) {
	b, err := json.Marshal(f)
	if err != nil {
		c.hub.log.Error("could not write message", "error", err, "request_id", logid.Request(c.ctx))
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.hub.timings.write)
	defer cancel()
	if c.ws.Write(ctx, websocket.MessageText, b) != nil {
		_ = c.ws.CloseNow()
	}
}

// close ends the operations and then says why the socket closes. It takes ten
// seconds at most, whatever the client does.
func (c *socket) close(code websocket.StatusCode, why string) error {
	c.cancel()
	_ = c.ws.Close(code, why)
	return websocket.CloseError{Code: code, Reason: why}
}
