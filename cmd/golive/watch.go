package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/fault"
)

type watchCmd struct {
	api
	deploymentArg
	JSON bool `name:"json" help:"Print each event, then the deployment, as JSON lines."`
}

// Run ends with success only where the deployment completed.
func (c *watchCmd) Run(ctx context.Context, t *terminal) error {
	id, err := c.newestDeployment(ctx, c.Deployment)
	if err != nil {
		return err
	}
	return c.watch(ctx, t, id, "COMPLETED", c.JSON)
}

// watch shows a deployment's progress from its first event to its end, and then
// how it ended: an error unless with the wanted status.
func (a *api) watch(ctx context.Context, t *terminal, id, want string, asJSON bool) error {
	b := &bar{t: t}
	show := func(e client.Event) error { b.draw(e); return nil }
	if asJSON {
		show = func(e client.Event) error { return t.document(map[string]any{"event": e}) }
	}
	err := a.follow(ctx, t, id, show)
	b.end()
	if ctx.Err() != nil {
		t.say("The deployment is still running. Watch it again with: golive watch %s", id)
		return errInterrupted
	}
	if err != nil {
		return err
	}
	d, err := a.deployment(ctx, id)
	if err != nil {
		return err
	}
	if d.Status == "COMPLETED" {
		a.showLive(ctx, t, d, asJSON)
	}
	return d.conclude(t, want, asJSON)
}

// follow hands over every event of a deployment, once and in order, however
// often the connection is lost in between.
func (a *api) follow(ctx context.Context, t *terminal, id string, show func(client.Event) error) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	last, lost := 0, 0
	ended, told := false, false
	for {
		err := progress(ctx, c, id, last, func(e client.Event) error {
			lost, last, ended = 0, e.Sequence, e.Terminal
			return show(e)
		})
		switch {
		case ended: // however the connection fared after the last word
			return nil
		case err == nil || fault.As(err) != nil:
			return printable(err)
		case !told && ctx.Err() == nil:
			t.say("Connection lost; the deployment is still running. Reconnecting.")
			told = true
		}
		lost++
		if !pause(ctx, lost) {
			return ctx.Err()
		}
	}
}

// progress hands over the events after that one, over one connection. It returns nil
// once the server has said that there are no more; a *fault.Error is final, any
// other error a reason to come back.
func progress(ctx context.Context, c *client.Client, id string, after int, show func(client.Event) error) error {
	events, err := client.Progress(ctx, c, id, after)
	if err != nil {
		return err
	}
	defer events.Close()
	for {
		e, err := events.Next(ctx)
		if e == nil || err != nil {
			return err
		}
		if err := show(*e); err != nil {
			return err
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
	d, err := look[deployment](ctx, a, id, deploymentFields+` validation { `+reportFields+` }`)
	if err == nil && d == nil {
		err = errors.New("no deployment " + plain(id) + ", or this token can't see it")
	}
	return d, err
}

// outcomes say what a deployment that did not complete left in live.
var outcomes = map[string]string{
	"UNCHANGED": "Nothing was changed in live mode.",
	"RESTORED":  "Everything was undone: live mode is as it was before.",
	"PARTIAL":   "Some changes are still in live mode; the steps say which.",
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
			t.say("  Stripe code: %s", plain(e.StripeCode))
		}
		if e.StripeRequestID != "" {
			t.say("  Stripe request: %s", plain(e.StripeRequestID))
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
