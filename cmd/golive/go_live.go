package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/golive-hq/golive/internal/client"
)

type goLiveCmd struct {
	api
	productArg
	Yes    bool   `short:"y" help:"Skip the confirmation prompt."`
	Detach bool   `help:"Return as soon as the deployment is accepted, and print its ID."`
	Adopt  bool   `help:"Adopt live objects with the same ID that Golive didn't create."`
	Reason string `help:"Reason to record in the history."`
	JSON   bool   `name:"json" help:"Print checks, plan, events and outcome as JSON lines."`
}

// Run ends with success only where the deployment completed, or was accepted
// and --detach given.
func (c *goLiveCmd) Run(ctx context.Context, t *terminal) error {
	p, err := c.product(ctx, c.Product)
	if err != nil {
		return err
	}
	if err := c.mustPass(ctx, t, p, c.Adopt, c.JSON); err != nil {
		return err
	}
	agreed, err := c.agree(ctx, t, p)
	if err != nil {
		return err
	}
	d, err := c.start(ctx, p, agreed)
	if err != nil {
		return err
	}
	if c.Detach {
		if c.JSON {
			return t.document(map[string]any{"deployment": d})
		}
		t.say("Accepted. Watch it with: golive watch %s", d.ID)
		return t.answer(d.ID)
	}
	return c.watch(ctx, t, d.ID, "COMPLETED", c.JSON)
}

// mustPass runs the checks, shows what they found, and ends where one failed.
func (a *api) mustPass(ctx context.Context, t *terminal, p product, adopt, asJSON bool) error {
	r, err := a.validate(ctx, p.ID, adopt)
	if err != nil {
		return err
	}
	if asJSON {
		err = t.document(map[string]any{"validation": r})
	} else {
		r.show(t, p)
	}
	if err == nil && !r.OK {
		t.say("Nothing was started. %s", r.whatNow())
		err = errTold
	}
	return err
}

// agree shows the plan and returns it once it was agreed to. Where nothing would
// be written there is nothing to agree to.
func (c *goLiveCmd) agree(ctx context.Context, t *terminal, p product) (*plan, error) {
	agreed, err := c.showPlan(ctx, t, p, c.Adopt, c.JSON)
	if err != nil || c.Yes || agreed.IsEmpty {
		return agreed, err
	}
	return agreed, t.mustConfirm(ctx, "Make "+count(len(agreed.Changes), "change")+" in live mode?")
}

func (a *api) showPlan(ctx context.Context, t *terminal, p product, adopt, asJSON bool) (*plan, error) {
	now, err := a.plan(ctx, p.ID, adopt)
	if err != nil {
		return nil, err
	}
	if asJSON {
		return now, t.document(map[string]any{"plan": now})
	}
	t.say("%s", now.text(t, p))
	return now, nil
}

// start asks for the deployment of exactly the plan that was agreed to.
func (c *goLiveCmd) start(ctx context.Context, p product, agreed *plan) (*deployment, error) {
	return c.begin(ctx, "goLive", map[string]any{"productId": p.ID, "planHash": agreed.Hash, "adopt": c.Adopt}, c.Reason, c.Product)
}

// begin starts a deployment by a mutation. An idempotency key makes asking again
// harmless, where the first answer was lost.
func (a *api) begin(ctx context.Context, mutation string, input map[string]any, reason, product string) (*deployment, error) {
	input["idempotencyKey"] = "cli-" + uuid.NewString()
	if reason != "" {
		input["reason"] = reason
	}
	for attempt := 1; ; attempt++ {
		d, err := a.change(ctx, mutation, input)
		if !errors.Is(err, client.ErrUnreachable) {
			return d, inTheWay(d, err)
		}
		if attempt == 5 || !pause(ctx, attempt) {
			return nil, fmt.Errorf("the deployment may or may not have been accepted, check `golive history %s`: %w", product, err)
		}
	}
}

// inTheWay adds to a refusal how to watch the deployment that runs already.
func inTheWay(d *deployment, err error) error {
	if err != nil && d != nil {
		return fmt.Errorf("%w Watch that one with: golive watch %s", err, d.ID)
	}
	return err
}
