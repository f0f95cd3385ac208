package inbox_test

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

func TestVerdicts(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	news := make(chan bool, 3)
	s.Inbox.Refresh = func(ctx context.Context, o inbox.Object, _ inbox.Settle) (inbox.Verdict, error) {
		at, is := inbox.NewsAt(ctx)
		news <- is && time.Since(at) < time.Hour
		return inbox.Verdict(strings.TrimPrefix(o.ID, "ch_")), nil
	}
	s.WorkStripe(t)
	for _, verdict := range []inbox.Verdict{inbox.Applied, inbox.Ignored, inbox.Foreign} {
		s.deliver(t, h, event("evt_"+string(verdict), "charge.succeeded", "charge", "ch_"+string(verdict)))
		s.becomes(t, "evt_"+string(verdict), inbox.Status(verdict))
		if !<-news {
			t.Errorf("whoever applies %s doesn't know when it happened", verdict)
		}
	}
	if n := s.count(t, `stripe_objects WHERE clean_seq = dirty_seq AND job_id IS NULL AND lifeline IS NULL`); n != 3 {
		t.Errorf("%d objects are clean", n)
	}
}

// A warning of fraud, and all else that is about an object, has that one read.
func TestWhichObjectIsRead(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	read := make(chan inbox.Object, 10)
	s.Inbox.Refresh = func(_ context.Context, o inbox.Object, _ inbox.Settle) (inbox.Verdict, error) {
		read <- o
		return inbox.Applied, nil
	}
	s.WorkStripe(t)
	for kind, id := range map[inbox.Kind]string{
		inbox.Session: "cs_1", inbox.Intent: "pi_1", inbox.Charge: "ch_1", inbox.Refund: "re_1", inbox.Dispute: "dp_1", inbox.Payout: "po_1",
	} {
		s.deliver(t, h, event("evt_"+id, "some.type", string(kind), id))
		want := inbox.Object{TenantID: s.Tenant.ID, AccountID: s.Stripe.Account.ID, Mode: catalog.Test, Kind: kind, ID: id}
		if got := domaintest.Receive(t, read, "a read"); got != want {
			t.Errorf("read %+v, want %+v", got, want)
		}
	}
	s.deliver(t, h, event("evt_w", "radar.early_fraud_warning.created", "radar.early_fraud_warning", "issfr_1", func(e map[string]any) {
		e["data"].(map[string]any)["object"].(map[string]any)["charge"] = "ch_9"
	}))
	if got := domaintest.Receive(t, read, "a read"); got.Kind != inbox.Charge || got.ID != "ch_9" {
		t.Errorf("read %+v", got)
	}
}

// ledger is what a test knows of objects, as whoever owns payments does.
type ledger struct {
	mu     sync.Mutex
	states []string
}

func (l *ledger) apply(s *stack, settle inbox.Settle, state string) (inbox.Verdict, error) {
	ctx := postgres.For(context.Background(), s.Tenant.ID)
	return inbox.Applied, postgres.InTx(ctx, s.Inbox.DB, func(tx pgx.Tx) error {
		newest, err := settle(ctx, tx)
		if err != nil || !newest {
			return err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.states = append(l.states, state)
		return nil
	})
}

func (l *ledger) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.states, " ")
}

