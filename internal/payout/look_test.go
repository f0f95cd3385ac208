package payout_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/stripesim"
)

// An account is compared at once, every night, and again soon where Stripe doesn't answer.
func TestWhenAnAccountIsCompared(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	if n, err := st.Payouts.Enroll(t.Context()); n != 1 || err != nil {
		t.Errorf("took %d in, %v", n, err)
	}
	if n, err := st.Payouts.Enroll(t.Context()); n != 0 || err != nil {
		t.Errorf("again it took %d in, %v", n, err)
	}
	if r := st.reconciled(t); len(r.Mismatches) != 0 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "haven't been compared yet") || r.Agree != nil {
		t.Errorf("before it says %+v", r)
	}
	due := func(want int) {
		t.Helper()
		if n, err := st.Payouts.Sweep(t.Context()); n != want || err != nil {
			t.Errorf("%d were due, %v", n, err)
		}
	}
	due(1)
	due(0)
	st.compare(t)
	if r := st.reconciled(t); len(r.Notes) != 0 || r.Agree == nil || !*r.Agree {
		t.Errorf("compared it says %+v", r)
	}
	checked := st.reconciled(t).CheckedAt
	if checked.IsZero() || st.Clock(t).Sub(checked) > time.Minute {
		t.Errorf("checked at %v", checked)
	}
	var next time.Time
	must(t, st.Pool.QueryRow(t.Context(), `SELECT next_at FROM reconciliations`).Scan(&next))
	if next = next.UTC(); next.Hour() < 2 || next.Hour() > 3 || !next.After(checked) || next.Sub(checked) > 28*time.Hour {
		t.Errorf("the next one is at %v", next)
	}
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Firewall, Times: -1})
	must(t, err)
	if err := st.Payouts.Look(t.Context(), payout.LookArgs{TenantID: st.Tenant.ID, AccountID: st.Stripe.Account.ID}); err == nil {
		t.Error("it was compared with nobody")
	}
	if r := st.reconciled(t); len(r.Mismatches) != 0 || len(r.Notes) != 1 || !strings.HasPrefix(r.Notes[0], "The last comparison with Stripe couldn't be made.") || r.Agree != nil {
		t.Errorf("then it says %+v", r)
	}
	must(t, st.Pool.QueryRow(t.Context(), `SELECT next_at FROM reconciliations`).Scan(&next))
	if in := next.Sub(st.Clock(t)); in > time.Hour || in < 50*time.Minute {
		t.Errorf("it is tried again in %v", in)
	}
}

// An account that comes back is known as it was, and a comparison that still runs of another
// one leaves it alone.
func TestAccountsAreComparedApart(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	first := st.Stripe.Account.ID
	st.compare(t)
	become := func(account string, took int) {
		t.Helper()
		st.Exec(t, `UPDATE payments_modules SET account_id = '`+account+`'`)
		if n, err := st.Payouts.Enroll(t.Context()); n != took || err != nil {
			t.Errorf("took %d in, %v", n, err)
		}
	}
	become("acct_second", 1)
	must(t, st.Payouts.Look(t.Context(), payout.LookArgs{TenantID: st.Tenant.ID, AccountID: first}))
	if n := st.one(t, `SELECT count(*) FROM reconciliations WHERE account_id = 'acct_second' AND next_at <= golive_now() AND checked_at IS NULL AND read_to IS NULL`); n != 1 {
		t.Error("the comparison of the first was taken for one of the second")
	}
	if r := st.reconciled(t); r.Agree != nil || len(r.Notes) != 1 {
		t.Errorf("of the second it says %+v", r)
	}
	become("acct_second", 0)
	if n, err := st.Payouts.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("%d are due, %v", n, err)
	}
	become(first, 1)
	if n := st.one(t, `SELECT count(*) FROM reconciliations WHERE account_id = $1 AND next_at <= golive_now() AND read_to IS NOT NULL`, first); n != 1 {
		t.Error("what was read of the first is forgotten")
	}
	if r := st.reconciled(t); r.Agree == nil || len(r.Notes) != 0 {
		t.Errorf("of the first it says %+v", r)
	}
	if n := st.one(t, `SELECT count(*) FROM reconciliations WHERE next_at = 'infinity'`); n != 1 {
		t.Errorf("%d are not compared", n)
	}
}

func TestSpansAreChecked(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	span := st.span(t)
	span.To = span.From
	if _, err := st.Payouts.Reconcile(st.As, span); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("nothing: %v", err)
	}
	span.To = span.From.AddDate(2, 0, 0)
	if _, err := st.Payouts.Fees(st.As, span); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("two years: %v", err)
	}
	if _, err := st.Payouts.Reconcile(st.Stranger(t), st.span(t)); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a stranger: %v", err)
	}
}

// Workers do all of it by themselves: an account is taken in and compared, and its payouts
// are read and explained.
func TestWorkersExplainPayouts(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.paid(t, 1, available, "a")
	must(t, st.Stripe.Sim.Settle(st.paidOut(t), true))
	st.WorkStripe(t)
	domaintest.WorkPayouts(t, st.Stack)
	st.Until(t, "the payout is explained", `SELECT EXISTS (SELECT FROM payouts WHERE reconciled_at IS NOT NULL)`)
	st.Until(t, "the account was compared", `SELECT EXISTS (SELECT FROM reconciliations WHERE checked_at IS NOT NULL)`)
}
