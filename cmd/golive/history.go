package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/golive-hq/golive/internal/localtime"
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
	CreatedAt          time.Time        `json:"createdAt"`
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
	LastChange         *lastChange      `json:"lastChange,omitempty"`
	RollbackOf         *rollbackRef     `json:"rollbackOf,omitempty"`
	RolledBackBy       *rollbackRef     `json:"rolledBackBy,omitempty"`
	Validation         *report          `json:"validation,omitempty"`
	Live               []liveObject     `json:"live,omitempty"`
}

type deploymentError struct {
	Category        string `json:"category"`
	Message         string `json:"message"`
	StripeCode      string `json:"stripeCode,omitempty"`
	StripeRequestID string `json:"stripeRequestId,omitempty"`
	Hint            string `json:"hint,omitempty"`
}

// lastChange is a ScheduleChange.
type lastChange struct {
	By   string `json:"by"`
	At   string `json:"at"`
	What string `json:"what"`
}

// rollbackRef names the other deployment of a rollback.
type rollbackRef struct {
	ID          string `json:"id"`
	RequestedBy string `json:"requestedBy"`
}

const deploymentFields = `id kind trigger status waitReason requestedBy reason createdAt finishedAt
	scheduledFor localTime timeZone version adopt
	progressPercentage progressMessage liveOutcome error { category message stripeCode stripeRequestId hint }
	lastChange { by at what } rollbackOf { id requestedBy } rolledBackBy { id requestedBy }`

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
			Tenant      clock
			Deployments struct {
				Nodes    []deployment
				PageInfo struct{ HasNextPage bool }
			}
		}
	}
	data, err := ask[answer](ctx, &c.api, `query($id: ID!) { product(id: $id) { `+clockFields+` deployments(first: 100) {
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
	return table(t, data.Product.Tenant, data.Product.Deployments.Nodes)
}

func table(t *terminal, here clock, all []deployment) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, d := range all {
		local, offset := here.home("").At(d.CreatedAt)
		fmt.Fprintf(w, "%s%s\t%s\t%s\t%s\t%s\t%s\t%s\n", local, offset, d.Kind, d.Status, d.how(here), plain(d.RequestedBy), d.ID, d.about(here))
	}
	return w.Flush()
}

// how says by what d was or will be started.
func (d *deployment) how(here clock) string {
	switch {
	case d.ScheduledFor == nil:
		return "immediate"
	case d.Trigger == "IMMEDIATE":
		return "started early, was scheduled for " + here.home(d.TimeZone).Brief(*d.ScheduledFor)
	}
	return "scheduled for " + here.home(d.TimeZone).Brief(*d.ScheduledFor)
}

// about says all else that a person wants to know of d, and why it was wished for.
func (d *deployment) about(here clock) string {
	var said []string
	if state := d.state(here); state != "" {
		said = append(said, state)
	}
	if d.Reason != "" {
		said = append(said, plain(d.Reason))
	}
	return strings.Join(said, "; ")
}

// state says what a status alone does not: what d waits for, why it ended, what undid it.
func (d *deployment) state(here clock) string {
	switch {
	case d.WaitReason != "":
		return d.waitsFor()
	case d.Status == "CANCELLED" && d.LastChange != nil:
		return plain(d.LastChange.By + " " + d.LastChange.What)
	case d.Error != nil:
		return plain(d.Error.Message)
	case d.RolledBackBy != nil:
		return "rolled back by " + d.RolledBackBy.ID + " (" + plain(d.RolledBackBy.RequestedBy) + ")"
	case d.RollbackOf != nil:
		return "rolls back " + d.RollbackOf.ID
	}
	return ""
}

// waits say why a deployment does not run.
var waits = map[string]string{
	"DUE_TIME":                "waiting for its due time",
	"WORKER":                  "waiting for a worker",
	"PRODUCT_BUSY":            "waiting for another deployment of the product",
	"ACCOUNT_BUSY":            "waiting for other deployments of the same Stripe account",
	"STRIPE_RATE_LIMIT":       "waiting because Stripe limits requests",
	"STRIPE_UNAVAILABLE":      "waiting for Stripe to respond",
	"MISSED":                  "on hold: missed its time",
	"CHANGED_SINCE_SCHEDULED": "on hold: changed after it was scheduled",
}

// waitsFor says it with the reason of a pause, which only the service knows.
func (d *deployment) waitsFor() string {
	if d.WaitReason == "PAUSED" {
		return plain(d.ProgressMessage)
	}
	return words(waits, d.WaitReason)
}

// until is how far d's time is away.
func (d *deployment) until(here clock) string { return localtime.Until(*d.ScheduledFor, here.Now) }