// The first read is held, the second one ends, and then the first goes on: what it found is
// older, and nothing of it is applied.
func TestAnOlderReadNeverOverwrites(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	var known ledger
	begun, release, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var reads int
	var mu sync.Mutex
	s.Inbox.Refresh = func(_ context.Context, _ inbox.Object, settle inbox.Settle) (inbox.Verdict, error) {
		mu.Lock()
		reads++
		first := reads == 1
		mu.Unlock()
		if !first {
			return known.apply(s, settle, "new")
		}
		close(begun)
		<-release
		return known.apply(s, settle, "old")
	}
	s.deliver(t, h, event("evt_1", "charge.pending", "charge", "ch_1"))
	args := inbox.RefreshArgs{TenantID: s.Tenant.ID, AccountID: s.Stripe.Account.ID, Object: inbox.Charge, ID: "ch_1"}
	var job int64
	must(t, s.Pool.QueryRow(t.Context(), `SELECT job_id FROM stripe_objects`).Scan(&job))
	go func() { ended <- s.Inbox.Run(context.Background(), args, job) }()
	domaintest.Receive(t, begun, "the first read")
	s.deliver(t, h, event("evt_2", "charge.succeeded", "charge", "ch_1"))
	// Its process seems to have died: another one takes over.
	s.Exec(t, `UPDATE stripe_objects SET lifeline = 1`)
	s.WorkStripe(t)
	s.becomes(t, "evt_2", inbox.StatusApplied)
	s.becomes(t, "evt_1", inbox.StatusApplied)
	close(release)
	must(t, domaintest.Receive(t, ended, "the end of the first read"))
	if known.all() != "new" {
		t.Errorf("applied %q", known.all())
	}
	if n := s.count(t, `stripe_objects WHERE clean_seq = 2 AND dirty_seq = 2 AND fetch_epoch = 2`); n != 1 {
		t.Error("the older read counts")
	}
}

// What comes during a read is not part of it, and is read after it.
func TestNewsDuringAReadAreReadAfterIt(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	begun, release := make(chan struct{}, 10), make(chan struct{})
	s.Inbox.Refresh = func(context.Context, inbox.Object, inbox.Settle) (inbox.Verdict, error) {
		begun <- struct{}{}
		<-release
		return inbox.Applied, nil
	}
	s.WorkStripe(t)
	s.deliver(t, h, event("evt_1", "charge.pending", "charge", "ch_1"))
	domaintest.Receive(t, begun, "the first read")
	s.deliver(t, h, event("evt_2", "charge.succeeded", "charge", "ch_1"))
	release <- struct{}{}
	domaintest.Receive(t, begun, "the second read")
	if first, second := s.statusOf(t, "evt_1"), s.statusOf(t, "evt_2"); first != "APPLIED" || second != "RECEIVED" {
		t.Errorf("between the reads they are %s and %s", first, second)
	}
	release <- struct{}{}
	s.becomes(t, "evt_2", inbox.StatusApplied)
}

// Stripe doesn't answer for a day: twelve tries, each after a pause, and then people are asked.
func TestAnObjectThatFailsIsGivenUp(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	reads := s.answering("", &catalog.Error{Kind: catalog.KindNetwork, Message: "no response from Stripe"})
	s.WorkStripe(t)
	began := s.Clock(t)
	s.deliver(t, h, event("evt_1", "charge.succeeded", "charge", "ch_1"))
	for try := 1; try < 12; try++ {
		domaintest.Until(t, "another try", func() bool {
			return s.count(t, `stripe_objects WHERE attempts = $1 AND next_try_at IS NOT NULL`, try) == 1
		})
		if s.statusOf(t, "evt_1") != "RECEIVED" || s.count(t, `stripe_events WHERE error LIKE 'Stripe can''t be reached%' AND attempts = $1`, try) != 1 {
			t.Fatalf("after try %d", try)
		}
		var pause time.Duration
		must(t, s.Pool.QueryRow(t.Context(), `SELECT next_try_at - golive_now() FROM stripe_objects`).Scan(&pause))
		if most := 40 * time.Second << (try - 1); pause > most {
			t.Errorf("try %d is followed by a pause of %v", try, pause)
		}
		s.Exec(t, `UPDATE stripe_objects SET next_try_at = golive_now()`)
	}
	s.becomes(t, "evt_1", inbox.StatusDead)
	if n := reads(); n != 12 || s.Clock(t).Sub(began) > 24*time.Hour {
		t.Errorf("%d reads", n)
	}
	m, err := s.Inbox.Module(s.As, s.Tenant.ID, catalog.Test)
	if err != nil || m.DeadEvents != 1 || m.OldestUnappliedSeconds != nil {
		t.Errorf("%+v, %v", m, err)
	}
	// There is news of it, which tells of all that was before.
	s.answering(inbox.Applied, nil)
	s.deliver(t, h, event("evt_2", "charge.updated", "charge", "ch_1"))
	s.becomes(t, "evt_2", inbox.StatusApplied)
	s.becomes(t, "evt_1", inbox.StatusApplied)
}

