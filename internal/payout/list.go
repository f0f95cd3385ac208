package payout

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Filter says which payouts of a tenant are wanted.
type Filter struct {
	TenantID string
	Mode     catalog.Mode
	// First is the size of the page, 1 to 100, and After the cursor of the payout that it
	// follows, "" for the first page.
	First int
	After string
	// Count asks for how many there are.
	Count bool
}

// Page is some of a tenant's payouts, newest first.
type Page struct {
	Payouts []*Payout
	HasNext bool
	// Total is 0 where nobody asked.
	Total int
}

// mostOnPage is how many a page has at most.
const mostOnPage = 100

// List returns a page of a tenant's payouts. It needs the role VIEWER.
func (s *Service) List(ctx context.Context, f Filter) (page Page, err error) {
	if err := tenant.Require(ctx, f.TenantID, tenant.RoleViewer); err != nil {
		return page, err
	}
	if err := checkFirst(f.First); err != nil {
		return page, err
	}
	at, id, err := readCursor(f.After)
	if err != nil {
		return page, err
	}
	after, args := "", []any{f.TenantID, f.Mode == catalog.Live}
	if at != nil {
		after, args = ` AND (p.created_at, p.id) < ($3, $4::uuid)`, append(args, at, id)
	}
	page.Payouts, err = postgres.All(ctx, s.DB, pgx.RowToAddrOfStructByName[Payout], `SELECT `+columns+` FROM payouts p WHERE p.tenant_id = $1 AND p.livemode = $2`+after+
		fmt.Sprintf(` ORDER BY p.created_at DESC, p.id DESC LIMIT %d`, f.First+1), args...)
	if err != nil {
		return page, wrap(err, "list payouts")
	}
	page.HasNext = len(page.Payouts) > f.First
	page.Payouts = page.Payouts[:min(len(page.Payouts), f.First)]
	if f.Count {
		err = s.DB.QueryRow(ctx, `SELECT count(*) FROM payouts WHERE tenant_id = $1 AND livemode = $2`, f.TenantID, f.Mode == catalog.Live).Scan(&page.Total)
	}
	return page, wrap(err, "count payouts")
}

func checkFirst(first int) error {
	if first < 1 || first > mostOnPage {
		return fault.New(fault.InvalidInput, "first must be 1 to %d.", mostOnPage).At("first")
	}
	return nil
}

// Cursor is where a list goes on after the payout.
func (p *Payout) Cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.CreatedAt.UTC().Format(time.RFC3339Nano) + " " + p.ID))
}

func readCursor(cursor string) (at *time.Time, id *string, err error) {
	if cursor == "" {
		return nil, nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	when, which, _ := strings.Cut(string(b), " ")
	t, wrong := time.Parse(time.RFC3339Nano, when)
	if err != nil || wrong != nil || uuid.Validate(which) != nil {
		return nil, nil, errCursor()
	}
	return &t, &which, nil
}

func errCursor() error {
	return fault.New(fault.InvalidInput, "after must be the endCursor of a previous page.").At("after")
}

// Get returns a payout of a tenant that the actor is a member of, else NOT_FOUND.
func (s *Service) Get(ctx context.Context, id string) (*Payout, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	missing := fault.New(fault.NotFound, "There's no payout with this ID.")
	p, err := postgres.One(ctx, s.DB, pgx.RowToAddrOfStructByName[Payout], missing, `SELECT `+columns+` FROM payouts p WHERE p.id = $1 AND p.tenant_id = ANY($2::uuid[])`, id, actor.TenantIDs())
	if postgres.IsBadID(err) {
		return nil, missing
	}
	return p, wrap(err, "read payout")
}

// LinesOf are what a payout that the actor may see is made of, by reporting category.
func (s *Service) LinesOf(ctx context.Context, p *Payout) ([]ledger.PayoutLine, error) {
	return linesOf(ctx, s.DB, p)
}

// TransactionPage is some of a payout's transactions, in the order in which Golive read them.
type TransactionPage struct {
	Transactions []*Transaction
	HasNext      bool
}

// Transactions are those of a payout that the actor may see, but for its own.
func (s *Service) Transactions(ctx context.Context, p *Payout, first int, after string) (page TransactionPage, err error) {
	if err := checkFirst(first); err != nil {
		return page, err
	}
	if after != "" && uuid.Validate(after) != nil {
		return page, errCursor()
	}
	page.Transactions, err = postgres.All(ctx, s.DB, pgx.RowToAddrOfStructByName[Transaction], `SELECT id, stripe_id, type, category, amount, fee, net, currency, available_on, order_id
		FROM balance_transactions WHERE payout_id = $1 AND source_id IS DISTINCT FROM $2 AND (nullif($3, '') IS NULL OR id > nullif($3, '')::uuid)
		ORDER BY balance_transactions.id LIMIT $4`, p.ID, p.StripePayoutID, after, first+1)
	page.HasNext = len(page.Transactions) > first
	page.Transactions = page.Transactions[:min(len(page.Transactions), first)]
	return page, wrap(err, "list balance transactions")
}
