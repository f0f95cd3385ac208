package main

import "context"

type cancelCmd struct {
	api
	deploymentArg
	Detach bool   `help:"Return as soon as the cancellation is accepted."`
	Reason string `help:"Reason to record in the history."`
	JSON   bool   `name:"json" help:"Print events and outcome as JSON lines."`
}

// Run ends with success only where the deployment ended cancelled, or the cancel
// was accepted and --detach given.
func (c *cancelCmd) Run(ctx context.Context, t *terminal) error {
	id, err := c.deploymentNamed(ctx, c.Deployment, unfinished)
	if err != nil {
		return err
	}
	input := map[string]any{"deploymentId": id}
	if c.Reason != "" {
		input["reason"] = c.Reason
	}
	if _, err := c.change(ctx, "cancelDeployment", input); err != nil {
		return err
	}
	if c.Detach {
		t.say("Accepted. Watch it with: golive watch %s", id)
		return t.answer(id)
	}
	return c.watch(ctx, t, id, "CANCELLED", c.JSON)
}
