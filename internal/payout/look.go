package payout

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/postgres"
)

// How far a comparison looks back: days of payments, payouts, which take days to arrive, and
// money whose order isn't known yet. Of what differed before, age doesn't matter.
const (
	lookBack    = 3 * 24 * time.Hour
	payoutsBack = 14 * 24 * time.Hour
	matchBack   = 30 * 24 * time.Hour
)

// slack is by how much what we note of a time may differ from Stripe's.
const slack = time.Hour

// How soon an account is looked at again: where its job died, and where Stripe didn't answer.
const (
	lookAnew  = 30 * time.Minute
	lookAgain = time.Hour
)

// Queue is the River queue of comparisons.
const Queue = "payout"

// LookArgs is the job that compares an account with Stripe. The row is the truth; the job
// only says that somebody should.
type LookArgs struct {
	TenantID  string `json:"tenant_id"`
	AccountID string `json:"account_id"`
	Livemode  bool   `json:"livemode"`
}

// Kind is the job's name in River.
func (LookArgs) Kind() string { return "payout_look" }

// InsertOpts tries once: the sweep makes a new job for an account that still is due.
func (LookArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: Queue, MaxAttempts: 1}
}

// Enroll takes in accounts that have begun to sell, or do so again, and returns how many there
// were. Where another account has taken its place, one is not compared any more; what has been
// read of it stays known, because it may come back.
func (s *Service) Enroll(ctx context.Context) (int, error) {
	all, err := inbox.Accounts(ctx, s.DB)
	if err != nil {
		return 0, err
	}
	var tenants, accounts []string
	var livemodes []bool
	for _, a := range all {
		tenants, accounts, livemodes = append(tenants, a.TenantID), append(accounts, a.AccountID), append(livemodes, a.Mode == catalog.Live)
	}
	tag, err := s.DB.Exec(postgres.Across(ctx, postgres.Sweeps), `WITH selling AS (
			SELECT * FROM unnest($1::uuid[], $2::text[], $3::boolean[]) AS a (tenant_id, account_id, livemode)
		), replaced AS (
			UPDATE reconciliations SET next_at = 'infinity' WHERE next_at < 'infinity' AND (tenant_id, account_id, livemode) NOT IN (SELECT * FROM selling)
		)
		INSERT INTO reconciliations AS r (tenant_id, account_id, livemode, next_at) SELECT s.*, golive_now() FROM selling s
		ON CONFLICT (tenant_id, livemode, account_id) DO UPDATE SET next_at = golive_now() WHERE r.next_at = 'infinity'`, tenants, accounts, livemodes)
	return int(tag.RowsAffected()), wrap(err, "take in accounts")
}

// sweepLot bounds one sweep, so that no transaction gets long.
const sweepLot = 100

// Sweep gives accounts a job whose turn it is to be compared with Stripe, and returns how
// many there were. Every worker does so every so often.
func (s *Service) Sweep(ctx context.Context) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		due, err := postgres.All(ctx, tx, pgx.RowToStructByPos[LookArgs], `UPDATE reconciliations SET next_at = golive_now() + $2::interval
			WHERE (tenant_id, livemode, account_id) IN (SELECT tenant_id, livemode, account_id FROM reconciliations WHERE next_at <= golive_now() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED)
			RETURNING tenant_id::text, account_id, livemode`, sweepLot, lookAnew)
		n = len(due)
		if err != nil || n == 0 {
			return wrap(err, "look for accounts to compare")
		}
		jobs := make([]river.InsertManyParams, n)
		for i, args := range due {
			jobs[i] = river.InsertManyParams{Args: args}
		}
		_, err = s.Jobs.InsertManyTx(ctx, tx, jobs)
		return wrap(err, "insert jobs")
	})
	return n, err
}

// turn is one comparison of an account.
type turn struct {
	account
	stripe Stripe
	Now    time.Time
	ReadTo *time.Time
}

// Look reads what moved an account's balance, and compares the orders of the last days with
// Stripe. It may be repeated.
func (s *Service) Look(ctx context.Context, args LookArgs) error {
	ctx = postgres.For(ctx, args.TenantID)
	t := turn{account: account{args.TenantID, args.AccountID, catalog.Test}}
	if args.Livemode {
		t.Mode = catalog.Live
	}
	err := s.look(ctx, &t)
	if err == nil || ctx.Err() != nil {
		return err
	}
	var stripe *catalog.Error
	if errors.As(err, &stripe) {
		err = connection.StripeFault(err)
	}
	why := "Something went wrong on our side. The worker's log says what."
	if f := fault.As(err); f != nil {
		why = f.Message
	}
	_, noted := s.DB.Exec(ctx, `UPDATE reconciliations SET problem = $4, next_at = CASE WHEN next_at < 'infinity' THEN golive_now() + $5::interval ELSE next_at END WHERE tenant_id = $1 AND livemode = $2 AND account_id = $3`,
		t.TenantID, t.live(), t.AccountID, why, lookAgain)
	return errors.Join(err, noted)
}

