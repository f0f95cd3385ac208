package product

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
)

// ImportResult counts products.
type ImportResult struct {
	// Imported were read from test and stored, new ones and known ones.
	Imported int `db:"imported"`
	// Added of these are new.
	Added int `db:"added"`
	// Changed of these are new, were known with other content, or had been gone.
	Changed int `db:"changed"`
	// Gone were there at the last import and are not now.
	Gone int `db:"gone"`
}

// Store makes products of all arrivals, marks as gone what was asked for and is not among
// them, and forgets the arrivals. INVALID_STATE: the tenant is not connected to their
// account any more.
//
// leftOut tells of what is not stored: NOT_FOUND names asked ids that neither test nor
// Golive knows, and INVALID_STATE products that cannot be read.
func (a *Arrivals) Store(ctx context.Context, tx pgx.Tx) (result ImportResult, leftOut, err error) {
	if err := a.holdAccount(ctx, tx); err != nil {
		return result, nil, err
	}
	if result, err = upsert(ctx, tx, a); err != nil {
		return result, nil, err
	}
	unreadable, err := unreadables(ctx, tx, a.ImportID)
	if err != nil {
		return result, nil, err
	}
	var unknown []string
	if a.Asked == nil {
		result.Gone, err = markOthersGone(ctx, tx, a)
	} else if result.Gone, err = markMissingGone(ctx, tx, a); err == nil {
		unknown, err = neverKnown(ctx, tx, a)
	}
	if err != nil {
		return result, nil, err
	}
	return result, errLeftOut(unknown, unreadable), a.Drop(ctx, tx)
}

// holdAccount keeps the tenant connected to the account until tx ends.
func (a *Arrivals) holdAccount(ctx context.Context, tx pgx.Tx) error {
	account, err := connection.LockAccount(ctx, tx, a.TenantID, catalog.Test)
	if err == nil || fault.CodeOf(err) == fault.StripeNotConnected {
		return a.From(account)
	}
	return err
}

// From refuses arrivals of another account than the connected one, "" for none.
func (a *Arrivals) From(account string) error {
	switch account {
	case a.AccountID:
		return nil
	case "":
		return fault.New(fault.InvalidState, "The Stripe test key was disconnected during the import. Nothing was changed. Connect a key, then import again.")
	}
	return fault.New(fault.InvalidState, "A different Stripe account was connected during the import. Import again.")
}

// named bounds how many ids an error names.
const named = 10

// errLeftOut names what was not imported, be it unknown or unreadable.
func errLeftOut(unknown []string, unreadable []arrival) error {
	var sentences []string
	code, field := fault.InvalidState, []string(nil)
	if len(unknown) > 0 {
		code, field = fault.NotFound, []string{"input", "stripeProductIds"}
		sentences = append(sentences, "Not found in the Stripe test account:"+naming(len(unknown), func(i int) string { return fmt.Sprintf("%q", unknown[i]) }))
	}
	if len(unreadable) > 0 {
		sentences = append(sentences, "Not imported, because Golive can't read them as Stripe returned them:"+
			naming(len(unreadable), func(i int) string { return fmt.Sprintf("%q (%s)", unreadable[i].ID, unreadable[i].Unreadable) })+
			" Change them in Stripe, or report it if they look right there.")
	}
	if sentences == nil {
		return nil
	}
	return fault.New(code, "%s Everything else was imported.", strings.Join(sentences, " ")).At(field...)
}

// naming names some of n, each by what name says.
func naming(n int, name func(i int) string) string {
	var list strings.Builder
	for i := range min(n, named) {
		list.WriteString(" " + name(i))
	}
	if n > named {
		fmt.Fprintf(&list, " and %d more", n-named)
	}
	return list.String() + "."
}
