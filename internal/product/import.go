package product

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/quota"
	"github.com/golive-hq/golive/internal/tenant"
)

// ImportResult counts products.
type ImportResult struct {
	// Imported were read from test and stored, new ones and known ones.
	Imported int
	// Changed of these are new, were known with other content, or had been gone.
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
// imported. NOT_FOUND names given ids that neither test nor Golive knows, and
// INVALID_STATE products that cannot be read; all else was imported, and the result
// tells of it.
func (s *Service) Import(ctx context.Context, tenantID string, stripeProductIDs []string) (ImportResult, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleDeployer); err != nil {
		return ImportResult{}, err
	}
	key, accountID, err := s.Connections.StripeKey(ctx, s.DB, tenantID, catalog.Test)
	if err != nil {
		return ImportResult{}, err
	}
	if err := quota.ToAskStripe(ctx, s.DB, tenantID); err != nil {
		return ImportResult{}, err
	}
	in := incoming{TenantID: tenantID, AccountID: accountID, Asked: stripeProductIDs}
	if err := s.fetch(ctx, key, &in); err != nil {
		return ImportResult{}, err
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
	return result, errLeftOut(unknown, in.Unreadable)
}

// fetch reads what was asked for. A complete list that lacks a product is no proof that
// it is gone: it is asked for by its id, as far as Catalogue does.
func (s *Service) fetch(ctx context.Context, key string, in *incoming) error {
	snapshots, err := s.Catalogue(ctx, in.AccountID, key, in.Asked)
	if err != nil {
		return connection.StripeFault(err)
	}
	if in.Asked == nil {
		more, err := s.unlisted(ctx, key, in, snapshots)
		if err != nil {
			return err
		}
		snapshots = append(snapshots, more...)
	}
	for _, snapshot := range snapshots {
		if err := in.add(snapshot); err != nil {
			return err
		}
	}
	return nil
}

// unlisted reads the products that were there last time and of which there is no
// snapshot now.
func (s *Service) unlisted(ctx context.Context, key string, in *incoming, snapshots []catalog.Snapshot) ([]catalog.Snapshot, error) {
	known, err := stillThere(ctx, s.DB, in.TenantID, in.AccountID)
	if err != nil {
		return nil, err
	}
	listed := map[string]bool{}
	for _, snapshot := range snapshots {
		listed[snapshot.Product.ID] = true
	}
	known = slices.DeleteFunc(known, func(id string) bool { return listed[id] })
	if len(known) == 0 {
		return nil, nil
	}
	found, err := s.Catalogue(ctx, in.AccountID, key, known)
	if err != nil {
		return nil, connection.StripeFault(err)
	}
	return found, nil
}

// incoming is what an import read, column by column.
type incoming struct {
	TenantID, AccountID string
	// Asked are the ids that were asked for, nil for all.
	Asked []string

	IDs, StripeIDs, Names, Digests []string
	Snapshots                      [][]byte

	// Unreadable says of each product that is there and cannot be read why, by its id.
	Unreadable map[string]string
}

func (in *incoming) add(s catalog.Snapshot) error {
	if why := unreadable(&s); why != "" {
		if in.Unreadable == nil {
			in.Unreadable = map[string]string{}
		}
		in.Unreadable[s.Product.ID] = why
		return nil
	}
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

// unreadable is why a product cannot be imported whole, "" where it can.
func unreadable(s *catalog.Snapshot) string {
	if s.Product.Unreadable != "" {
		return s.Product.Unreadable
	}
	for _, p := range s.Prices {
		if p.Unreadable != "" {
			return fmt.Sprintf("price %q: %s", p.ID, p.Unreadable)
		}
	}
	return ""
}

// present are the ids of all products that test has, as far as they can be ours.
func (in *incoming) present() []string {
	ids := slices.Clone(in.StripeIDs)
	for id := range in.Unreadable {
		if !strings.Contains(id, "\x00") { // which no database knows
			ids = append(ids, id)
		}
	}
	return notNil(ids)
}

// missing returns the asked ids that test did not have.
func (in *incoming) missing() []string {
	present := in.present()
	missing := slices.DeleteFunc(slices.Clone(in.Asked), func(id string) bool { return slices.Contains(present, id) })
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

// errLeftOut names what was not imported, be it unknown or unreadable.
func errLeftOut(unknown []string, unreadable map[string]string) error {
	var sentences []string
	code, field := fault.InvalidState, []string(nil)
	if len(unknown) > 0 {
		code, field = fault.NotFound, []string{"input", "stripeProductIds"}
		sentences = append(sentences, "Not found in the Stripe test account:"+naming(unknown, func(string) string { return "" }))
	}
	if len(unreadable) > 0 {
		ids := slices.Sorted(maps.Keys(unreadable))
		sentences = append(sentences, "Not imported, because Golive can't read them as Stripe returned them:"+
			naming(ids, func(id string) string { return " (" + unreadable[id] + ")" })+
			" Change them in Stripe, or report it if they look right there.")
	}
	if sentences == nil {
		return nil
	}
	return fault.New(code, "%s Everything else was imported.", strings.Join(sentences, " ")).At(field...)
}

// naming names some ids, each with what is to be said about it.
func naming(ids []string, about func(id string) string) string {
	var list strings.Builder
	for _, id := range ids[:min(named, len(ids))] {
		fmt.Fprintf(&list, " %q%s", id, about(id))
	}
	if len(ids) > named {
		fmt.Fprintf(&list, " and %d more", len(ids)-named)
	}
	return list.String() + "."
}
