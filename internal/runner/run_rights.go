package runner

import (
	"context"
	"strings"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// refusePerson ends, before any write, what would be carried out by a right that is gone.
// It is asked for everything that is about to begin, a rollback too; what has begun to
// write goes on to its end, or back.
func (r *run) refusePerson(ctx context.Context, f *deployment.Findings) (refused bool, err error) {
	why, err := rightGone(ctx, r.db, r.d)
	if why == "" || err != nil {
		return false, err
	}
	hint := "Someone with the deployer role needs to go live or schedule it again."
	return true, r.refuse(ctx, f, &deployment.Failure{Category: deployment.CategoryPermission, Message: why, Hint: &hint})
}

// rightGone says why the deployment may not be carried out any more, "" where it may. A
// schedule stands for its person, who has other tokens by the time it is due; what was
// asked to begin at once stands for the token or the session that asked, which may have
// been stolen.
func rightGone(ctx context.Context, db postgres.Querier, d *deployment.Deployment) (why string, err error) {
	shown := d.Credential
	if d.Trigger == deployment.AtScheduled {
		shown = ""
	}
	role, err := identity.RoleNow(ctx, db, d.TenantID, d.Responsible, shown)
	switch {
	case err != nil || role.Covers(tenant.RoleDeployer):
		return "", err
	case d.Trigger == deployment.AtScheduled && d.Responsible == d.RequestedBy:
		return d.Responsible + ", who scheduled this, no longer has permission to deploy for this tenant.", nil
	case d.Trigger == deployment.AtScheduled:
		return d.Responsible + ", who is responsible for this, no longer has permission to deploy for this tenant.", nil
	case strings.HasPrefix(d.Credential, tenant.SessionKind+"/"):
		return d.Responsible + ", who started this, has signed out or no longer has permission to deploy for this tenant.", nil
	}
	return "This was started with a token that no longer has permission to deploy for this tenant. It belonged to " + d.Responsible + ".", nil
}
