package client

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/golive-hq/golive/internal/fault"
)

// frame is a message of the graphql-transport-ws protocol.
type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// The closing codes with which the server refuses a token.
const (
	closeUnauthorized websocket.StatusCode = 4401
	closeForbidden    websocket.StatusCode = 4403
)

const (
	// greeting is how long the way to the acknowledgement may take.
	greeting = 15 * time.Second
	// silence is how long a connection may say nothing. The server pings more often.
	silence = 40 * time.Second
)

// socket is a connection that the server has acknowledged.
type socket struct {
	ws *websocket.Conn
	// base is the API's address, for errors.
	base string
}

// dial opens a connection and waits until the server has accepted the token.
func (c *Client) dial(ctx context.Context) (*socket, error) {
	ctx, cancel := context.WithTimeout(ctx, greeting)
	defer cancel()
	address := "ws" + strings.TrimPrefix(c.base(), "http") + "/graphql"
	ws, res, err := websocket.Dial(ctx, address, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		return nil, c.unreachable(err)
	}
	if res.Body != nil {
		_ = res.Body.Close()
	}
	ws.SetReadLimit(mostBytes)
	s := &socket{ws: ws, base: c.base()}
	if err := s.greet(ctx, c.Token); err != nil {
		_ = ws.CloseNow()
		return nil, err
	}
	return s, nil
}

func (s *socket) greet(ctx context.Context, token string) error {
	if err := s.send(ctx, frame{Type: "connection_init"}, map[string]string{"authorization": "Bearer " + token}); err != nil {
		return err
	}
	f, err := s.receive(ctx)
	if err == nil && f.Type != "connection_ack" {
		err = s.unknown(f)
	}
	return err
}

// send writes one message; a payload of nil is none.
func (s *socket) send(ctx context.Context, f frame, payload any) (err error) {
	if payload != nil {
		if f.Payload, err = json.Marshal(payload); err != nil {
			return err
		}
	}
	return s.lost(ctx, wsjson.Write(ctx, s.ws, f))
}

// receive returns the next message that is neither a ping, which it answers, nor a
// pong. That an answer could not leave says nothing of why; what is read next does.
func (s *socket) receive(ctx context.Context) (frame, error) {
	for {
		f, err := s.read(ctx)
		if err == nil && f.Type == "ping" {
			_ = s.send(ctx, frame{Type: "pong"}, nil)
		}
		if err != nil || f.Type != "ping" && f.Type != "pong" {
			return f, err
		}
	}
}

// read returns the next message. A server that has gone silent is as good as
// gone: the next connection may reach another one.
func (s *socket) read(ctx context.Context) (f frame, err error) {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	return f, s.lost(ctx, wsjson.Read(ctx, s.ws, &f))
}

// lost says what the end of a connection means; nil stays nil. It wraps ctx's error
// itself, since the connection may tell of no more than that it was closed then.
func (s *socket) lost(ctx context.Context, err error) error {
	switch code := websocket.CloseStatus(err); {
	case err == nil:
		return nil
	case code == closeUnauthorized || code == closeForbidden:
		return fault.Wrap(err, fault.Unauthenticated, "The API rejected the token. Check GOLIVE_TOKEN.")
	case ctx.Err() != nil:
		return fmt.Errorf("the connection to the API at %s was closed: %w (%w)", s.base, ctx.Err(), err)
	default:
		return fmt.Errorf("the connection to the API at %s was lost: %w", s.base, err)
	}
}

func (s *socket) unknown(f frame) error {
	return fmt.Errorf("the API at %s sent an unexpected message of type %q", s.base, f.Type)
}
