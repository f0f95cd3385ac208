package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/coder/websocket"
)

// Subscription is one under way, on a connection of its own.
type Subscription[T any] struct {
	socket *socket
}

// Subscribe asks for a subscription, once the server has accepted the token. T is
// the shape of its one root field. Its error is a *fault.Error where the token is
// refused, and wraps ErrUnreachable where no connection comes about. Whoever needs
// the connection no more calls Close.
func Subscribe[T any](ctx context.Context, c *Client, query string, variables map[string]any) (*Subscription[T], error) {
	s, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.send(ctx, frame{ID: "1", Type: "subscribe"}, request{query, variables}); err != nil {
		_ = s.ws.CloseNow()
		return nil, err
	}
	return &Subscription[T]{s}, nil
}

// Next waits for the next result, and returns nil once the server has said that
// there are no more. A *fault.Error is the service's last word; after any other
// error the same question may be asked on a new connection, this one being of no
// more use. It is also what answers pings: who does not call it for long is dropped.
func (s *Subscription[T]) Next(ctx context.Context) (*T, error) {
	f, err := s.socket.receive(ctx)
	if err != nil {
		return nil, err
	}
	switch f.Type {
	case "next":
		return result[T](f.Payload)
	case "error":
		return nil, reason(f.Payload)
	case "complete":
		_ = s.socket.ws.Close(websocket.StatusNormalClosure, "") // nothing is left that could get lost
		return nil, nil
	default:
		return nil, s.socket.unknown(f)
	}
}

// Close drops the connection, without a word to the server. It may be called
// however the subscription has ended.
func (s *Subscription[T]) Close() { _ = s.socket.ws.CloseNow() }

// result is the one root field of an answer.
func result[T any](payload json.RawMessage) (*T, error) {
	var a answer
	if err := json.Unmarshal(payload, &a); err != nil {
		return nil, fmt.Errorf("the API sent an invalid result: %w", err)
	}
	if err := refusal(a.Errors); err != nil {
		return nil, err
	}
	var fields map[string]*T
	if err := json.Unmarshal(a.Data, &fields); err != nil {
		return nil, fmt.Errorf("the API sent a result of an unexpected shape: %w", err)
	}
	for _, value := range fields {
		if value != nil {
			return value, nil
		}
	}
	return nil, errors.New("the API sent an empty result")
}

// reason is why a subscription ended with an error.
func reason(payload json.RawMessage) error {
	var all []failure
	if err := json.Unmarshal(payload, &all); err != nil || len(all) == 0 {
		return errors.New("the API ended the subscription without a reason")
	}
	return refusal(all)
}
