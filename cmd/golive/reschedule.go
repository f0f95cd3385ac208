package main

import (
	"context"
	"fmt"
)

type rescheduleCmd struct {
	api
	Deployment string `arg:"" help:"The deployment ID from golive upcoming."`
	when
	Yes  bool `short:"y" help:"Skip the confirmation prompt."`
	JSON bool `name:"json" help:"Print the deployment as JSON."`
}

// scheduled is a deployment with what is to be said of it before it is changed.
type scheduled struct {
	deployment
	Product product
	Tenant  clock
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
	if moved.Version == d.Version {
		t.say("It was already scheduled for this time. Nothing changed, and nobody was notified.")
	}
	at.confirmed(t, moved, d.Tenant.Now)
	if c.JSON {
		return t.document(map[string]any{"deployment": moved})
	}
	return t.answer(moved.ID)
}

func (a *api) scheduled(ctx context.Context, id string) (*scheduled, error) {
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

// waits say why a scheduled deployment has not begun.
var waits = map[string]string{
	"DUE_TIME":                "waiting for its due time",
	"PRODUCT_BUSY":            "waiting for another deployment of the product",
	"MISSED":                  "on hold: missed its time",
	"CHANGED_SINCE_SCHEDULED": "on hold: changed after it was scheduled",
}

// butHeld is what a person has to know besides the time.
func (d *scheduled) butHeld() string {
	if d.WaitReason == "DUE_TIME" {
		return ""
	}
	return " (" + d.waitsFor() + ")"
}

func (d *scheduled) waitsFor() string {
	if said := waits[d.WaitReason]; said != "" {
		return said
	}
	return d.WaitReason
}
