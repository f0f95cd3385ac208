package order_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

func (st *stack) disputes() order.Disputes { return order.Disputes{Service: st.Orders} }

// disputed is a dispute over an order that was paid.
func (st *stack) disputed(t *testing.T, with stripesim.Dispute) (*order.Order, *ledger.Dispute) {
	t.Helper()
	o := st.paid(t, 2)
	id, err := st.Stripe.Sim.Dispute(*o.Payments[0].ChargeID, with)
	must(t, err)
	st.ring(t, inbox.Dispute, id)
	o = st.look(t, o)
	return o, o.Payments[0].Disputes[0]
}

func (st *stack) evidence(t *testing.T, d *ledger.Dispute) map[string]string {
	t.Helper()
	evidence, err := st.disputes().Evidence(st.As, d)
	must(t, err)
	return evidence
}

// atStripe is the evidence that Stripe has of a dispute, and how often it was submitted.
func (st *stack) atStripe(t *testing.T, d *ledger.Dispute) (map[string]string, int) {
	t.Helper()
	state, err := st.Stripe.Sim.Dump(st.Stripe.Account.ID, stripesim.Test)
	must(t, err)
	for _, raw := range state.Disputes {
		var x struct {
			ID       string
			Evidence map[string]*string
			Details  struct {
				Count int `json:"submission_count"`
			} `json:"evidence_details"`
		}
		must(t, json.Unmarshal(raw, &x))
		if x.ID == d.StripeDisputeID {
			has := map[string]string{}
			for field, value := range x.Evidence {
				if value != nil {
					has[field] = *value
				}
			}
			return has, x.Details.Count
		}
	}
	t.Fatalf("no dispute %s", d.StripeDisputeID)
	return nil, 0
}

func answers(d *ledger.Dispute, text string, submit bool) order.EvidenceInput {
	return order.EvidenceInput{DisputeID: d.ID, Evidence: map[string]any{"uncategorized_text": text}, Submit: submit}
}

// A draft is prefilled, kept, changed at will, and submitted once.
func TestADisputeIsAnswered(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o, d := st.disputed(t, stripesim.Dispute{Reason: "duplicate"})
	suggested := st.evidence(t, d)
	if !strings.HasPrefix(suggested["uncategorized_text"], "Order 000001 over 37.00 USD was placed on ") ||
		!strings.Contains(suggested["uncategorized_text"], "37.00 USD was paid on ") || !strings.Contains(suggested["uncategorized_text"], "with visa card ending in 4242.") ||
		!strings.HasPrefix(suggested["product_description"], "2 x ") || suggested["duplicate_charge_explanation"] == "" {
		t.Errorf("it suggests %q", suggested)
	}
	draft := map[string]string{"uncategorized_text": "They got it.", "customer_name": "Ada"}
	_, err := st.disputes().SubmitEvidence(st.As, order.EvidenceInput{DisputeID: d.ID, Evidence: map[string]any{"uncategorized_text": "They got it.", "customer_name": "Ada"}})
	must(t, err)
	if got := st.evidence(t, d); !maps.Equal(got, draft) {
		t.Errorf("the draft is %q", got)
	}
	if has, n := st.atStripe(t, d); !maps.Equal(has, draft) || n != 0 {
		t.Errorf("Stripe has %q, submitted %d times", has, n)
	}
	now, err := st.disputes().SubmitEvidence(st.As, answers(d, "They signed for it.", true))
	must(t, err)
	if now.Submissions != 1 || now.SubmittedAt == nil || now.Status != ledger.UnderReview {
		t.Errorf("then it is %+v", now)
	}
	if has, n := st.atStripe(t, d); !maps.Equal(has, map[string]string{"uncategorized_text": "They signed for it."}) || n != 1 {
		t.Errorf("then Stripe has %q, submitted %d times", has, n)
	}
	_, err = st.disputes().SubmitEvidence(st.As, answers(d, "And again.", true))
	wantCode(t, err, fault.VersionConflict)
	again := answers(d, "And again.", true)
	again.Submissions = 1
	_, err = st.disputes().SubmitEvidence(st.As, again)
	wantCode(t, err, fault.InvalidState)
	must(t, st.Stripe.Sim.Decide(d.StripeDisputeID, "won"))
	st.ring(t, inbox.Dispute, d.StripeDisputeID)
	told := strings.Join(st.told(t, o), " ")
	if !strings.Contains(told, "Submitting the answer to the dispute over 37.00 USD. The answer about 37.00 USD is under review. The dispute over 37.00 USD was won.") {
		t.Errorf("told %q", told)
	}
	if n := st.one(t, `SELECT count(*) FROM audit_log WHERE action IN ('dispute.drafted', 'dispute.submitted')`); n != 2 {
		t.Errorf("%d entries in the log", n)
	}
	if n := st.one(t, `SELECT count(*) FROM disputes WHERE position('signed' in encode(evidence, 'escape')) > 0`); n != 0 {
		t.Error("evidence is not sealed")
	}
}

// Of many who submit at once one wins.
func TestOneOfManySubmissionsWins(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	_, d := st.disputed(t, stripesim.Dispute{})
	var all sync.WaitGroup
	var mu sync.Mutex
	codes := map[fault.Code]int{}
	for i := range 20 {
		all.Go(func() {
			_, err := st.disputes().SubmitEvidence(st.As, answers(d, fmt.Sprint("Mine is ", i), true))
			mu.Lock()
			defer mu.Unlock()
			codes[fault.CodeOf(err)]++
		})
	}
	all.Wait()
	if _, n := st.atStripe(t, d); n != 1 || codes[""] != 1 || codes[fault.InvalidState]+codes[fault.VersionConflict] != 19 {
		t.Errorf("submitted %d times: %v", n, codes)
	}
	if n := len(st.posts(t, "/v1/disputes/"+d.StripeDisputeID)); n != 1 {
		t.Errorf("%d writes reached Stripe", n)
	}
}

