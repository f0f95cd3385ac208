package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

type webhooksReplayCmd struct {
	api
	ofTenant
	inMode
	Events []string `arg:"" optional:"" placeholder:"EVENT" help:"Stripe's IDs of events (evt_…)."`
	Dead   bool     `help:"Replay all that are dead."`
	Since  string   `placeholder:"TIME" help:"Replay those that are dead and happened since: a time (RFC 3339), or how long ago (6h)."`
}

// Run tells how many events are read again. It asks nothing first: reading does no harm.
func (c *webhooksReplayCmd) Run(ctx context.Context, t *terminal) error {
	if (c.Dead || c.Since != "") == (len(c.Events) > 0) {
		return errors.New("name events (evt_…), or use --dead for all that are dead or --since for those of some time; see golive webhooks list")
	}
	since, err := sinceOf(c.Since, time.Now())
	if err != nil {
		return err
	}
	of, err := c.of(ctx, &c.api)
	if err != nil {
		return err
	}
	n, err := c.replay(ctx, of, since)
	if err != nil {
		return err
	}
	t.say("%s will be read again.", count(n, "event"))
	return nil
}

// sinceOf is the zero time where there is no text.
func sinceOf(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago > 0 {
		return now.Add(-ago), nil
	}
	since, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return since, errors.New("--since is a time such as 2026-11-30T14:00:00Z, or how long ago, such as 90m or 6h")
	}
	return since, nil
}

// mostReplayed is how many events can be named at a time.
const mostReplayed = 100

func (c *webhooksReplayCmd) replay(ctx context.Context, of membership, since time.Time) (n int, err error) {
	events := c.Events
	if c.Since != "" {
		if events, err = c.deadSince(ctx, of, since); err != nil {
			return 0, err
		}
	} else if c.Dead {
		return c.ask(ctx, of, "allDead", true)
	}
	for lot := range slices.Chunk(events, mostReplayed) {
		replayed, err := c.ask(ctx, of, "stripeEventIds", lot)
		if n += replayed; err != nil {
			return n, err
		}
	}
	return n, nil
}

func (c *webhooksReplayCmd) ask(ctx context.Context, of membership, which string, value any) (int, error) {
	input := map[string]any{"tenantId": of.ID, "mode": strings.ToUpper(c.Mode), which: value}
	got, err := mutate[struct{ Replayed int }](ctx, &c.api, "replayWebhookEvents", input, "replayed")
	return got.Replayed, err
}

// deadSince are the IDs of dead events that happened since a time. All are looked at, because they
// are listed as they came, which may be long after they happened.
func (c *webhooksReplayCmd) deadSince(ctx context.Context, of membership, since time.Time) (ids []string, err error) {
	type answer struct {
		Tenant struct {
			WebhookEvents struct {
				Nodes []struct {
					StripeEventID string
					CreatedAt     time.Time
				}
				PageInfo struct {
					HasNextPage bool
					EndCursor   *string
				}
			}
		}
	}
	variables := map[string]any{"slug": of.Slug, "mode": strings.ToUpper(c.Mode)}
	for {
		data, err := ask[answer](ctx, &c.api, `query($slug: String!, $mode: StripeMode!, $after: String) { tenant(slug: $slug) {
			webhookEvents(mode: $mode, first: 100, after: $after, status: [DEAD]) { nodes { stripeEventId createdAt } pageInfo { hasNextPage endCursor } } } }`, variables)
		if err != nil {
			return nil, err
		}
		page := data.Tenant.WebhookEvents
		for _, e := range page.Nodes {
			if !e.CreatedAt.Before(since) {
				ids = append(ids, e.StripeEventID)
			}
		}
		if !page.PageInfo.HasNextPage {
			return ids, nil
		}
		variables["after"] = page.PageInfo.EndCursor
	}
}
