package deployment

import (
	"context"

	"github.com/golive-hq/golive/internal/tenant"
)

// refusePerson ends a schedule whose person may not deploy any more. Whoever said
// "now" had just proved it, and is not asked again.
func (r *run) refusePerson(ctx context.Context) (refused bool, err error) {
	if r.d.Trigger != AtScheduled {
		return false, nil
	}
	role, err := tenant.RoleNow(ctx, r.DB, r.d.TenantID, r.d.RequestedBy)
	if err != nil || role.Covers(tenant.RoleDeployer) {
		return false, err
	}
	hint := "Somebody with the role deployer goes live, or schedules it again."
	failure := &Failure{
		Category: CategoryPermission, Hint: &hint,
		Message: r.d.RequestedBy + ", who scheduled this, may not deploy for this tenant any more.",
	}
	return true, r.finish(ctx, end{
		Status: Failed, Message: failure.Message, Error: failure, Outcome: Unchanged, Action: "deployment.failed",
	})
}
