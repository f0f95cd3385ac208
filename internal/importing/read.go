package importing

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

const (
	// few is up to how many products are read each by itself, two calls for the prices of
	// each; of more the account's lists are read, and what was asked for is picked.
	few = 50
	// A list that has more pages does not end, and is begun anew this often when its cursor
	// was deleted.
	mostPages    = 1000
	mostRestarts = 3
	// absentLots are how many lots of products that a list lacks are asked for by themselves:
	// once none of those exists, the list was right.
	absentLots = 2
)

// phase is what an import does next, in this order.
type phase int

const (
	productPages phase = iota
	activePages
	archivedPages
	byThemselves
	assembling
	storing
)

var lists = map[phase]catalog.List{
	productPages: catalog.Products, activePages: catalog.ActivePrices, archivedPages: catalog.ArchivedPrices,
}

// place is how far an import has come.
type place struct {
	Phase phase `json:"phase"`
	// After is the id that was read last in the phase, nil at its beginning.
	After *string `json:"after,omitempty"`
	// Pages were read of a list, and Restarts is how often it was begun anew.
	Pages    int `json:"pages,omitempty"`
	Restarts int `json:"restarts,omitempty"`
	// Absent counts lots of which nothing existed.
	Absent int `json:"absent,omitempty"`
}

func (p place) next() place { return place{Phase: p.Phase + 1} }

// step does what comes next and notes it, in one transaction.
func (r *run) step(ctx context.Context) (ended bool, err error) {
	account, err := r.mayGoOn(ctx)
	if err != nil {
		return false, err
	}
	switch at := r.Place; {
	case at.Phase == productPages && r.Asked != nil && len(r.Asked) <= few:
		return false, r.goTo(ctx, place{Phase: byThemselves}, nil)
	case at.Phase < byThemselves:
		return false, r.readPage(ctx, account)
	case at.Phase == byThemselves:
		return false, r.readLot(ctx, account)
	case at.Phase == assembling:
		return false, r.assemble(ctx)
	}
	return true, r.end(ctx, func(tx pgx.Tx) (product.ImportResult, *fault.Error, error) {
		got, leftOut, err := r.arrivals.Store(ctx, tx)
		return got, fault.As(leftOut), err
	})
}

// mayGoOn asks, before each step, whether whoever asked may import now, and for the key to the
// account as it is now.
func (r *run) mayGoOn(ctx context.Context) (Stripe, error) {
	role, err := identity.RoleNow(ctx, r.DB, r.TenantID, r.By, r.Credential)
	if err != nil {
		return nil, err
	}
	if !role.Covers(tenant.RoleDeployer) {
		return nil, fault.New(fault.Forbidden, "%s, who started this import, no longer has permission to import for this tenant. Nothing was imported.", r.By)
	}
	key, account, err := r.Connections.StripeKey(ctx, r.DB, r.TenantID, catalog.Test)
	if err != nil && fault.CodeOf(err) != fault.StripeNotConnected {
		return nil, err
	}
	if err := r.arrivals.From(account); err != nil {
		return nil, err
	}
	return r.Open(account, key), nil
}

// asked turns what Stripe answered into why the import ends, unless that is the worker's own
// end.
func (r *run) asked(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	if err = connection.StripeFault(err); fault.As(err) == nil {
		why := ours(r.ID)
		err = fault.Wrap(err, fault.Internal, "%s", why.Message)
	}
	return err
}

// goTo notes how far the import has come, together with what write writes, nil for nothing.
func (r *run) goTo(ctx context.Context, to place, write func(tx pgx.Tx) error) error {
	began := time.Now()
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		if err := advance(ctx, tx, r.row, to); err != nil || write == nil {
			return err
		}
		return write(tx)
	})
	r.wrote = time.Since(began)
	if err == nil {
		r.Place = to
	}
	return err
}

