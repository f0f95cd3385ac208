package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"
)

// deployment is a Deployment.
type deployment struct {
	ID                 string           `json:"id"`
	Kind               string           `json:"kind"`
	Trigger            string           `json:"trigger"`
	Status             string           `json:"status"`
	WaitReason         string           `json:"waitReason,omitempty"`
	RequestedBy        string           `json:"requestedBy"`
	Reason             string           `json:"reason,omitempty"`
	CreatedAt          string           `json:"createdAt"`
	FinishedAt         string           `json:"finishedAt,omitempty"`
	ScheduledFor       *time.Time       `json:"scheduledFor,omitempty"`
	LocalTime          string           `json:"localTime,omitempty"`
	TimeZone           string           `json:"timeZone,omitempty"`
	Version            int              `json:"version,omitempty"`
	Adopt              bool             `json:"adopt,omitempty"`
	ProgressPercentage int              `json:"progressPercentage"`
	ProgressMessage    string           `json:"progressMessage"`
	LiveOutcome        string           `json:"liveOutcome,omitempty"`
	Error              *deploymentError `json:"error,omitempty"`
	Validation         *report          `json:"validation,omitempty"`
}

type deploymentError struct {
	Category        string `json:"category"`
	Message         string `json:"message"`
	StripeCode      string `json:"stripeCode,omitempty"`
	StripeRequestID string `json:"stripeRequestId,omitempty"`
	Hint            string `json:"hint,omitempty"`
}

const deploymentFields = `id kind trigger status waitReason requestedBy reason createdAt finishedAt
	scheduledFor localTime timeZone version adopt
	progressPercentage progressMessage liveOutcome error { category message stripeCode stripeRequestId hint }`

type historyCmd struct {
	api
	productArg
	JSON bool `name:"json" help:"Print the deployments as JSON."`
}

// Run lists the newest hundred.
func (c *historyCmd) Run(ctx context.Context, t *terminal) error {
	p, err := c.product(ctx, c.Product)
	if err != nil {
		return err
	}
	type answer struct {
		Product struct {
			Deployments struct {
				Nodes    []deployment
				PageInfo struct{ HasNextPage bool }
			}
		}
	}
	data, err := ask[answer](ctx, &c.api, `query($id: ID!) { product(id: $id) { deployments(first: 100) {
		nodes { `+deploymentFields+` } pageInfo { hasNextPage }
	} } }`, map[string]any{"id": p.ID})
	if err != nil {
		return err
	}
	if c.JSON {
		return t.document(data.Product.Deployments.Nodes)
	}
	if len(data.Product.Deployments.Nodes) == 0 {
		t.say("%s has never been deployed", p)
	}
	if data.Product.Deployments.PageInfo.HasNextPage {
		t.say("Showing the latest 100. Use the API to see more.")
	}
	return table(t, data.Product.Deployments.Nodes)
}

func table(t *terminal, all []deployment) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, d := range all {
		said := d.Reason
		if d.Error != nil {
			said = d.Error.Message
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", d.CreatedAt, d.Kind, d.Status, plain(d.RequestedBy), d.ID, plain(said))
	}
	return w.Flush()
}
