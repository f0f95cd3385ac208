package order_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/seal/sealtest"
	"github.com/golive-hq/golive/internal/stripesim"
)

// bought is an order of whoever has an address.
func (st *stack) bought(t *testing.T, email string) *order.Order {
	t.Helper()
	in := st.input(1)
	in.Email, in.Metadata = email, map[string]string{"cart": "of " + email}
	return st.order(t, in)
}

func (st *stack) found(t *testing.T, search string) (ids []string) {
	t.Helper()
	page, err := st.Orders.List(st.As, order.Filter{TenantID: st.Tenant.ID, Mode: catalog.Test, Search: search, First: 10})
	must(t, err)
	for _, o := range page.Orders {
		ids = append(ids, o.ID)
	}
	slices.Sort(ids)
	return ids
}

func TestSearch(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	if found := st.found(t, "ada@shop.example"); len(found) > 0 {
		t.Errorf("found %v before there are addresses", found)
	}
	ada, again, bob := st.bought(t, "ada@shop.example"), st.bought(t, "Ada@Shop.example"), st.bought(t, "bob@shop.example")
	in := st.input(1)
	in.Customer, in.Reference = "carol@shop.example", "A-100%"
	carol := st.order(t, in)
	c := st.checkout(t, carol, ledger.Hosted)
	for search, want := range map[string][]string{
		"ADA@shop.example": {ada.ID, again.ID}, " bob@shop.example ": {bob.ID}, "ada@shop": nil, "da@shop.example": nil,
		"carol@": {carol.ID}, "A-100%": {carol.ID}, "A-1%": nil, "000003": {bob.ID}, "00000": {ada.ID, again.ID, bob.ID, carol.ID},
		"cus-": {ada.ID, again.ID, bob.ID}, (*c.Payment.SessionID)[:20]: {carol.ID},
	} {
		if found := st.found(t, search); !slices.Equal(found, want) {
			t.Errorf("%q finds %v, want %v", search, found, want)
		}
	}
	if n := st.one(t, `SELECT count(DISTINCT email_hash) FROM order_contacts`); n != 2 {
		t.Errorf("%d hashes of two mailboxes", n)
	}
}

// Once all is sealed anew, nothing needs the older keys, and addresses are found as before.
func TestResealing(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	o := st.bought(t, "ada@shop.example")
	st.bought(t, "bob@shop.example")
	st.checkout(t, o, ledger.Hosted)
	body, err := st.Orders.Keys.Seal("in=flight", seal.Slot{TenantID: st.Tenant.ID, Column: "stripe_calls.body", Version: 1})
	must(t, err)
	st.Exec(t, `UPDATE stripe_calls SET state = 'SENT', ended_at = NULL, body = $1`, body)
	sealed := `SELECT string_agg(s, ' ' ORDER BY s) FROM (SELECT sealed::text FROM order_contacts UNION ALL SELECT sealed::text FROM contact_keys
		UNION ALL SELECT body::text FROM stripe_calls) AS all_sealed (s)`
	read := func() (all string) {
		must(t, st.Pool.QueryRow(t.Context(), sealed).Scan(&all))
		return all
	}
	before := read()
	_, strange := sealtest.Keys(t)
	if n, err := order.Reseal(t.Context(), st.Orders.DB, strange); err == nil || read() != before {
		t.Errorf("a strange keyset seals %+v anew", n)
	}
	n, err := order.Reseal(t.Context(), st.Orders.DB, st.Orders.Keys)
	if n.Contacts != 2 || err != nil {
		t.Errorf("%+v, %v", n, err)
	}
	for _, table := range []string{"order_contacts", "contact_keys"} {
		var same int
		must(t, st.Pool.QueryRow(t.Context(), `SELECT count(*) FROM `+table+` WHERE position(sealed::text IN $1) > 0`, before).Scan(&same))
		if same > 0 {
			t.Errorf("%d of %s are sealed as before", same, table)
		}
	}
	if same := st.one(t, `SELECT count(*) FROM stripe_calls WHERE position(body::text IN $1) > 0`, before); same > 0 {
		t.Errorf("%d calls are sealed as before", same)
	}
	if found := st.found(t, "ada@shop.example"); !slices.Equal(found, []string{o.ID}) {
		t.Errorf("found %v", found)
	}
}

