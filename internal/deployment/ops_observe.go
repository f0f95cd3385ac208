package deployment

import (
	"context"
	"time"
)

// Observer hears what this process did with deployments, after it was committed: for
// logs and metrics. What it lacks is not told.
type Observer struct {
	Began func(ctx context.Context, d *Deployment)
	Ended func(ctx context.Context, e Ended)
}

// Ended is how a deployment ended.
type Ended struct {
	ID, TenantID string
	Kind         Kind
	Status       Status
	// Outcome is "" for one that completed.
	Outcome Outcome
	// Category is "" where nothing failed.
	Category Category
	Error    string
	// Took is the time since it began, 0 for one that never did.
	Took time.Duration
}

// Begin tells that d began.
func (o Observer) Begin(ctx context.Context, d *Deployment) {
	if o.Began != nil {
		o.Began(ctx, d)
	}
}

// End tells how d ended; failure is nil where nothing failed.
func (o Observer) End(ctx context.Context, d *Deployment, status Status, outcome Outcome, failure *Failure) {
	if o.Ended == nil {
		return
	}
	e := Ended{ID: d.ID, TenantID: d.TenantID, Kind: d.Kind, Status: status, Outcome: outcome}
	if failure != nil {
		e.Category, e.Error = failure.Category, failure.Message
	}
	if d.StartedAt != nil {
		e.Took = time.Since(*d.StartedAt)
	}
	o.Ended(ctx, e)
}
