package tenant

import (
	"context"
	"io"

	"github.com/golive-hq/golive/internal/audit"
)

// AuditState tells any member whether the chain of the tenant's audit log is whole.
func AuditState(ctx context.Context, chain *audit.Chain, tenantID string) (audit.State, error) {
	if err := Require(ctx, tenantID, RoleViewer); err != nil {
		return audit.State{}, err
	}
	return chain.StateOf(ctx, tenantID)
}

// ExportAuditLog writes the whole audit log of the tenant with that slug, as audit.Export
// does. It needs the role ADMIN; begin is called once that is known, before anything is
// written.
func (s *Service) ExportAuditLog(ctx context.Context, slug string, format audit.Format, begin func(Tenant) io.Writer) error {
	t, err := BySlug(ctx, slug)
	if err != nil {
		return err
	}
	if err := Require(ctx, t.ID, RoleAdmin); err != nil {
		return err
	}
	return audit.Export(ctx, s.DB, t.ID, format, begin(t))
}
