package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// frame is a message of the graphql-transport-ws protocol.
type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// The closing codes after which trying again is useless.
const (
	closeUnauthorized websocket.StatusCode = 4401
	closeForbidden    websocket.StatusCode = 4403
)

// silence is how long a connection may say nothing. The server pings more often.
const silence = 40 * time.Second

// subscribe runs one subscription over a connection of its own and hands each
// result's data to next. It returns nil once the server has said that there is
// no more; an *apiError is final, any other error a reason to come back.
func (a *api) subscribe(ctx context.Context, operation string, variables map[string]any, next func(json.RawMessage) error) error {
	conn, err := a.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }()
	request, err := json.Marshal(map[string]any{"query": operation, "variables": variables})
	if err != nil {
		return err
	}
	if err := wsjson.Write(ctx, conn, frame{ID: "1", Type: "subscribe", Payload: request}); err != nil {
		return err
	}
	for {
		f, err := read(ctx, conn)
		if err != nil {
			return err
		}
		switch f.Type {
		case "next":
			err = deliver(f.Payload, next)
		case "error":
			return firstError(f.Payload)
		case "complete":
			return conn.Close(websocket.StatusNormalClosure, "")
		case "ping":
			err = wsjson.Write(ctx, conn, frame{Type: "pong"})
		}
		if err != nil {
			return err
		}
	}
}

// dial opens a connection and waits until the server has accepted the token.
func (a *api) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if err := a.check(); err != nil {
		return nil, &apiError{Message: err.Error()}
	}
	url := "ws" + strings.TrimPrefix(a.base(), "http") + "/graphql"
	conn, res, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		return nil, fmt.Errorf("the API at %s %w (%w)", a.base(), errUnreachable, err)
	}
	if res.Body != nil {
		_ = res.Body.Close()
	}
	conn.SetReadLimit(answers)
	if err := greet(ctx, conn, a.Token); err != nil {
		_ = conn.CloseNow()
		return nil, err
	}
	return conn, nil
}

func greet(ctx context.Context, conn *websocket.Conn, token string) error {
	payload, err := json.Marshal(map[string]string{"authorization": "Bearer " + token})
	if err != nil {
		return err
	}
	if err := wsjson.Write(ctx, conn, frame{Type: "connection_init", Payload: payload}); err != nil {
		return err
	}
	for {
		f, err := read(ctx, conn)
		if err != nil || f.Type == "connection_ack" {
			return err
		}
	}
}

// read returns the next message. A server that has gone silent is as good as
// gone: the next connection may reach another one.
func read(ctx context.Context, conn *websocket.Conn) (f frame, err error) {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	err = wsjson.Read(ctx, conn, &f)
	switch websocket.CloseStatus(err) {
	case closeUnauthorized, closeForbidden:
		return f, &apiError{Message: "The API refuses the token; check GOLIVE_TOKEN."}
	}
	return f, err
}

func deliver(payload json.RawMessage, next func(json.RawMessage) error) error {
	var result struct {
		Data   json.RawMessage `json:"data"`
		Errors []*apiError     `json:"errors"`
	}
	if err := json.Unmarshal(payload, &result); err != nil {
		return err
	}
	if len(result.Errors) > 0 {
		return result.Errors[0]
	}
	return next(result.Data)
}

func firstError(payload json.RawMessage) error {
	var all []*apiError
	if err := json.Unmarshal(payload, &all); err != nil || len(all) == 0 {
		return errors.New("the API ended the subscription without saying why")
	}
	return all[0]
}
