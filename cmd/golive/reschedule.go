package main

import (
	"context"
	"fmt"
)

type rescheduleCmd struct {
	api
	deploymentArg
	when
	Yes  bool `short:"y" help:"Skip the confirmation prompt."`
	JSON bool `name:"json" help:"Print the deployment as JSON."`
}

// scheduled is a deployment with what is to be said of it before it is changed.
type scheduled struct {
	deployment
	Product product `json:"product"`
	Tenant  clock   `json:"tenant"`
}

const scheduledFields = deploymentFields + ` product { id name stripeProductId liveProductId } ` + clockFields

// Run prints the id of the deployment that it moved.
func (c *rescheduleCmd) Run(ctx context.Context, t *terminal) error {
	d, err := c.scheduled(ctx, c.Deployment)
	if err != nil {
		return err
	}
	at, err := c.read(d.Tenant, d.TimeZone)
	if err != nil {
		return err
	}
	t.say("%s", d.Product)
	t.say("Now: %s%s", d.words(), d.butHeld())
	t.say("New: %s", at.words)
	if !c.Yes {
		if err := t.mustConfirm(ctx, "Reschedule it?"); err != nil {
			return err
		}
	}
	moved, err := c.change(ctx, "rescheduleDeployment", c.fill(map[string]any{"deploymentId": d.ID, "version": d.Version}, at))
	if err != nil {
		return err
	}
	at.confirmed(t, moved, d.Tenant.Now)
	if c.JSON {
		return t.document(map[string]any{"deployment": moved})
	}
	return t.answer(moved.ID)
}

// scheduled is the deployment that is named, or the only scheduled one of a product.
func (a *api) scheduled(ctx context.Context, named string) (*scheduled, error) {
	id, err := a.deploymentNamed(ctx, named, waiting)
	if err != nil {
		return nil, err
	}
	d, err := look[scheduled](ctx, a, id, scheduledFields)
	switch {
	case err != nil:
		return nil, err
	case d == nil:
		return nil, fmt.Errorf("no deployment %s, or this token can't see it", plain(id))
	case d.Status != "SCHEDULED" || d.ScheduledFor == nil:
		return nil, fmt.Errorf("this deployment is %s, not scheduled", d.Status)
	default:
		return d, nil
	}
}

// words say when d is due, in the zone that its person chose.
func (d *scheduled) words() string {
	return d.Tenant.home(d.TimeZone).Words(*d.ScheduledFor, d.Tenant.Now)
}

// butHeld is what a person has to know besides the time.
func (d *scheduled) butHeld() string {
	if d.WaitReason == "DUE_TIME" {
		return ""
	}
	return " (" + d.waitsFor() + ")"
}
