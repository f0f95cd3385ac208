package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
)

type webhooksCmds struct {
	List   webhooksListCmd   `cmd:"" help:"List events from Stripe, newest first."`
	Replay webhooksReplayCmd `cmd:"" help:"Read again what events are about; needs the admin role."`
}

// inMode is the flag of commands about one of Stripe's modes.
type inMode struct {
	Mode string `default:"live" enum:"live,test" help:"live or test."`
}

// webhookEvent is a WebhookEvent.
type webhookEvent struct {
	ID            string  `json:"id"`
	StripeEventID string  `json:"stripeEventId"`
	Type          string  `json:"type"`
	Status        string  `json:"status"`
	CreatedAt     string  `json:"createdAt"`
	ReceivedAt    string  `json:"receivedAt"`
	AppliedAt     *string `json:"appliedAt"`
	Deliveries    int     `json:"deliveries"`
	Attempts      int     `json:"attempts"`
	Source        string  `json:"source"`
	Error         *string `json:"error"`
}

type webhooksListCmd struct {
	api
	ofTenant
	inMode
	Status []string `placeholder:"STATUS" enum:"received,applied,ignored,foreign,quarantined,dead" help:"Only these: received, applied, ignored, foreign, quarantined or dead."`
	First  int      `default:"50" help:"How many, at most 100."`
	JSON   bool     `name:"json" help:"Print the events as JSON."`
}

// Run prints a line per event, and why it isn't applied.
func (c *webhooksListCmd) Run(ctx context.Context, t *terminal) error {
	of, err := c.of(ctx, &c.api)
	if err != nil {
		return err
	}
	type answer struct {
		Tenant struct {
			WebhookEvents struct{ Nodes []webhookEvent }
		}
	}
	variables := map[string]any{"slug": of.Slug, "mode": strings.ToUpper(c.Mode), "first": c.First}
	if len(c.Status) > 0 {
		variables["status"] = upper(c.Status)
	}
	data, err := ask[answer](ctx, &c.api, `query($slug: String!, $mode: StripeMode!, $first: Int!, $status: [InboxStatus!]) { tenant(slug: $slug) {
		webhookEvents(mode: $mode, first: $first, status: $status) { nodes {
			id stripeEventId type status createdAt receivedAt appliedAt deliveries attempts source error } } } }`, variables)
	if err != nil {
		return err
	}
	events := data.Tenant.WebhookEvents.Nodes
	if c.JSON {
		return t.document(events)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, e := range events {
		why := ""
		if e.Error != nil {
			why = plain(*e.Error)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", plain(e.StripeEventID), e.ReceivedAt, strings.ToLower(e.Status), plain(e.Type), why)
	}
	return w.Flush()
}

func upper(words []string) []string {
	up := make([]string, len(words))
	for i, word := range words {
		up[i] = strings.ToUpper(word)
	}
	return up
}
