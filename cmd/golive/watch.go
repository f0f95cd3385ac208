package main

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"
)

// event is a DeploymentEvent.
type event struct {
	Sequence   int    `json:"sequence"`
	At         string `json:"at"`
	Status     string `json:"status"`
	Percentage int    `json:"percentage"`
	Message    string `json:"message"`
	Terminal   bool   `json:"terminal"`
}

type watchCmd struct {
	api
	Deployment string `arg:"" help:"The deployment's id."`
	JSON       bool   `name:"json" help:"Print each event, and at last the deployment, as a line of JSON."`
}

// Run ends with success only where the deployment completed.
func (c *watchCmd) Run(ctx context.Context, t *terminal) error {
	return c.watch(ctx, t, c.Deployment, "COMPLETED", c.JSON)
}

// watch shows a deployment's progress from its first event to its end, and then
// how it ended: an error unless with the wanted status.
func (a *api) watch(ctx context.Context, t *terminal, id, want string, asJSON bool) error {
	b := &bar{t: t}
	show := func(e event) error { b.draw(e); return nil }
	if asJSON {
		show = func(e event) error { return t.document(map[string]any{"event": e}) }
	}
	err := a.follow(ctx, t, id, show)
	b.end()
	if ctx.Err() != nil {
		t.say("The deployment goes on without you. Watch it again with: golive watch %s", id)
		return errInterrupted
	}
	if err != nil {
		return err
	}
	d, err := a.deployment(ctx, id)
	if err != nil {
		return err
	}
	return d.conclude(t, want, asJSON)
}

// follow hands over every event of a deployment, once and in order, however
// often the connection is lost in between.
func (a *api) follow(ctx context.Context, t *terminal, id string, show func(event) error) error {
	last, lost := 0, 0
	ended, told := false, false
	for {
		err := a.subscribe(ctx, `subscription($id: ID!, $after: Int) { deploymentProgress(deploymentId: $id, after: $after) {
			sequence at status percentage message terminal
		} }`, map[string]any{"id": id, "after": last}, func(data json.RawMessage) error {
			var d struct{ DeploymentProgress event }
			if err := json.Unmarshal(data, &d); err != nil {
				return err
			}
			lost, last, ended = 0, d.DeploymentProgress.Sequence, d.DeploymentProgress.Terminal
			return show(d.DeploymentProgress)
		})
		var final *apiError
		switch {
		case ended: // however the connection fared after the last word
			return nil
		case err == nil || errors.As(err, &final):
			return err
		case !told && ctx.Err() == nil:
			t.say("The connection was lost; the deployment goes on. Connecting again.")
			told = true
		}
		lost++
		if !pause(ctx, lost) {
			return ctx.Err()
		}
	}
}

// pause waits longer after each loss in a row, five seconds at most, and never
// as long as the next client; it returns false where ctx ends first.
func pause(ctx context.Context, lost int) bool {
	most := min(5*time.Second, 200*time.Millisecond<<min(lost, 5))
	select {
	case <-time.After(rand.N(most)):
		return true
	case <-ctx.Done():
		return false
	}
}

func (a *api) deployment(ctx context.Context, id string) (*deployment, error) {
	var data struct{ Deployment *deployment }
	err := a.call(ctx, `query($id: ID!) { deployment(id: $id) { `+deploymentFields+` validation { `+reportFields+` } } }`,
		map[string]any{"id": id}, &data)
	if err == nil && data.Deployment == nil {
		err = &apiError{Message: "There is no deployment " + id + " that this token may see."}
	}
	return data.Deployment, err
}

// outcomes say what a deployment that did not complete left in live.
var outcomes = map[string]string{
	"UNCHANGED": "Live is as it was: nothing was written.",
	"RESTORED":  "Live is as it was: what had been written was undone.",
	"PARTIAL":   "Live holds a part of it; the steps say which.",
}

// conclude tells how d ended: an error unless it was as wanted.
func (d *deployment) conclude(t *terminal, want string, asJSON bool) error {
	var err error
	switch {
	case asJSON:
		err = t.document(map[string]any{"deployment": d})
	case d.Status == "COMPLETED":
		err = t.answer("COMPLETED " + d.ID)
	default:
		d.explain(t)
		err = t.answer(d.Status + " " + d.ID)
	}
	if err == nil && d.Status != want {
		err = errTold
	}
	return err
}

func (d *deployment) explain(t *terminal) {
	if e := d.Error; e != nil {
		t.say("%s %s: %s", t.paint(red, "✗"), e.Category, plain(e.Message))
		if e.StripeCode != "" {
			t.say("  Stripe's code: %s", plain(e.StripeCode))
		}
		if e.StripeRequestID != "" {
			t.say("  Stripe's request: %s", plain(e.StripeRequestID))
		}
		if e.Hint != "" {
			t.say("  %s", plain(e.Hint))
		}
	}
	if d.Error != nil && d.Error.Category == "VALIDATION" && d.Validation != nil {
		for _, c := range d.Validation.Results {
			if c.Status == "FAILED" {
				t.say("  %s: %s", c.Check, plain(c.Message))
			}
		}
	}
	if said := outcomes[d.LiveOutcome]; said != "" {
		t.say("%s", said)
	}
}
