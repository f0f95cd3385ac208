package chaos_test

import (
	"context"
	"fmt"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/deployment"
)

// watcher is a person's page: it watches a deployment over a WebSocket, and comes
// back after the last event that it has seen when that breaks.
type watcher struct {
	addr, token, id string
	events          []deployment.Event
	ended           bool
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
	after := 0
	if n := len(w.events); n > 0 {
		after = w.events[n-1].Sequence
	}
	progress, err := client.Progress(ctx, &client.Client{URL: "http://" + w.addr, Token: w.token}, w.id, after)
	if err != nil {
		return err
	}
	defer progress.Close()
	for {
		e, err := progress.Next(ctx)
		if err != nil {
			return err
		}
		if e == nil {
			w.ended = len(w.events) > 0 && w.events[len(w.events)-1].Terminal
			return nil
		}
		w.events = append(w.events, deployment.Event{
			Sequence: e.Sequence, At: e.At, Status: deployment.Status(e.Status), Percentage: e.Percentage, Message: e.Message, Terminal: e.Terminal,
		})
	}
}
