package deployment

import (
	"context"
	"errors"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/postgres"
)

// whyNotChanged returns the deployment that a change of a schedule did not meet, and why.
func whyNotChanged(ctx context.Context, db postgres.Querier, id string, version *int) (*Deployment, error) {
	d, err := ByID(ctx, db, id)
	switch {
	case err != nil:
		return nil, err
	case d.Status.Terminal():
		return d, fault.New(fault.InvalidState, "This deployment has ended as %s; there is nothing to change any more.", d.Status)
	case d.Status != Scheduled:
		return d, fault.New(fault.InvalidState, "This deployment has begun and is %s; its time cannot be changed any more. Cancel it to turn it back.", d.Status)
	case version != nil && *version != d.Version:
		return d, d.conflict(*version)
	}
	return d, errors.New("a schedule was not met by its own version")
}

// conflict says who changed what since a version, and when.
func (d *Deployment) conflict(seen int) error {
	if d.ChangedBy == nil {
		return fault.New(fault.VersionConflict, "The deployment has version %d, and you meant version %d. Look at it again.", d.Version, seen).At("input", "version")
	}
	return fault.New(fault.VersionConflict, "%s %s at %s, since you saw version %d: it has version %d now. Look at it again.",
		*d.ChangedBy, *d.LastChange, localtime.UTC(*d.ChangedAt), seen, d.Version).At("input", "version")
}

// held tells that a schedule waits for a person.
func (d *Deployment) held() bool {
	return d.Status == Scheduled && d.WaitReason != nil && (*d.WaitReason == WaitMissed || *d.WaitReason == WaitChanged)
}
