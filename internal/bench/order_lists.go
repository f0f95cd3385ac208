package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/postgres"
)

const (
	bigShop = 1_000_000
	// smallShops are others, whose orders lie between those of the big one.
	smallShops, smallShop = 50, 2000
	orderListSamples      = 100
	listBound             = 100 * time.Millisecond
	// theirEmail is of a customer of the big shop who has bought now and then.
	theirEmail = "ada@bench.example"
)

// orderListFigures measures pages of a tenant's lists that has a million orders, and what hangs on
// them, each list by each of its filters and from anywhere in it.
func orderListFigures(ctx context.Context, s *stack, r *report) error {
	sh, err := s.openSeller(ctx)
	if err != nil {
		return err
	}
	if err := s.fillShops(ctx, sh); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	for _, l := range orderLists {
		if err := sh.listFigure(ctx, r, l); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	return nil
}

// fillShops fills the shop, and small ones around it. One order comes through the API, by
// which the tenant gets what email addresses are found by.
func (s *stack) fillShops(ctx context.Context, sh *shop) error {
	id, err := sh.order(ctx, "first", theirEmail)
	if err != nil {
		return err
	}
	var sealed, hash []byte
	if err := s.pool.QueryRow(ctx, `SELECT sealed, email_hash FROM order_contacts WHERE order_id = $1`, id).Scan(&sealed, &hash); err != nil {
		return err
	}
	for range smallShops {
		other := uuid.NewString()
		if err := (filling{other, "acct_" + other, smallShop}).fill(ctx, s, sealed, hash); err != nil {
			return err
		}
	}
	if err := (filling{sh.tenantID, sh.account.ID, bigShop}).fill(ctx, s, sealed, hash); err != nil {
		return err
	}
	// As autovacuum does within minutes.
	_, err = s.pool.Exec(ctx, `VACUUM (ANALYZE) orders, payments, order_contacts, refunds, disputes, payouts, stripe_events`)
	return err
}

// list is a page that somebody asks for, each time about something else.
type list struct {
	name, query string
	with        func(any) map[string]any
	// about is the SQL of what it is about, text or a number; "" is nothing.
	about string
}

const (
	orderList = `query ($slug: String!, $after: String, $status: [OrderStatus!], $attention: Boolean, $customer: String, $search: String, $changed: DateTime) { tenant(slug: $slug) {
		orders(first: 50, after: $after, status: $status, attention: $attention, customer: $customer, search: $search, changedSince: $changed) {
			nodes { id number reference customer status attention total { amount currency } captured { amount } createdAt } pageInfo { endCursor hasNextPage } } } }`
	disputeList = `query ($slug: String!, $after: String, $open: Boolean) { tenant(slug: $slug) { disputes(first: 50, after: $after, open: $open) {
		nodes { id status amount { amount currency } reason evidenceDueBy } pageInfo { endCursor } } } }`
	payoutList = `query ($slug: String!, $after: String) { tenant(slug: $slug) { payouts(first: 50, after: $after) { nodes { id status amount { amount currency } arrivalDate } pageInfo { endCursor } } } }`
	eventList  = `query ($slug: String!, $after: String, $status: [InboxStatus!]) { tenant(slug: $slug) { webhookEvents(first: 50, after: $after, status: $status) {
		nodes { id type status createdAt } pageInfo { endCursor } } } }`
	aNumber = `FROM orders WHERE tenant_id = $1 AND livemode AND number = $2`
)

func search(beginning string) string { return "SELECT " + beginning + " " + aNumber }

// with gives one variable what a list is about.
func with(variable string) func(any) map[string]any {
	return func(about any) map[string]any { return map[string]any{variable: about} }
}

func always(variable string, value any) func(any) map[string]any {
	return func(any) map[string]any { return map[string]any{variable: value} }
}

var orderLists = []list{
	{"newest orders", orderList, always("after", nil), ""},
	{"orders from anywhere on", orderList, with("after"), search("id::text")},
	{"orders of a rare status", orderList, always("status", []string{"AUTHORIZED"}), ""},
	{"orders of two statuses, from anywhere on", orderList, func(id any) map[string]any {
		return map[string]any{"status": []string{"AUTHORIZED", "PAID"}, "after": id}
	}, search("id::text")},
	{"orders that need someone", orderList, always("attention", true), ""},
	{"orders of a customer", orderList, with("customer"), search("customer")},
	{"orders changed since any time", orderList, with("changed"), search(`to_char(changed_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`)},
	{"search by a number", orderList, with("search"), search("lpad(number::text, 6, '0')")},
	{"search by a number's first digit", orderList, with("search"), search("left(lpad(number::text, 6, '0'), 1)")},
	{"search by a reference's beginning", orderList, with("search"), search("left('SHOP-' || lpad(number::text, 8, '0'), 11)")},
	{"search by a customer's beginning", orderList, with("search"), search("left(customer, 12)")},
	{"search by the beginning of all customers", orderList, always("search", "customer-"), ""},
	{"search by a session's beginning", orderList, with("search"), search("left('cs_live_' || md5('session' || number), 14)")},
	{"search by the beginning of all sessions", orderList, always("search", "cs_live_"), ""},
	{"search by an intent", orderList, with("search"), search("'pi_' || left(md5('intent' || number), 24)")},
	{"search by a charge's beginning", orderList, with("search"), search("'ch_' || left(md5('charge' || number), 5)")},
	{"search by a refund's beginning", orderList, with("search"), search("'re_' || left(md5('refund' || number), 4)")},
	{"search by a dispute's beginning", orderList, with("search"), search("'dp_' || left(md5('dispute' || number), 4)")},
	{"search by an email address", orderList, always("search", theirEmail), ""},
	{"newest disputes", disputeList, always("after", nil), ""},
	{"open disputes", disputeList, always("open", true), ""},
	{"disputes from anywhere on", disputeList, with("after"), search("id::text")},
	{"payouts from anywhere on", payoutList, with("after"), `SELECT rtrim(translate(encode((to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ' ' || id)::bytea, 'base64'), E'+/\n', '-_'), '=')
		FROM payouts WHERE tenant_id = $1 ORDER BY created_at OFFSET $2 / 6 LIMIT 1`},
	{"newest events", eventList, always("after", nil), ""},
	{"dead events", eventList, always("status", []string{"DEAD"}), ""},
	{"events from anywhere on", eventList, with("after"), search("id::text")},
}

// listFigure asks for the list again and again.
func (s *shop) listFigure(ctx context.Context, r *report, l list) error {
	var took []time.Duration
	for range orderListSamples {
		var about any
		if l.about != "" {
			found, err := postgres.One(ctx, s.pool, pgx.RowTo[string], nil, l.about, s.tenantID, 1+rand.IntN(bigShop))
			if err != nil {
				return err
			}
			about = found
		}
		variables := l.with(about)
		variables["slug"] = s.slug
		began := time.Now()
		if _, err := client.Do[any](ctx, s.as, l.query, variables); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	r.add(l.name+", p99", quantile(took, 0.99), listBound, "p50 "+ms(quantile(took, 0.5)))
	return nil
}
