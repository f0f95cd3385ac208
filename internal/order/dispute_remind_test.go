package order_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/stripesim"
)

// Admins are told by mail, once at each time, and no more once it is answered.
func TestAdminsAreRemindedOfDisputes(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	o, d := st.disputed(t, stripesim.Dispute{Reason: "product_not_received"})
	told := func(want string) {
		t.Helper()
		for range 2 {
			sweep(t, st)
		}
		st.Deliver(t)
		var subjects []string
		for _, m := range post.Take() {
			subjects = append(subjects, m.To+": "+m.Subject)
		}
		if got := strings.Join(subjects, "|"); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
	told(domaintest.Admin + ": Needs you: answer a dispute within 9 days")
	told("")
	for _, before := range []struct {
		left time.Duration
		says string
	}{{7 * 24 * time.Hour, "7 days"}, {3 * 24 * time.Hour, "3 days"}, {24 * time.Hour, "1 day"}} {
		st.At(t, d.DueBy.Add(-before.left).Add(time.Second))
		told(domaintest.Admin + ": Needs you: answer a dispute within " + before.says)
		told("")
	}
	_, err := st.disputes().SubmitEvidence(st.As, answers(d, "They got it.", true))
	must(t, err)
	st.At(t, d.DueBy.Add(-5*time.Hour))
	told("")
	if n := st.one(t, `SELECT count(*) FROM disputes WHERE order_id = $1 AND reminded = 1440`, o.ID); n != 1 {
		t.Error("it was reminded of otherwise")
	}
}

// sweep looks at all orders that are due.
func sweep(t *testing.T, st *stack) {
	t.Helper()
	rows, err := st.Pool.Query(t.Context(), `SELECT id::text, tenant_id::text FROM orders WHERE next_check_at <= golive_now()`)
	must(t, err)
	due, err := pgx.CollectRows(rows, pgx.RowToStructByPos[order.CheckArgs])
	must(t, err)
	for _, args := range due {
		must(t, st.Orders.Check(context.Background(), args))
	}
}

func TestDisputesAreListed(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	_, first := st.disputed(t, stripesim.Dispute{})
	_, second := st.disputed(t, stripesim.Dispute{})
	must(t, st.Stripe.Sim.Decide(first.StripeDisputeID, "lost"))
	st.ring(t, inbox.Dispute, first.StripeDisputeID)
	list := func(open *bool, n int, after string) (ids string) {
		page, err := st.disputes().List(st.As, order.DisputeFilter{TenantID: st.Tenant.ID, Mode: catalog.Test, Open: open, First: n, After: after, Count: true})
		must(t, err)
		for _, d := range page.Disputes {
			ids += d.ID + " "
		}
		return fmt.Sprint(ids, page.HasNext, page.Total)
	}
	yes, no := true, false
	for got, want := range map[string]string{
		list(nil, 10, ""): second.ID + " " + first.ID + " false 2", list(nil, 1, ""): second.ID + " true 2", list(nil, 1, second.ID): first.ID + " false 2",
		list(&yes, 10, ""): second.ID + " false 1", list(&no, 10, ""): first.ID + " false 1",
	} {
		if got != want {
			t.Errorf("listed %s, want %s", got, want)
		}
	}
	standing, err := order.StandDisputes(t.Context(), st.Pool)
	must(t, err)
	if standing[0].Open != 1 || standing[0].Due == nil || *standing[0].Due > 9*24*time.Hour || standing[1].Open != 0 || standing[1].Due != nil {
		t.Errorf("they stand %+v", standing)
	}
	over, err := st.disputes().Get(st.As, first.ID)
	must(t, err)
	if got := st.evidence(t, over); got != nil {
		t.Errorf("it suggests an answer to what is over: %v", got)
	}
	_, err = st.disputes().List(st.Stranger(t), order.DisputeFilter{TenantID: st.Tenant.ID, Mode: catalog.Test, First: 1})
	wantCode(t, err, fault.NotFound)
}
