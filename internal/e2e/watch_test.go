package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// event is one line of a deployment's history.
type event struct {
	Sequence, Percentage int
	Status, Message      string
	Terminal             bool
	At                   time.Time
}

// message is one of graphql-transport-ws.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// subscription is one deploymentProgress on a socket of its own.
type subscription struct {
	ws *websocket.Conn
}

// subscribe asks for a deployment's events after a sequence, or, with after below
// zero, for the newest one and those that follow.
func (a api) subscribe(ctx context.Context, deploymentID string, after int) (*subscription, error) {
	s, err := a.dial(ctx)
	if err != nil {
		return nil, err
	}
	return s, s.watch(ctx, deploymentID, after)
}

// dial opens a socket and introduces itself.
func (a api) dial(ctx context.Context) (*subscription, error) {
	ws, response, err := websocket.Dial(ctx, strings.Replace(a.url, "http", "ws", 1)+"/graphql",
		&websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		return nil, err
	}
	if response.Body != nil {
		defer response.Body.Close()
	}
	s := &subscription{ws}
	return s, s.introduce(ctx, a.token)
}

func (s *subscription) watch(ctx context.Context, deploymentID string, after int) error {
	variables := object{"id": deploymentID}
	if after >= 0 {
		variables["after"] = after
	}
	return s.send(ctx, "subscribe", object{
		"query":     `subscription ($id: ID!, $after: Int) { deploymentProgress(deploymentId: $id, after: $after) { sequence at status percentage message terminal } }`,
		"variables": variables,
	})
}

func (s *subscription) introduce(ctx context.Context, token string) error {
	if err := s.send(ctx, "connection_init", object{"authorization": "Bearer " + token}); err != nil {
		return err
	}
	var ack message
	if err := wsjson.Read(ctx, s.ws, &ack); err != nil {
		return err
	}
	if ack.Type != "connection_ack" {
		return fmt.Errorf("%s in place of connection_ack", ack.Type)
	}
	return nil
}

func (s *subscription) send(ctx context.Context, kind string, payload any) error {
	b, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	m := message{Type: kind, Payload: b}
	if kind == "subscribe" {
		m.ID = "1"
	}
	return wsjson.Write(ctx, s.ws, m)
}

// next returns the next event, nil where the server has completed the subscription.
func (s *subscription) next(ctx context.Context) (*event, error) {
	for {
		var m message
		if err := wsjson.Read(ctx, s.ws, &m); err != nil {
			return nil, err
		}
		switch m.Type {
		case "ping":
			if err := wsjson.Write(ctx, s.ws, message{Type: "pong"}); err != nil {
				return nil, err
			}
		case "complete":
			return nil, nil
		case "next":
			var payload struct {
				Data   struct{ DeploymentProgress *event }
				Errors []apiError
			}
			if err := json.Unmarshal(m.Payload, &payload); err != nil || payload.Data.DeploymentProgress == nil {
				return nil, fmt.Errorf("%s: %w", m.Payload, err)
			}
			return payload.Data.DeploymentProgress, nil
		default:
			return nil, fmt.Errorf("%s: %s", m.Type, m.Payload)
		}
	}
}

// close drops the connection as a lost network does.
func (s *subscription) close() { _ = s.ws.CloseNow() }

// rest returns all events until the server completes the subscription.
func (s *subscription) rest(t testing.TB) []event {
	t.Helper()
	defer s.close()
	var all []event
	for {
		e, err := s.next(t.Context())
		if err != nil {
			t.Fatalf("after %d events: %v", len(all), err)
		}
		if e == nil {
			return all
		}
		all = append(all, *e)
	}
}

// end watches a deployment from its first event to its last, and judges what it
// saw on the way.
func (a api) end(t testing.TB, deploymentID string) *deployment {
	t.Helper()
	s, err := a.subscribe(t.Context(), deploymentID, 0)
	if err != nil {
		t.Fatal(err)
	}
	events := s.rest(t)
	for _, wrong := range oddities(events, 0) {
		t.Error(wrong)
	}
	d := a.deployment(t, deploymentID)
	if len(events) > 0 && events[len(events)-1].Status != d.Status {
		t.Errorf("the last event says %s, the deployment %s", events[len(events)-1].Status, d.Status)
	}
	return d
}

// oddities are what cannot be in a history that begins after a sequence.
func oddities(events []event, after int) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	percentage := 0
	for i, e := range events {
		last := i == len(events)-1
		if e.Sequence != after+i+1 {
			say("event %d comes in place of %d", e.Sequence, after+i+1)
		}
		if e.Percentage < percentage {
			say("event %d: the percentage falls from %d to %d", e.Sequence, percentage, e.Percentage)
		}
		if (e.Percentage == 100) != (e.Status == "COMPLETED") {
			say("event %d: %s at %d %%", e.Sequence, e.Status, e.Percentage)
		}
		if e.Terminal != last {
			say("event %d of %d: terminal is %t", i+1, len(events), e.Terminal)
		}
		if e.Message == "" {
			say("event %d says nothing", e.Sequence)
		}
		percentage = e.Percentage
	}
	if len(events) == 0 {
		say("no event")
	}
	return wrong
}