// A submission of which nobody heard is found out about, and never made twice.
func TestASubmissionThatNobodyHeardOf(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{stripesim.ResetBefore, stripesim.ResetAfter, stripesim.Stored500, stripesim.After500} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			st := newStack(t)
			o, d := st.disputed(t, stripesim.Dispute{})
			_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: kind, Match: stripesim.Match{Method: "POST", Path: "/v1/disputes/"}})
			must(t, err)
			in := answers(d, "They got it.", true)
			in.IdempotencyKey = st.key()
			_, _ = st.disputes().SubmitEvidence(st.As, in) // what it says depends on what was lost
			if n := st.one(t, `SELECT count(*) FROM stripe_calls WHERE step = 'submission'`); n != 1 {
				t.Fatalf("%d submissions in the journal", n)
			}
			st.check(t, o)
			want := 1
			if kind == stripesim.Stored500 {
				want = 0
			}
			if _, n := st.atStripe(t, d); n != want {
				t.Errorf("submitted %d times", n)
			}
			if now := st.look(t, o).Payments[0].Disputes[0]; now.Submissions != want {
				t.Errorf("it is %+v", now)
			}
			if n := st.one(t, `SELECT count(*) FROM stripe_calls WHERE step = 'submission' AND state = 'SENT'`); n != 0 {
				t.Error("it is still not known how it ended")
			}
			_, err = st.disputes().SubmitEvidence(st.As, in)
			if (err == nil) != (want == 1) {
				t.Errorf("repeated: %v", err)
			}
		})
	}
}

// It stands in the journal before it is sent, and a second one waits until its end is known.
func TestASubmissionIsJournaledFirst(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	_, d := st.disputed(t, stripesim.Dispute{})
	wait, release := st.HoldCall(t, stripesim.Fault{At: stripesim.AtArrival, Match: stripesim.Match{Method: "POST", Path: "/v1/disputes/"}})
	done := make(chan error, 1)
	go func() {
		_, err := st.disputes().SubmitEvidence(st.As, answers(d, "They got it.", true))
		done <- err
	}()
	wait()
	if n := st.one(t, `SELECT count(*) FROM stripe_calls WHERE step = 'submission' AND state = 'SENT' AND body <> ''`); n != 1 {
		t.Errorf("%d in the journal", n)
	}
	_, err := st.disputes().SubmitEvidence(st.As, answers(d, "Mine is better.", false))
	wantCode(t, err, fault.InvalidState)
	release()
	must(t, domaintest.Receive(t, done, "the submission"))
	body, err := url.ParseQuery(st.posts(t, "/v1/disputes/"+d.StripeDisputeID)[0].Body)
	must(t, err)
	if body.Get("submit") != "true" || body.Get("metadata["+ledger.StampEvidence+"]") == "" {
		t.Errorf("sent %v", body)
	}
}

func put(in *order.EvidenceInput, field, text string) {
	in.Evidence = map[string]any{field: text}
}

func TestEvidenceIsRefused(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o, d := st.disputed(t, stripesim.Dispute{})
	for name, refused := range map[string]struct {
		change func(in *order.EvidenceInput)
		code   fault.Code
		field  string
	}{
		"no such field":        {func(in *order.EvidenceInput) { put(in, "story", "x") }, fault.InvalidInput, "input.evidence.story"},
		"a card":               {func(in *order.EvidenceInput) { put(in, "customer_name", "4242 4242 4242 4242") }, fault.InvalidInput, "input.evidence.customer_name"},
		"too long":             {func(in *order.EvidenceInput) { put(in, "customer_name", strings.Repeat("x", 20_001)) }, fault.InvalidInput, "input.evidence.customer_name"},
		"nothing":              {func(in *order.EvidenceInput) { in.Evidence = map[string]any{}; in.Submit = true }, fault.InvalidInput, "input.evidence"},
		"submissions not seen": {func(in *order.EvidenceInput) { in.Submissions = 1 }, fault.VersionConflict, ""},
		"no such dispute":      {func(in *order.EvidenceInput) { in.DisputeID = o.ID }, fault.NotFound, ""},
		"no id":                {func(in *order.EvidenceInput) { in.DisputeID = "x" }, fault.NotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := answers(d, "They got it.", false)
			refused.change(&in)
			_, err := st.disputes().SubmitEvidence(st.As, in)
			wantCode(t, err, refused.code, strings.Split(refused.field, ".")...)
		})
	}
	for who, code := range map[tenant.Role]fault.Code{tenant.RoleViewer: fault.Forbidden, tenant.RoleDeployer: fault.Forbidden} {
		_, err := st.disputes().SubmitEvidence(st.Actor(t, strings.ToLower(string(who))+"@acme.example", who), answers(d, "x", false))
		wantCode(t, err, code)
	}
	_, err := st.disputes().SubmitEvidence(st.Stranger(t), answers(d, "x", false))
	wantCode(t, err, fault.NotFound)
	st.later(t, "10 days")
	_, err = st.disputes().SubmitEvidence(st.As, answers(d, "x", false))
	wantCode(t, err, fault.InvalidState)
	if n := len(st.posts(t, "/v1/disputes/"+d.StripeDisputeID)); n != 0 {
		t.Errorf("%d writes reached Stripe", n)
	}
}