// readPage reads the next page of a list.
func (r *run) readPage(ctx context.Context, account Stripe) error {
	at := r.Place
	page, err := account.Page(ctx, lists[at.Phase], orZero(at.After))
	if again := restarted(at, err); again != nil {
		return r.goTo(ctx, *again, nil)
	}
	if err := r.asked(ctx, err); err != nil {
		return err
	}
	to := at.next()
	if page.More {
		to = place{Phase: at.Phase, After: &page.Last, Pages: at.Pages + 1, Restarts: at.Restarts}
	}
	return r.goTo(ctx, to, func(tx pgx.Tx) error {
		added, err := r.keepAll(ctx, tx, page.Products, page.Prices)
		if err != nil || !page.More {
			return err
		}
		// Of a list that was begun anew, or of which not all is wanted, much is no news.
		news := added.Objects > 0 || at.Restarts > 0 || r.Asked != nil
		return goesOn(lists[at.Phase], to.Pages, news && page.Last != orZero(at.After))
	})
}

// restarted is where to go on when the list's cursor was deleted between two pages, nil where
// that is not what happened, or too often.
func restarted(at place, err error) *place {
	var failed *catalog.Error
	if !errors.As(err, &failed) || !failed.CursorMissing() || at.Restarts == mostRestarts {
		return nil
	}
	return &place{Phase: at.Phase, Restarts: at.Restarts + 1}
}

// goesOn tells why a list that says that it has more is not read on.
func goesOn(list catalog.List, pages int, news bool) error {
	switch {
	case !news:
		return fault.New(fault.StripeUnavailable, "Stripe's list of %s repeats itself instead of going on. Nothing was imported. "+
			"Check what's between Golive and Stripe, such as a proxy, then try again.", list)
	case pages == mostPages:
		return fault.New(fault.StripeUnavailable, "Stripe's list of %s didn't end after %d pages. Nothing was imported. "+
			"Import the products you need by their Stripe IDs, up to %d at a time.", list, pages, few)
	}
	return nil
}

// readLot reads some of what no list has shown, each by itself: a complete list that lacks a
// product is no proof that it is gone.
func (r *run) readLot(ctx context.Context, account Stripe) error {
	at := r.Place
	ids, err := r.arrivals.Unseen(ctx, r.DB, at.After, few)
	if err != nil {
		return err
	}
	if len(ids) == 0 || at.Absent == absentLots {
		return r.goTo(ctx, at.next(), nil)
	}
	found, err := account.Catalogue(ctx, ids)
	if err := r.asked(ctx, err); err != nil {
		return err
	}
	to := place{Phase: at.Phase, After: &ids[len(ids)-1]}
	if len(found) == 0 {
		to.Absent = at.Absent + 1
	}
	return r.goTo(ctx, to, func(tx pgx.Tx) error {
		var products []catalog.Product
		var prices []catalog.Price
		for _, s := range found {
			products, prices = append(products, s.Product), append(prices, s.Prices...)
		}
		_, err := r.keepAll(ctx, tx, products, prices)
		return err
	})
}

// keepAll keeps what was read, as far as an import may read.
func (r *run) keepAll(ctx context.Context, tx pgx.Tx, products []catalog.Product, prices []catalog.Price) (product.Added, error) {
	added, err := r.arrivals.Add(ctx, tx, products, prices)
	if err != nil {
		return added, err
	}
	read, bytes, err := tally(ctx, tx, r.row, added)
	switch {
	case err != nil:
		return added, err
	case read > MostProducts:
		return added, fault.New(fault.LimitReached, "The Stripe test account has more than %d products, the most one import can read. Nothing was imported. Import the ones you need by their Stripe IDs.", MostProducts)
	case bytes > MostBytes:
		return added, fault.New(fault.LimitReached, "The products and prices in the Stripe test account take more than %d MiB, the most one import can read. Nothing was imported. Import the ones you need by their Stripe IDs.", MostBytes>>20)
	}
	return added, nil
}

func (r *run) assemble(ctx context.Context) error {
	all := false
	if err := r.goTo(ctx, r.Place, func(tx pgx.Tx) (err error) {
		all, err = r.arrivals.Assemble(ctx, tx)
		return err
	}); err != nil || !all {
		return err
	}
	return r.goTo(ctx, r.Place.next(), nil)
}

func orZero(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
