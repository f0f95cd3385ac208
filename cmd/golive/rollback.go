package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

type rollbackCmd struct {
	api
	Target string `arg:"" help:"The deployment's ID, or the product, to roll back its latest go-live: its name or part of it, or its ID."`
	Yes    bool   `short:"y" help:"Skip the confirmation prompt."`
	Detach bool   `help:"Return as soon as the rollback is accepted, and print its ID."`
	Reason string `help:"Reason to record in the history."`
	JSON   bool   `name:"json" help:"Print plan, events and outcome as JSON lines."`
}

// rollbackTarget is a deployment with the product that it belongs to.
type rollbackTarget struct {
	ID         string
	Kind       string
	Status     string
	FinishedAt *time.Time
	Product    product
}

const targetFields = `id kind status finishedAt product { id name stripeProductId liveProductId }`

// Run ends with success only where the rollback completed, or was accepted and
// --detach given.
func (c *rollbackCmd) Run(ctx context.Context, t *terminal) error {
	of, err := c.target(ctx)
	if err != nil {
		return err
	}
	agreed, err := c.agree(ctx, t, of)
	if err != nil {
		return err
	}
	d, err := c.begin(ctx, "rollbackDeployment", map[string]any{"deploymentId": of.ID, "planHash": agreed.Hash}, c.Reason, of.Product.ID)
	if err != nil {
		return err
	}
	if c.Detach {
		t.say("Accepted. Watch it with: golive watch %s", d.ID)
		return t.answer(d.ID)
	}
	return c.watch(ctx, t, d.ID, "COMPLETED", c.JSON)
}

// target is the deployment of that id, else the newest go-live of the product that
// stands.
func (c *rollbackCmd) target(ctx context.Context) (*rollbackTarget, error) {
	p, id, err := c.deploymentOrProduct(ctx, c.Target)
	if err != nil {
		return nil, err
	}
	if id != "" {
		return look[rollbackTarget](ctx, &c.api, id, targetFields)
	}
	type answer struct {
		Product struct {
			Deployments struct{ Nodes []rollbackTarget }
		}
	}
	data, err := ask[answer](ctx, &c.api, `query($id: ID!) { product(id: $id) { deployments(first: 100) { nodes { `+targetFields+` } } } }`,
		map[string]any{"id": p.ID})
	if err != nil {
		return nil, err
	}
	return newestStanding(p, data.Product.Deployments.Nodes)
}

func newestStanding(p product, all []rollbackTarget) (*rollbackTarget, error) {
	standing := slices.DeleteFunc(all, func(d rollbackTarget) bool {
		return d.Kind != "GO_LIVE" || d.Status != "COMPLETED" || d.FinishedAt == nil
	})
	if len(standing) == 0 {
		return nil, fmt.Errorf("%s has no go-live to roll back; see golive history %s", p, p.ID)
	}
	newest := slices.MaxFunc(standing, func(a, b rollbackTarget) int { return a.FinishedAt.Compare(*b.FinishedAt) })
	return &newest, nil
}

// agree shows what the rollback would change and returns it once it was agreed to.
func (c *rollbackCmd) agree(ctx context.Context, t *terminal, of *rollbackTarget) (*plan, error) {
	data, err := ask[struct{ PlanRollback *plan }](ctx, &c.api, `query($id: ID!) { planRollback(deploymentId: $id) { `+planFields+` } }`,
		map[string]any{"id": of.ID})
	if err != nil {
		return nil, err
	}
	agreed := data.PlanRollback
	switch {
	case agreed == nil:
		return nil, errors.New("the deployment no longer exists")
	case c.JSON:
		err = t.document(map[string]any{"plan": agreed})
	case agreed.IsEmpty:
		t.say("%s: live mode is already as it was before %s, nothing to change", of.Product, of.ID)
	default:
		t.say("%s", agreed.text(t, of.Product))
	}
	if err != nil || c.Yes || agreed.IsEmpty {
		return agreed, err
	}
	return agreed, t.mustConfirm(ctx, "Roll back by making "+count(len(agreed.Changes), "change")+" in live mode?")
}
