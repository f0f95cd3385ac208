package order

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// way is a condition by which orders are found, which an index has. It is of another table
// than that of orders, x, where it is about what an order has.
type way struct {
	of    part
	where string
}

// part is a table of what orders have, as SQL takes it alone and beside orders.
type part struct{ from, join string }

var (
	itself   = part{from: ` FROM orders o`}
	contacts = part{` FROM order_contacts x`, ` JOIN order_contacts x ON x.order_id = o.id`}
	payments = part{` FROM payments x`, ` JOIN payments x ON x.order_id = o.id`}
	refunds  = part{` FROM refunds x`, ` JOIN refunds x ON x.order_id = o.id`}
	disputes = part{` FROM disputes x`, ` JOIN disputes x ON x.order_id = o.id`}
)

// stripeIDs are what orders have ids of at Stripe of, by how these begin.
var stripeIDs = []struct {
	prefix string
	of     part
	column string
}{
	{"cs_", payments, "session_id"},
	{"pi_", payments, "intent_id"},
	{"ch_", payments, "charge_id"},
	{"py_", payments, "charge_id"},
	{"re_", refunds, "stripe_refund_id"},
	{"pyr_", refunds, "stripe_refund_id"},
	{"dp_", disputes, "stripe_dispute_id"},
	{"du_", disputes, "stripe_dispute_id"},
}

// begins is the condition that a column's texts begin so. LIKE would say the same; but what
// row security keeps is looked up by no operator that might tell of rows which it hides, as
// LIKE might.
func (l *listing) begins(column, text string) string {
	return fmt.Sprintf(`(%[1]s ~>=~ %[2]s AND %[1]s ~<~ %[3]s)`, column, l.arg(text), l.arg(text+"\U0010FFFF"))
}

// narrowWays find no more orders than can be collected.
func (l *listing) narrowWays(hash []byte) []way {
	if hash != nil {
		return []way{{contacts, "x.tenant_id = $1 AND x.email_hash = " + l.arg(hash)}}
	}
	return l.numbered()
}

// broadWays find all orders for some beginnings.
func (l *listing) broadWays() []way {
	ways := []way{{itself, l.begins("o.customer", l.Search)}, {itself, l.begins("o.reference", l.Search)}}
	for _, of := range stripeIDs {
		if strings.HasPrefix(l.Search, of.prefix) {
			ways = append(ways, way{of.of, "x.tenant_id = $1 AND x.livemode = $2 AND " + l.begins("x."+of.column, l.Search)})
		}
	}
	return ways
}

// numbers have at least that many digits as people see them, and none has more than most.
const (
	leastDigits = 6
	mostDigits  = 12
)

// numbered are the ways to orders whose number begins with what is looked for: those of each
// length lie between two.
func (l *listing) numbered() (ways []way) {
	begin, err := strconv.ParseInt(l.Search, 10, 64)
	if err != nil || strings.Trim(l.Search, "0123456789") != "" || len(l.Search) > mostDigits {
		return nil
	}
	for digits := max(leastDigits, len(l.Search)); digits <= mostDigits; digits++ {
		if step := int64(math.Pow10(digits - len(l.Search))); digits == leastDigits || l.Search[0] != '0' {
			ways = append(ways, way{itself, fmt.Sprintf("o.number BETWEEN %s AND %s", l.arg(begin*step), l.arg((begin+1)*step-1))})
		}
	}
	return ways
}

// tooMany is how many finds it takes to look for them from the newest on: then a page is
// full soon, and to collect them all would take longer.
const tooMany = 5_000

// search is the SQL of a list of what is looked for.
func (s *Service) search(ctx context.Context, l *listing) (string, error) {
	hash, err := l.hash(ctx, s.DB, s.Keys)
	if err != nil {
		return "", err
	}
	many, err := l.findsMany(ctx, s.DB)
	if err != nil {
		return "", err
	}
	narrow, broad := l.narrowWays(hash), l.broadWays()
	if !many {
		return l.byWays(narrow, broad), nil
	}
	var holds []string
	for _, w := range append(narrow, broad...) {
		holds = append(holds, w.holds())
	}
	return l.page(columns, "("+strings.Join(holds, " OR ")+")"), nil
}

// hash is that by which to look for an email address, nil where that is not what is looked for.
func (f Filter) hash(ctx context.Context, db postgres.Querier, keys *seal.Keys) ([]byte, error) {
	if !strings.Contains(f.Search, "@") {
		return nil, nil
	}
	key, err := contactKeyOf(ctx, db, keys, f.TenantID)
	if key == nil || err != nil {
		return nil, err
	}
	return key.hash(strings.TrimSpace(f.Search)), nil
}

// findsMany tells whether one of the ways leads to very many orders, whatever else is asked.
func (f Filter) findsMany(ctx context.Context, db postgres.Querier) (many bool, err error) {
	l := &listing{Filter: f, args: []any{f.TenantID, f.Mode == catalog.Live}}
	var lots []string
	for _, w := range l.broadWays() {
		where := w.where
		if w.of == itself {
			where = "o.tenant_id = $1 AND o.livemode = $2 AND " + w.where
		}
		lots = append(lots, fmt.Sprintf(`(SELECT count(*) FROM (SELECT%s WHERE %s LIMIT %d) lot)`, w.of.from, where, tooMany))
	}
	return postgres.One(ctx, db, pgx.RowTo[bool], nil, fmt.Sprintf(`SELECT greatest(%s) = %d`, strings.Join(lots, ", "), tooMany), l.args...)
}

// byWays collects what each way finds. OFFSET keeps that apart from the order of the list,
// because Postgres would go through all orders in it for what it takes for much. Numbers it
// finds in that order.
func (l *listing) byWays(narrow, broad []way) string {
	apart := " OFFSET 0"
	var pages []string
	for i, w := range append(narrow, broad...) {
		from, where, end := l.keys()+" FROM orders o", strings.Join(append([]string{w.where}, l.where...), " AND "), apart
		if w.of != itself {
			from = "DISTINCT " + from + w.of.join
		}
		if l.byNumber() && i < len(narrow) {
			end = ""
		}
		pages = append(pages, fmt.Sprintf(`(SELECT o.id FROM (SELECT %s WHERE %s%s) o ORDER BY %s LIMIT %d)`, from, where, end, l.by(), l.First+1))
	}
	return l.among(pages)
}

// keys are the columns that the order of the list takes. Without others, an index is enough.
func (l *listing) keys() string {
	switch {
	case l.ChangedSince != nil:
		return "o.id, o.changed_at"
	case l.byNumber():
		return "o.id, o.number"
	}
	return "o.id"
}

// holds is the condition of one order. It asks for each one's, because EXISTS would have
// Postgres collect all that there are first.
func (w way) holds() string {
	if w.of == itself {
		return w.where
	}
	return fmt.Sprintf(`(SELECT true%s WHERE x.order_id = o.id AND %s LIMIT 1)`, w.of.from, w.where)
}
