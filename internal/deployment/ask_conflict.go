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
		return d, fault.New(fault.InvalidState, "This deployment is already %s and can't be changed.", d.Status)
	case d.Status != Scheduled:
		return d, fault.New(fault.InvalidState, "This deployment has already started (%s); its schedule can't be changed any more. Cancel it to undo it.", d.Status)
	case version != nil && *version != d.Version:
		return d, d.conflict(*version)
	}
	return d, errors.New("a schedule no longer matched its own version")
}

// conflict says who changed what since a version, and when.
func (d *Deployment) conflict(seen int) error {
	if d.ChangedBy == nil {
		return fault.New(fault.VersionConflict, "The deployment is now at version %d, not version %d. Review it and try again.", d.Version, seen).At("input", "version")
	}
	return fault.New(fault.VersionConflict, "%s %s at %s, after version %d: it's now at version %d. Review it and try again.",
		*d.ChangedBy, *d.LastChange, localtime.UTC(*d.ChangedAt), seen, d.Version).At("input", "version")
}

// held tells that a schedule waits for a person.
func (d *Deployment) held() bool {
	return d.Status == Scheduled && d.WaitReason != nil && (*d.WaitReason == WaitMissed || *d.WaitReason == WaitChanged)
}