// An object that is stamped as ours may come before its row. After an hour it doesn't come.
func TestAnObjectWaitsForItsRow(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	reads := s.answering(inbox.Waiting, nil)
	s.WorkStripe(t)
	s.deliver(t, h, event("evt_1", "charge.succeeded", "charge", "ch_1"))
	domaintest.Until(t, "a second look", func() bool { return reads() >= 2 })
	if s.statusOf(t, "evt_1") != "RECEIVED" || s.count(t, `stripe_objects WHERE attempts = 0`) != 1 {
		t.Error("waiting counts as failing")
	}
	s.Advance(t, 61*time.Minute)
	s.becomes(t, "evt_1", inbox.StatusDead)
}

// What may be its row wakes an object that waits, however long its pause is.
func TestNewsWakeAnObjectThatWaits(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	s.answering(inbox.Waiting, nil)
	s.WorkStripe(t)
	s.deliver(t, h, event("evt_1", "charge.succeeded", "charge", "ch_1"))
	domaintest.Until(t, "it waits", func() bool {
		return s.count(t, `stripe_objects WHERE waits_since IS NOT NULL AND next_try_at IS NOT NULL`) == 1
	})
	s.answering(inbox.Applied, nil)
	ctx := postgres.For(t.Context(), s.Tenant.ID)
	must(t, postgres.InTx(ctx, s.Inbox.DB, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE stripe_objects SET next_try_at = golive_now() + interval '1 hour', job_id = NULL WHERE tenant_id = $1`, s.Tenant.ID); err != nil {
			return err
		}
		return s.Inbox.Touch(ctx, tx, inbox.Object{TenantID: s.Tenant.ID, AccountID: s.Stripe.Account.ID, Mode: catalog.Test, Kind: inbox.Charge, ID: "ch_1"})
	}))
	s.becomes(t, "evt_1", inbox.StatusApplied)
}

// What is ours to explain is told nobody but the log.
func TestOurOwnFaultsAreNotTold(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	s.answering("", errors.New("canary"))
	s.WorkStripe(t)
	s.deliver(t, h, event("evt_1", "charge.succeeded", "charge", "ch_1"))
	domaintest.Until(t, "a failure", func() bool { return s.count(t, `stripe_events WHERE error IS NOT NULL`) == 1 })
	if s.count(t, `stripe_events WHERE error LIKE '%canary%'`) != 0 || !strings.Contains(s.logs.String(), "canary") {
		t.Error("people are told, or the log is not")
	}
}

// A job that only a fault of ours could lose is found.
func TestLostJobsAreFound(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	s.answering(inbox.Applied, nil)
	s.deliver(t, h, event("evt_1", "charge.succeeded", "charge", "ch_1"))
	if n, err := s.Inbox.TakeUpLost(t.Context()); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	s.Exec(t, `DELETE FROM river_job`)
	if n, err := s.Inbox.TakeUpLost(t.Context()); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	s.WorkStripe(t)
	s.becomes(t, "evt_1", inbox.StatusApplied)
}

func TestReplay(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	s.deliver(t, h, event("evt_old", "charge.succeeded", "charge", "ch_1", func(e map[string]any) { e["api_version"] = "2020-08-27" }))
	s.deliver(t, h, event("evt_none", "product.created", "product", "prod_1"))
	s.deliver(t, h, event("evt_dead", "charge.succeeded", "charge", "ch_2"))
	s.deliver(t, h, event("evt_dead2", "charge.succeeded", "charge", "ch_3"))
	s.Exec(t, `UPDATE stripe_events SET status = 'DEAD' WHERE event_id LIKE 'evt_dead%'`)
	s.Exec(t, `UPDATE stripe_objects SET dead = true, job_id = NULL`)
	replay := func(as context.Context, in inbox.ReplayInput, want int, code fault.Code) {
		t.Helper()
		in.TenantID, in.Mode = s.Tenant.ID, catalog.Test
		n, err := s.Inbox.Replay(as, in)
		domaintest.WantCode(t, err, code)
		if n != want {
			t.Errorf("%+v: %d", in, n)
		}
	}
	for _, as := range s.below(t) {
		replay(as, inbox.ReplayInput{AllDead: true}, 0, fault.Forbidden)
	}
	replay(s.As, inbox.ReplayInput{}, 0, fault.InvalidInput)
	replay(s.As, inbox.ReplayInput{AllDead: true, EventIDs: []string{"evt_old"}}, 0, fault.InvalidInput)
	replay(s.As, inbox.ReplayInput{EventIDs: []string{"evt_old", "evt_unheard"}}, 0, fault.NotFound)
	replay(s.As, inbox.ReplayInput{EventIDs: []string{"evt_old", "evt_none"}}, 1, "")
	replay(s.As, inbox.ReplayInput{AllDead: true}, 2, "")
	replay(s.As, inbox.ReplayInput{AllDead: true}, 0, "")
	if n := s.count(t, `audit_log WHERE action = 'webhook_events.replayed'`); n != 2 {
		t.Errorf("%d entries in the audit log", n)
	}
	s.answering(inbox.Applied, nil)
	s.WorkStripe(t)
	for _, id := range []string{"evt_old", "evt_dead", "evt_dead2"} {
		s.becomes(t, id, inbox.StatusApplied)
	}
	if n := s.count(t, `stripe_events WHERE source = 'REPLAY'`); n != 3 {
		t.Errorf("%d were replayed", n)
	}
}

func TestEventsAreListed(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	order := "0198a1b2-0000-7000-8000-000000000001"
	for _, id := range []string{"evt_1", "evt_2", "evt_3"} {
		s.deliver(t, h, event(id, "charge.succeeded", "charge", "ch_"+id, func(e map[string]any) {
			e["data"].(map[string]any)["object"].(map[string]any)["metadata"] = map[string]any{"golive_order": order}
		}))
	}
	s.deliver(t, h, event("evt_4", "product.created", "product", "prod_1"))
	viewer := s.Actor(t, "vik@acme.example", tenant.RoleViewer)
	list := func(f inbox.Filter, want string) (last *string) {
		t.Helper()
		f.TenantID = s.Tenant.ID
		f.Mode = cmp.Or(f.Mode, catalog.Test)
		page, err := s.Inbox.Events(viewer, f)
		must(t, err)
		var ids []string
		for _, e := range page.Events {
			ids, last = append(ids, e.StripeEventID), &e.ID
		}
		if page.HasNext {
			ids = append(ids, "…")
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%+v: %q, want %q", f, got, want)
		}
		return last
	}
	after := list(inbox.Filter{First: 2}, "evt_4 evt_3 …")
	list(inbox.Filter{First: 2, After: after}, "evt_2 evt_1")
	list(inbox.Filter{First: 9, Status: []inbox.Status{inbox.StatusIgnored}}, "evt_4")
	list(inbox.Filter{First: 9, OrderID: &order}, "evt_3 evt_2 evt_1")
	nonsense := "x"
	list(inbox.Filter{First: 9, OrderID: &nonsense}, "")
	list(inbox.Filter{First: 9, Mode: catalog.Live}, "")
	for _, f := range []inbox.Filter{{First: 101}, {First: -1}, {First: 1, After: &nonsense}} {
		f.TenantID = s.Tenant.ID
		_, err := s.Inbox.Events(viewer, f)
		domaintest.WantCode(t, err, fault.InvalidInput)
	}
	_, err := s.Inbox.Events(s.Stranger(t), inbox.Filter{TenantID: s.Tenant.ID, First: 1})
	domaintest.WantCode(t, err, fault.NotFound)
}
