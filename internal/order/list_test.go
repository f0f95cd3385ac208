package order_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/postgres"
)

// pages are the ids of a whole list, page by page.
func (st *stack) pages(t *testing.T, f order.Filter) (ids []string) {
	t.Helper()
	f.TenantID, f.Mode = st.Tenant.ID, catalog.Test
	for {
		page, err := st.Orders.List(st.As, f)
		must(t, err)
		for _, o := range page.Orders {
			ids = append(ids, o.ID)
			f.After = f.Cursor(o)
		}
		if !page.HasNext {
			return ids
		}
	}
}

// ids are those of orders by SQL.
func (st *stack) ids(t *testing.T, where string) []string {
	t.Helper()
	ids, err := postgres.All(t.Context(), st.Pool, pgx.RowTo[string], `SELECT id::text FROM orders o WHERE `+where)
	must(t, err)
	return ids
}

// What an index has in the order of the list comes page by page, and so does what it hasn't.
func TestListsPageByPage(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	for i := range 9 {
		o := st.order(t, st.input(1))
		if i%3 == 0 {
			_, err := st.Orders.Cancel(st.As, order.CancelInput{OrderID: o.ID})
			must(t, err)
		}
	}
	st.Exec(t, `UPDATE orders SET attention = '{STUCK}' WHERE number % 4 = 0`)
	long, yes, no := st.Clock(t).AddDate(-1, 0, 0), true, false
	for name, c := range map[string]struct {
		f    order.Filter
		want string
	}{
		"one status":              {order.Filter{Status: []ledger.OrderStatus{ledger.Cancelled}}, `status = 'CANCELLED' ORDER BY id DESC`},
		"some statuses":           {order.Filter{Status: []ledger.OrderStatus{ledger.Created, ledger.Cancelled, ledger.Created, ledger.Paid}}, `true ORDER BY id DESC`},
		"a status by changes":     {order.Filter{Status: []ledger.OrderStatus{ledger.Cancelled}, ChangedSince: &long}, `status = 'CANCELLED' ORDER BY changed_at, id`},
		"attention":               {order.Filter{Attention: &yes}, `number IN (4, 8) ORDER BY id DESC`},
		"no attention":            {order.Filter{Attention: &no}, `number NOT IN (4, 8) ORDER BY id DESC`},
		"a search":                {order.Filter{Search: "00000"}, `true ORDER BY id DESC`},
		"a search by changes":     {order.Filter{Search: "0", ChangedSince: &long}, `true ORDER BY changed_at, id`},
		"a search in a status":    {order.Filter{Search: "cus-", Status: []ledger.OrderStatus{ledger.Cancelled}}, `status = 'CANCELLED' ORDER BY id DESC`},
		"what a customer ordered": {order.Filter{Customer: "cus-1"}, `true ORDER BY id DESC`},
	} {
		c.f.First = 2
		if got, want := st.pages(t, c.f), st.ids(t, c.want); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// What very many orders have is looked for from the newest on, and is the same.
func TestASearchThatFindsVeryMany(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.order(t, st.input(1))
	paid := st.paid(t, 1)
	st.Exec(t, `INSERT INTO orders (id, tenant_id, account_id, livemode, number, customer, currency, capture_method, subtotal, total, due, idempotency_key, input_digest, created_by)
		SELECT gen_random_uuid(), tenant_id, account_id, false, 1000000 + i, 'cus-' || i, 'usd', 'AUTOMATIC', 1, 1, 1, 'many ' || i, '', 'test'
		FROM orders, generate_series(1, 20000) AS i WHERE number = 1`)
	st.Exec(t, `INSERT INTO payments (id, order_id, tenant_id, account_id, livemode, attempt, flow, status, amount, currency, capture_method, idempotency_key, input_digest, session_id)
		SELECT gen_random_uuid(), id, tenant_id, account_id, livemode, 1, 'HOSTED', 'EXPIRED', 1, 'usd', 'AUTOMATIC', 'many', '', 'cs_test_many' || number FROM orders WHERE number > 1000000`)
	for search, want := range map[string]string{
		"cus-": `true`, "cus-1234": `number BETWEEN 1012340 AND 1012349 OR number = 1001234`, "cs_test_many": `number > 1000000`,
		"cs_test_": `number > 1`, "cs_test_many101999": `number BETWEEN 1019990 AND 1019999`, *paid.Payments[0].SessionID: `number = 2`, "10123": `number BETWEEN 1012300 AND 1012399`,
		"1": `number > 1000000`, "0": `number < 1000000`,
	} {
		page, err := st.Orders.List(st.As, order.Filter{TenantID: st.Tenant.ID, Mode: catalog.Test, Search: search, First: 100})
		must(t, err)
		var got []string
		for _, o := range page.Orders {
			got = append(got, o.ID)
		}
		by := "id"
		if search[0] < 'A' {
			by = "number"
		}
		if want := st.ids(t, "("+want+") ORDER BY "+by+" DESC LIMIT 100"); !slices.Equal(got, want) {
			t.Errorf("%q finds %d, want %d", search, len(got), len(want))
		}
	}
}
