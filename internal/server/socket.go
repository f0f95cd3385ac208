package server

import (
	"context"
	"encoding/json"
	"net"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/tenant"
)

// Close codes of graphql-transport-ws.
const (
	closeBadMessage   websocket.StatusCode = 4400
	closeUnauthorized websocket.StatusCode = 4401
	closeForbidden    websocket.StatusCode = 4403
	closeSubprotocol  websocket.StatusCode = 4406
	closeInitTimeout  websocket.StatusCode = 4408
	closeDuplicateID  websocket.StatusCode = 4409
	closeTooMany      websocket.StatusCode = 4429
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
	hub  *sockets
	ws   *websocket.Conn
	conn net.Conn // beneath ws
	// address is where it comes from, as far as limits count it.
	address string
	// ctx ends with the socket, and with it all its operations.
	ctx    context.Context //nolint:containedctx // there is no call that it could come with: the socket outlives its request
	cancel context.CancelFunc
	since  time.Time
	served atomic.Int64

	// ready is set once the client has introduced itself; who finds out, at any time, as
	// whom. The reader writes it, and watch, before any operation starts.
	ready    atomic.Bool
	who      whois
	by       tenant.Actor // as whom it was let in: whose rates count
	watch    *tenant.Watch
	messages bucket // the reader's

	mu         sync.Mutex
	operations map[string]*operation
	// waiting are operations that may have something to send, which pumping goes through.
	waiting []*operation
	pumping bool
}

// run reads until the socket ends, and then leaves nothing behind.
func (c *socket) run() {
	var why error
	defer func() {
		c.cancel()
		_ = c.ws.CloseNow()
		if c.watch != nil {
			c.watch.Leave()
		}
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

// read takes messages until one ends the socket or the client is gone. Each is handled on
// another goroutine, because a stack that has grown stays so: one that only reads has 4 KiB.
func (c *socket) read() error {
	handled := make(chan error)
	for {
		kind, b, err := c.next()
		if err != nil {
			return err
		}
		go func() { handled <- c.guarded(kind, b) }()
		if err := <-handled; err != nil {
			return err
		}
	}
}

// guarded makes of a panic the end of the socket.
func (c *socket) guarded(kind websocket.MessageType, b []byte) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			c.hub.log.Error("panic on a WebSocket", "cause", cause, "stack", string(debug.Stack()), "request_id", logid.Request(c.ctx))
			err = c.close(websocket.StatusInternalError, "Internal error")
		}
	}()
	return c.take(kind, b)
}

// take handles one message; an error ends the socket.
func (c *socket) take(kind websocket.MessageType, b []byte) error {
	if !c.messages.take(time.Now()) {
		return c.close(closeTooMany, "Too many messages")
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
	return nil
}

// next reads one message. A peer that has been silent for too long has not even answered
// pings, and would not answer a close either. The deadline is the connection's own: one
// of a context would be three kilobytes for each socket that waits.
func (c *socket) next() (websocket.MessageType, []byte, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(c.hub.timings.idle)); err != nil {
		return 0, nil, err
	}
	return c.ws.Read(context.Background())
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

// init lets in whoever brings a token that holds, or came by a session that does.
func (c *socket) init(payload json.RawMessage) (websocket.StatusCode, string) {
	if c.ready.Load() {
		return closeTooMany, "Too many initialisation requests"
	}
	credentials, ok := credentialsIn(payload)
	switch {
	case !ok:
		return closeForbidden, "Forbidden"
	case credentials != "":
		c.who = c.hub.auth.identified(credentials)
	case c.who == nil:
		return closeUnauthorized, "Unauthorized"
	}
	asked := time.Now()
	actor, err := c.identify()
	if err == nil {
		c.by = actor
		err = c.hub.auth.limits.rates.Request(tenant.WithActor(c.ctx, actor))
	}
	switch {
	case fault.CodeOf(err) == fault.Unauthenticated:
		return closeForbidden, "Forbidden"
	case fault.CodeOf(err) == fault.RateLimited:
		return websocket.StatusTryAgainLater, "Try again later"
	case err != nil:
		c.hub.log.Log(c.ctx, levelOf(err), "could not check who opens a WebSocket", "error", err, "request_id", logid.Request(c.ctx))
		return websocket.StatusTryAgainLater, "Try again later"
	case !c.hub.admit(c, actor.Principal):
		return closeTooMany, "Too many connections"
	}
	c.watch = c.hub.rights.Watch(actor, asked, c.lost)
	c.ready.Store(true)
	c.write(frame{Type: "connection_ack"})
	time.AfterFunc(c.hub.timings.ping, c.ping)
	return 0, ""
}

func (c *socket) identify() (tenant.Actor, error) {
	ctx, cancel := context.WithTimeout(c.ctx, c.hub.timings.write)
	defer cancel()
	return c.who(ctx)
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

// lost closes the socket of whoever may do less than when it was opened, or may be
// anybody by now. A client of whom nothing is known comes back, and is let in once
// something is.
func (c *socket) lost(why *fault.Error) {
	c.cancel()
	if why.Code == fault.Unavailable {
		go c.close(websocket.StatusTryAgainLater, "Try again later")
		return
	}
	go c.close(closeForbidden, "Forbidden")
}

// ping asks for a sign of life.
func (c *socket) ping() {
	if c.ctx.Err() != nil {
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

// close ends the operations and then says why the socket closes. A client that does not
// answer that soon is cut off.
func (c *socket) close(code websocket.StatusCode, why string) error {
	c.cancel()
	defer time.AfterFunc(farewell, func() { _ = c.conn.Close() }).Stop()
	_ = c.ws.Close(code, why)
	return websocket.CloseError{Code: code, Reason: why}
}
