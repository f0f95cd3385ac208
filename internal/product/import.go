package product

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// ImportResult counts products.
type ImportResult struct {
	// Imported were read from test and stored, new ones and known ones.
	Imported int
	// Changed of these were known with other content, or had been gone.
	Changed int
	// Gone were there at the last import and are not now.
	Gone int
}

// Import reads products with all their prices from the tenant's Stripe test
// account: those with the given ids in test, or all for nil. It needs the role
// DEPLOYER and may be repeated. A product that vanished in test is marked gone
// and kept; it is revived when it is back.
//
// STRIPE_NOT_CONNECTED, STRIPE_KEY_INVALID and STRIPE_UNAVAILABLE: nothing was
// imported. NOT_FOUND names given ids that neither test nor Golive knows; all
// else was imported, and the result tells of it.
func (s *Service) Import(ctx context.Context, tenantID string, stripeProductIDs []string) (ImportResult, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleDeployer); err != nil {
		return ImportResult{}, err
	}
	key, accountID, err := s.Connections.StripeKey(ctx, s.DB, tenantID, catalog.Test)
	if err != nil {
		return ImportResult{}, err
	}
	snapshots, err := s.Catalogue(ctx, accountID, key, stripeProductIDs)
	if err != nil {
		return ImportResult{}, connection.StripeFault(err)
	}
	in := incoming{TenantID: tenantID, AccountID: accountID, Asked: stripeProductIDs}
	for _, snapshot := range snapshots {
		if err := in.add(snapshot); err != nil {
			return ImportResult{}, err
		}
	}
	var result ImportResult
	var unknown []string
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		result, unknown, err = importAll(ctx, tx, &in)
		return err
	})
	if err != nil {
		return ImportResult{}, err
	}
	return result, errUnknown(unknown)
}

// incoming is what an import read, column by column.
type incoming struct {
	TenantID, AccountID string
	// Asked are the ids that were asked for, nil for all.
	Asked []string

	IDs, StripeIDs, Names, Digests []string
	Snapshots                      [][]byte
}

func (in *incoming) add(s catalog.Snapshot) error {
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode snapshot of %s: %w", s.Product.ID, err)
	}
	in.IDs = append(in.IDs, uuid.Must(uuid.NewV7()).String())
	in.StripeIDs = append(in.StripeIDs, s.Product.ID)
	in.Names = append(in.Names, s.Product.Name)
	in.Digests = append(in.Digests, Digest(s))
	in.Snapshots = append(in.Snapshots, b)
	return nil
}

// missing returns the asked ids that test did not have.
func (in *incoming) missing() []string {
	missing := slices.DeleteFunc(slices.Clone(in.Asked), func(id string) bool { return slices.Contains(in.StripeIDs, id) })
	slices.Sort(missing)
	return slices.Compact(missing)
}

// importAll stores what was read; unknown are asked ids that nobody knows.
func importAll(ctx context.Context, tx pgx.Tx, in *incoming) (result ImportResult, unknown []string, err error) {
	account, err := connection.LockAccount(ctx, tx, in.TenantID, catalog.Test)
	if err != nil {
		return result, nil, err
	}
	if account != in.AccountID {
		return result, nil, fault.New(fault.InvalidState, "A different Stripe account was connected during the import. Import again.")
	}
	if result.Imported, result.Changed, err = upsert(ctx, tx, in); err != nil {
		return result, nil, err
	}
	if in.Asked == nil {
		result.Gone, err = markOthersGone(ctx, tx, in)
	} else {
		missing := in.missing()
		if result.Gone, err = markGone(ctx, tx, in, missing); err != nil {
			return result, nil, err
		}
		unknown, err = neverKnown(ctx, tx, in, missing)
	}
	if err != nil {
		return result, nil, err
	}
	return result, unknown, recordImport(ctx, tx, in, result)
}

func recordImport(ctx context.Context, tx pgx.Tx, in *incoming, result ImportResult) error {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: in.TenantID, Actor: actor.Email, Action: "products.imported", Subject: in.AccountID,
		Details: map[string]any{"all": in.Asked == nil, "imported": result.Imported, "changed": result.Changed, "gone": result.Gone},
	})
}

// named bounds how many ids an error names.
const named = 10

func errUnknown(ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	var list strings.Builder
	for _, id := range ids[:min(named, len(ids))] {
		fmt.Fprintf(&list, " %q", id)
	}
	if len(ids) > named {
		fmt.Fprintf(&list, " and %d more", len(ids)-named)
	}
	return fault.New(fault.NotFound, "Not found in the Stripe test account:%s. Everything else was imported.", list.String()).At("input", "stripeProductIds")
}
