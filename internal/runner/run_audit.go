package runner

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/deployment"
)

// record notes what follows from the request in the audit log; where somebody started a
// schedule early, it follows from that.
func record(ctx context.Context, tx pgx.Tx, d *deployment.Deployment, action string, details any) error {
	by := d.RequestedBy
	if d.StartedBy != nil {
		by = *d.StartedBy
	}
	return recordAs(ctx, tx, d, by, action, details)
}

// recordTurn notes what follows from a cancel, or, where it failed, from the request.
// Who cancelled is read here: that may have come after the run began.
func recordTurn(ctx context.Context, tx pgx.Tx, d *deployment.Deployment, action string, failed bool, details any) error {
	if failed {
		return record(ctx, tx, d, action, details)
	}
	by, err := deployment.WhoEnded(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	return recordAs(ctx, tx, d, by, action, details)
}

func recordAs(ctx context.Context, tx pgx.Tx, d *deployment.Deployment, actor, action string, details any) error {
	return audit.Record(ctx, tx, audit.Entry{TenantID: d.TenantID, Actor: actor, Action: action, Subject: d.ID, Details: details})
}