func TestAPersonIsForgotten(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	ada, bob := st.bought(t, "ada@shop.example"), st.bought(t, "bob@shop.example")
	for i, o := range []*order.Order{ada, bob} {
		st.Exec(t, `WITH e AS (INSERT INTO stripe_events (id, tenant_id, account_id, livemode, event_id, type, order_id, api_version, created_at, source, status)
			VALUES (gen_random_uuid(), $1, 'acct', false, 'evt_' || $3::int, 't', $2, '', now(), 'WEBHOOK', 'IGNORED') RETURNING id)
			INSERT INTO stripe_payloads (event_id, tenant_id, sealed, seal_version) SELECT id, $1, '', 1 FROM e`, o.TenantID, o.ID, i)
	}
	keys := func() (*seal.Keys, error) { return st.Orders.Keys, nil }
	traces, err := order.OfPerson(t.Context(), st.Orders.DB, "Ada@shop.example", keys)
	must(t, err)
	text, err := json.Marshal(traces)
	must(t, err)
	if len(traces) != 1 || traces[0].OrderID != ada.ID || traces[0].Email != "ada@shop.example" || traces[0].Metadata["cart"] != "of ada@shop.example" || traces[0].Customer != "cus-1" {
		t.Errorf("exported %s", text)
	}
	forget := func() error {
		return postgres.InTx(postgres.Across(t.Context(), postgres.Operators), st.Orders.DB, func(tx pgx.Tx) error {
			return order.Forget(postgres.Across(t.Context(), postgres.Operators), tx, "ADA@shop.example", keys)
		})
	}
	must(t, st.Tenants.Hold(t.Context(), st.Tenant.Slug, "a lawsuit"))
	wantCode(t, forget(), fault.InvalidState)
	must(t, st.Tenants.Release(t.Context(), st.Tenant.Slug))
	if n := st.one(t, `SELECT count(*) FROM order_contacts`); n != 2 {
		t.Fatalf("%d contacts are left of a tenant on hold", n)
	}
	must(t, forget())
	contacts, err := st.Orders.ContactsOf(st.As, []string{ada.ID, bob.ID})
	must(t, err)
	if _, kept := contacts[ada.ID]; kept || contacts[bob.ID].Email != "bob@shop.example" {
		t.Errorf("kept %v", contacts)
	}
	if n := st.one(t, `SELECT count(*) FROM stripe_payloads p JOIN stripe_events e ON e.id = p.event_id WHERE e.order_id = $1`, bob.ID); n != 1 || st.one(t, `SELECT count(*) FROM stripe_payloads`) != 1 {
		t.Error("what events said of others is gone, or of her is there")
	}
	if n := st.one(t, `SELECT count(DISTINCT input_digest) FROM orders`); n != 1 || len(st.found(t, "ada@shop.example")) > 0 {
		t.Errorf("her address can still be tried, by %d digests", n)
	}
	if n := st.one(t, `SELECT count(*) FROM audit_log WHERE action = 'order.contacts_erased'`); n != 1 {
		t.Errorf("%d entries tell of it", n)
	}
	must(t, forget()) // again
	traces, err = order.OfPerson(t.Context(), st.Orders.DB, "ada@shop.example", keys)
	if err != nil || len(traces) > 0 {
		t.Errorf("%v, %v", traces, err)
	}
}

// What a bank was told of a customer is the customer's as much as the contact: it is exported and
// erased with it, and told apart by no digest that others could make.
func TestEvidenceIsForgottenWithThePerson(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	keys := func() (*seal.Keys, error) { return st.Orders.Keys, nil }
	var disputes []*ledger.Dispute
	for _, email := range []string{"ada@shop.example", "bob@shop.example"} {
		o := st.bought(t, email)
		c := st.checkout(t, o, ledger.Hosted)
		must(t, st.Stripe.Sim.Pay(*c.Payment.SessionID, stripesim.Card))
		st.ring(t, inbox.Session, *c.Payment.SessionID)
		id, err := st.Stripe.Sim.Dispute(*st.is(t, o, ledger.Paid).Payments[0].ChargeID, stripesim.Dispute{})
		must(t, err)
		st.ring(t, inbox.Dispute, id)
		d := st.look(t, o).Payments[0].Disputes[0]
		in := answers(d, "It was for "+email, false)
		in.IdempotencyKey = "answer " + d.ID
		for range 2 { // the second finds the first by its digest
			_, err = st.disputes().SubmitEvidence(st.As, in)
			must(t, err)
		}
		plain, err := json.Marshal(in)
		must(t, err)
		if n := st.one(t, `SELECT count(*) FROM stripe_calls WHERE dispute_id = $1 AND asked_digest <> encode(sha256($2), 'hex')`, d.ID, plain); n != 1 {
			t.Errorf("%d calls with a digest that others can't make", n)
		}
		in.Evidence = map[string]any{"uncategorized_text": "something else"}
		_, err = st.disputes().SubmitEvidence(st.As, in)
		wantCode(t, err, fault.IdempotencyKeyReused)
		disputes = append(disputes, d)
	}
	traces, err := order.OfPerson(t.Context(), st.Orders.DB, "ada@shop.example", keys)
	must(t, err)
	if len(traces) != 1 || len(traces[0].Evidence) != 1 || traces[0].Evidence[disputes[0].ID]["uncategorized_text"] != "It was for ada@shop.example" {
		t.Errorf("exported %+v", traces)
	}
	must(t, postgres.InTx(postgres.Across(t.Context(), postgres.Operators), st.Orders.DB, func(tx pgx.Tx) error {
		return order.Forget(postgres.Across(t.Context(), postgres.Operators), tx, "ada@shop.example", keys)
	}))
	if left := st.evidence(t, disputes[0])["uncategorized_text"]; strings.Contains(left, "ada@") || st.one(t, `SELECT count(*) FROM disputes WHERE evidence IS NOT NULL`) != 1 {
		t.Errorf("it is still known that %q", left)
	}
	if left := st.evidence(t, disputes[1])["uncategorized_text"]; left != "It was for bob@shop.example" {
		t.Errorf("of another one it says %q", left)
	}
	st.later(t, "10 years")
	if n, err := st.Orders.PruneContacts(t.Context(), 9*365*24*time.Hour); n != 2 || err != nil || st.one(t, `SELECT count(*) FROM disputes WHERE evidence IS NOT NULL`) != 0 {
		t.Errorf("after years, %d were forgotten, %v", n, err)
	}
}

// Who has no keys is told so where there is something to look for, and never that there is nothing.
func TestAPersonIsLookedForWithTheKeys(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	none := errors.New("no keys")
	keys := func() (*seal.Keys, error) { return nil, none }
	if traces, err := order.OfPerson(t.Context(), st.Orders.DB, "ada@shop.example", keys); err != nil || len(traces) > 0 {
		t.Errorf("%v, %v", traces, err)
	}
	st.bought(t, "bob@shop.example")
	if _, err := order.OfPerson(t.Context(), st.Orders.DB, "ada@shop.example", keys); !errors.Is(err, none) {
		t.Errorf("%v", err)
	}
}