func (s *Service) look(ctx context.Context, t *turn) (err error) {
	if t.stripe, err = s.open(ctx, t.account); err != nil {
		return err
	}
	err = s.DB.QueryRow(ctx, `SELECT golive_now(), read_to FROM reconciliations WHERE tenant_id = $1 AND livemode = $2 AND account_id = $3`,
		t.TenantID, t.live(), t.AccountID).Scan(&t.Now, &t.ReadTo)
	if err != nil {
		return wrap(err, "begin a comparison")
	}
	for _, do := range []func(context.Context, *turn) error{s.ringPayouts, s.readBalance, s.compare} {
		if err := do(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// until is beyond now: Stripe's clock is another one.
func (t *turn) until() time.Time { return t.Now.Add(slack) }

// since is from when on Stripe lists what is compared.
func (t *turn) since() time.Time { return t.Now.Add(-lookBack) }

// ringPayouts has payouts read whose news never came, and those, however old, that nothing
// explained: what was missing may be there by now.
func (s *Service) ringPayouts(ctx context.Context, t *turn) error {
	seen, err := t.stripe.PayoutsCreated(ctx, t.Now.Add(-payoutsBack), t.until())
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		ring, err := postgres.All(ctx, tx, pgx.RowTo[string], `SELECT subject FROM mismatches WHERE tenant_id = $1 AND account_id = $2 AND livemode = $3
			AND kind = 'PAYOUT' AND gone_at IS NULL`, t.TenantID, t.AccountID, t.live())
		if err != nil {
			return wrap(err, "look for payouts that nothing explains")
		}
		for _, p := range seen {
			known := false
			err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM payouts WHERE tenant_id = $1 AND account_id = $2 AND livemode = $3 AND stripe_payout_id = $4
					AND status = $5 AND reconciliation_status = $6 AND amount = $7 AND NOT ($6 = 'completed' AND automatic AND reconciled_at IS NULL))`,
				t.TenantID, t.AccountID, t.live(), p.ID, p.Status, p.ReconciliationStatus, p.Amount).Scan(&known)
			if err != nil {
				return wrap(err, "look for payouts without news")
			}
			if !known {
				ring = append(ring, p.ID)
			}
		}
		slices.Sort(ring) // in one order, or two who do so wait for each other
		for _, id := range slices.Compact(ring) {
			if err := s.Inbox.Touch(ctx, tx, t.object(inbox.Payout, id)); err != nil {
				return err
			}
		}
		return nil
	})
}

// readBalance keeps what moved the balance since the last look, and some before: Stripe books
// some things late.
func (s *Service) readBalance(ctx context.Context, t *turn) error {
	since := t.Now
	if t.ReadTo != nil {
		since = *t.ReadTo
	}
	since = since.Add(-lookBack)
	after, more := "", true
	for pages := 0; more; pages++ {
		if pages == mostPages {
			return errEndless
		}
		page, further, err := t.stripe.TransactionsCreated(ctx, since, t.until(), after)
		if err != nil {
			return err
		}
		if len(page) > 0 {
			after = page[len(page)-1].ID
		}
		if err := s.keep(ctx, t.account, page, nil, ""); err != nil {
			return err
		}
		more = further
	}
	if err := s.match(ctx, t.account, t.Now.Add(-matchBack)); err != nil {
		return err
	}
	_, err := s.DB.Exec(ctx, `UPDATE reconciliations SET read_to = $4 WHERE tenant_id = $1 AND livemode = $2 AND account_id = $3`, t.TenantID, t.live(), t.AccountID, t.Now)
	return wrap(err, "note how far the balance has been read")
}

// compare holds the orders of the last days against Stripe, and what differed before.
func (s *Service) compare(ctx context.Context, t *turn) error {
	since := t.since()
	seen, err := t.read(ctx, since)
	if err != nil {
		return err
	}
	again, err := s.readAgain(ctx, t, &seen)
	if err != nil {
		return err
	}
	which := order.Compared{TenantID: t.TenantID, AccountID: t.AccountID, Mode: t.Mode, Intents: slices.Clone(seen.Absent), Since: since}
	for _, i := range seen.Intents {
		which.Stamps = append(which.Stamps, i.Metadata[ledger.StampPayment])
	}
	for _, r := range seen.Refunds {
		which.Intents = append(which.Intents, r.PaymentIntent)
	}
	for _, d := range seen.Disputes {
		which.Intents = append(which.Intents, d.PaymentIntent)
	}
	ours, elsewhere, err := s.Orders.PaymentsCompared(ctx, which)
	if err != nil {
		return err
	}
	found := ledger.Compare(ours, seen, since.Add(slack), func(id string) bool { return elsewhere[id] })
	return s.finish(ctx, t, found, func(m mismatch) bool { return again[m.key()] || !m.AboutAt.Before(since.Add(slack)) })
}

func (t *turn) read(ctx context.Context, since time.Time) (seen ledger.Seen, err error) {
	if seen.Intents, err = t.stripe.WholeIntentsCreated(ctx, since, t.until()); err != nil {
		return seen, err
	}
	if seen.Refunds, err = t.stripe.RefundsCreated(ctx, since, t.until()); err != nil {
		return seen, err
	}
	seen.Disputes, err = t.stripe.DisputesCreated(ctx, since, t.until())
	return seen, err
}

// finish writes down what was found. The next comparison is at night, between two and four
// o'clock UTC so that not all come at once, or soon where something differs that may be under
// way.
func (s *Service) finish(ctx context.Context, t *turn, found []ledger.Difference, compared func(mismatch) bool) error {
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		more, err := s.follow(ctx, tx, t.account, found, compared)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE reconciliations SET checked_at = golive_now(), problem = NULL, next_at = CASE WHEN next_at = 'infinity' THEN next_at WHEN $4 THEN golive_now() + $5::interval
				ELSE date_trunc('day', golive_now(), 'UTC') + interval '26 hours' + random() * interval '2 hours' END
			WHERE tenant_id = $1 AND livemode = $2 AND account_id = $3`, t.TenantID, t.live(), t.AccountID, more, ripe)
		return wrap(err, "finish a comparison")
	})
}
