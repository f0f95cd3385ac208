package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/golive-hq/golive/internal/deployment"
)

// watcher is a person's page: it watches a deployment over a WebSocket, and comes
// back after the last event that it has seen when that breaks.
type watcher struct {
	addr, token, id string
	events          []deployment.Event
	ended           bool
}

// frame is a message of graphql-transport-ws.
type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// follow returns all events once the last has come.
func (w *watcher) follow(ctx context.Context) ([]deployment.Event, error) {
	var broken error
	err := poll(ctx, func() bool {
		broken = w.connect(ctx)
		return w.ended
	})
	if err != nil {
		return w.events, fmt.Errorf("%w; %w", err, broken)
	}
	return w.events, nil
}

// connect reads until the server has completed the subscription or the connection
// breaks.
func (w *watcher) connect(ctx context.Context) error {
	ws, response, err := websocket.Dial(ctx, "ws://"+w.addr+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		return err
	}
	defer ws.CloseNow() //nolint:errcheck // it may be closed already
	if response.Body != nil {
		defer response.Body.Close()
	}
	after := 0
	if n := len(w.events); n > 0 {
		after = w.events[n-1].Sequence
	}
	for _, f := range []frame{
		{Type: "connection_init", Payload: raw(object{"authorization": "Bearer " + w.token})},
		{Type: "subscribe", ID: "1", Payload: raw(object{
			"query": `subscription ($id: ID!, $after: Int) {
				deploymentProgress(deploymentId: $id, after: $after) { sequence at status percentage message terminal } }`,
			"variables": object{"id": w.id, "after": after},
		})},
	} {
		if err := wsjson.Write(ctx, ws, f); err != nil {
			return err
		}
	}
	return w.read(ctx, ws)
}

func (w *watcher) read(ctx context.Context, ws *websocket.Conn) error {
	for {
		var f frame
		if err := wsjson.Read(ctx, ws, &f); err != nil {
			return err
		}
		switch f.Type {
		case "connection_ack", "pong":
		case "ping":
			if err := wsjson.Write(ctx, ws, frame{Type: "pong"}); err != nil {
				return err
			}
		case "complete":
			w.ended = len(w.events) > 0 && w.events[len(w.events)-1].Terminal
			return nil
		case "next":
			var p struct {
				Data struct{ DeploymentProgress *deployment.Event }
			}
			if err := json.Unmarshal(f.Payload, &p); err != nil || p.Data.DeploymentProgress == nil {
				return fmt.Errorf("%s: %w", f.Payload, err)
			}
			w.events = append(w.events, *p.Data.DeploymentProgress)
		default:
			return fmt.Errorf("%s: %s", f.Type, f.Payload)
		}
	}
}
