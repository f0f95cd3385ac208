package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

type rollbackCmd struct {
	api
	Target string `arg:"" help:"The deployment's ID, or the product (its name or part of it, or its ID), to roll back its latest go-live that changed something."`
	Yes    bool   `short:"y" help:"Skip the confirmation prompt."`
	Detach bool   `help:"Return as soon as the rollback is accepted, and print its ID."`
	Reason string `help:"Reason to record in the history."`
	JSON   bool   `name:"json" help:"Print plan, events and outcome as JSON lines."`
}

// rollbackTarget is a deployment with the product that it belongs to.
type rollbackTarget struct {
	ID      string
	Product product
}

const targetFields = `id product { id name stripeProductId liveProductId }`

// wayBack is the plan of a rollback, with what it undoes and what it passes over.
type wayBack struct {
	plan
	RollbackOf *undone  `json:"rollbackOf"`
	PassedOver []undone `json:"passedOver"`
	Notes      []string `json:"notes"`
}

// undone is a deployment as people tell it from others.
type undone struct {
	ID          string    `json:"id"`
	Kind        string    `json:"kind"`
	RequestedBy string    `json:"requestedBy"`
	FinishedAt  time.Time `json:"finishedAt"`
}

const wayBackFields = planFields + ` notes rollbackOf { id kind requestedBy finishedAt } passedOver { id kind requestedBy finishedAt }`

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
// stands and changed something.
func (c *rollbackCmd) target(ctx context.Context) (*rollbackTarget, error) {
	p, id, err := c.deploymentOrProduct(ctx, c.Target)
	if err != nil {
		return nil, err
	}
	if id != "" {
		return look[rollbackTarget](ctx, &c.api, id, targetFields)
	}
	type answer struct {
		Product struct{ Undoable *rollbackTarget }
	}
	data, err := ask[answer](ctx, &c.api, `query($id: ID!) { product(id: $id) { undoable { `+targetFields+` } } }`, map[string]any{"id": p.ID})
	if err == nil && data.Product.Undoable == nil {
		err = fmt.Errorf("%s has no go-live to roll back; see golive history %s", p, p.ID)
	}
	return data.Product.Undoable, err
}

// agree shows what the rollback would change and returns it once it was agreed to.
func (c *rollbackCmd) agree(ctx context.Context, t *terminal, of *rollbackTarget) (*plan, error) {
	data, err := ask[struct{ PlanRollback *wayBack }](ctx, &c.api, `query($id: ID!) { planRollback(deploymentId: $id) { `+wayBackFields+` } }`,
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
	default:
		agreed.tell(t, of)
	}
	if err != nil || c.Yes || agreed.IsEmpty {
		return &agreed.plan, err
	}
	return &agreed.plan, t.mustConfirm(ctx, "Roll back by making "+count(len(agreed.Changes), "change")+" in live mode?")
}

// tell says which deployment is undone and which are passed over, then what changes.
func (w *wayBack) tell(t *terminal, of *rollbackTarget) {
	for _, empty := range w.PassedOver {
		t.say("Nothing to undo in %s: it changed nothing.", empty)
	}
	if w.RollbackOf != nil {
		t.say("Rolls back %s.", w.RollbackOf)
	}
	if w.IsEmpty {
		t.say("%s: live mode is already as it was before, nothing to change", of.Product)
	} else {
		t.say("%s", w.text(t, of.Product))
	}
	for _, note := range w.Notes {
		t.say("  %s %s", t.paint(yellow, "!"), plain(note))
	}
}

func (d undone) String() string {
	kind := "go-live"
	if d.Kind == "ROLLBACK" {
		kind = "rollback"
	}
	return fmt.Sprintf("%s %s by %s of %s", kind, d.ID, plain(d.RequestedBy), d.FinishedAt.Local().Format("2 Jan 2006, 15:04 MST"))
}
