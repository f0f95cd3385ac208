package connection

import (
	"context"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Check proves a key as Connect does and tells whose it is. It stores nothing but, in the
// audit log, that a key was refused. It needs the role ADMIN.
func (s *Service) Check(ctx context.Context, in Input) (Connection, error) {
	if err := tenant.Require(ctx, in.TenantID, tenant.RoleAdmin); err != nil {
		return Connection{}, err
	}
	in.SecretKey = strings.TrimFunc(in.SecretKey, blank)
	c, err := s.known(ctx, in)
	if err != nil {
		return Connection{}, s.refused(ctx, in, c, "stripe.check_refused", err)
	}
	return c, nil
}

var publishableForm = regexp.MustCompile(`^pk_(test|live)_[!-~]{1,500}$`)

// checkPublishable refuses what is no publishable key of that mode; such a key is public, and Stripe
// tells nothing about it.
func checkPublishable(mode catalog.Mode, key *string) error {
	if key == nil {
		return nil
	}
	m := publishableForm.FindStringSubmatch(*key)
	if m == nil || catalog.Mode(strings.ToUpper(m[1])) != mode {
		return fault.New(fault.InvalidInput, "This isn't a publishable key of %s mode. It starts with pk_%[1]s_.", strings.ToLower(string(mode))).At("input", "publishableKey")
	}
	return nil
}

// NoteSeen keeps what was seen of a tenant's keys, for people who look at them.
func (s *Service) NoteSeen(ctx context.Context, tenantID string, seen ...catalog.KeySeen) error {
	return postgres.InTx(ctx, s.deps.DB, func(tx pgx.Tx) error {
		for _, k := range seen {
			if err := noteSeen(ctx, tx, tenantID, k); err != nil {
				return err
			}
		}
		return nil
	})
}
