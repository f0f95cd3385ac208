package e2e_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/client"
)

type event = client.Event

// subscription is one deploymentProgress on a socket of its own.
type subscription struct {
	*client.Subscription[event]
	again func(ctx context.Context, after int) (subscription, error)
}

// subscribe asks for a deployment's events after a sequence.
func (a api) subscribe(ctx context.Context, deploymentID string, after int) (subscription, error) {
	s, err := client.Progress(ctx, a.Client, deploymentID, after)
	return subscription{s, func(ctx context.Context, after int) (subscription, error) {
		return a.subscribe(ctx, deploymentID, after)
	}}, err
}

// rest returns all events until the server completes the subscription. Where the server
// closes the socket because it cannot tell whether the token still holds, it goes on from
// the last event as soon as it can.
func (s subscription) rest(t testing.TB) []event {
	t.Helper()
	defer func() { s.Close() }()
	var all []event
	for {
		e, err := s.Next(t.Context())
		if websocket.CloseStatus(err) == websocket.StatusTryAgainLater {
			s.Close()
			s = s.resumed(t, all)
			continue
		}
		if err != nil {
			t.Fatalf("after %d events: %v", len(all), err)
		}
		if e == nil {
			return all
		}
		all = append(all, *e)
	}
}

// resumed subscribes to what follows, as long as patience lasts.
func (s subscription) resumed(t testing.TB, seen []event) subscription {
	t.Helper()
	after := 0
	if len(seen) > 0 {
		after = seen[len(seen)-1].Sequence
	}
	deadline := time.After(2 * time.Minute)
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for {
		next, err := s.again(t.Context(), after)
		if err == nil {
			return next
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("could not resume after %d: %v", after, err)
		}
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
