package main

import "context"

type deployNowCmd struct {
	api
	deploymentArg
	Yes    bool `short:"y" help:"Skip the confirmation prompt."`
	Detach bool `help:"Return as soon as it's accepted, and print its ID."`
	JSON   bool `name:"json" help:"Print plan, events and outcome as JSON lines."`
}

// Run ends with success only where the deployment completed, or was accepted and
// --detach given.
func (c *deployNowCmd) Run(ctx context.Context, t *terminal) error {
	d, err := c.scheduled(ctx, c.Deployment)
	if err != nil {
		return err
	}
	if _, err := c.showPlan(ctx, t, d.Product, d.Adopt, c.JSON); err != nil {
		return err
	}
	t.say("Scheduled for %s%s", d.words(), d.butHeld())
	if !c.Yes {
		if err := t.mustConfirm(ctx, "Start it now?"); err != nil {
			return err
		}
	}
	begun, err := c.change(ctx, "deployNow", map[string]any{"deploymentId": d.ID, "version": d.Version})
	if err != nil {
		return err
	}
	if c.Detach {
		t.say("Accepted. Watch it with: golive watch %s", begun.ID)
		return t.answer(begun.ID)
	}
	return c.watch(ctx, t, begun.ID, "COMPLETED", c.JSON)
}
