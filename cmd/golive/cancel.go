package main

import "context"

type cancelCmd struct {
	api
	Deployment string `arg:"" help:"The deployment ID."`
	Detach     bool   `help:"Return as soon as the cancellation is accepted."`
	Reason     string `help:"Reason to record in the history."`
	JSON       bool   `name:"json" help:"Print events and outcome as JSON lines."`
}

// Run ends with success only where the deployment ended cancelled, or the cancel
// was accepted and --detach given.
func (c *cancelCmd) Run(ctx context.Context, t *terminal) error {
	input := map[string]any{"deploymentId": c.Deployment}
	if c.Reason != "" {
		input["reason"] = c.Reason
	}
	if _, err := c.change(ctx, "cancelDeployment", input); err != nil {
		return err
	}
	if c.Detach {
		t.say("Accepted. Watch it with: golive watch %s", c.Deployment)
		return t.answer(c.Deployment)
	}
	return c.watch(ctx, t, c.Deployment, "CANCELLED", c.JSON)
}
