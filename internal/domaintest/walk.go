package domaintest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/postgres"
)

// Statements are those that the services of a process have sent, as a pgx.QueryTracer hears
// of them, each until it has been judged.
type Statements struct {
	mu   sync.Mutex
	sent map[string]bool // true for one that was judged
}

// Sent are all of this process.
var Sent = &Statements{sent: map[string]bool{}}

// TraceQueryStart implements pgx.QueryTracer.
func (s *Statements) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	sql := data.SQL
	if len(data.Args) > 0 {
		if named, ok := data.Args[0].(pgx.QueryRewriter); ok {
			sql, _, _ = named.RewriteQuery(ctx, conn, sql, data.Args[1:])
		}
	}
	if _, known := s.sent[sql]; !known && planned.MatchString(sql) {
		s.sent[sql] = false
	}
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (s *Statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// news are the statements that were not judged before. Now they are.
func (s *Statements) news() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sql, judged := range s.sent {
		if !judged {
			all = append(all, sql)
			s.sent[sql] = true
		}
	}
	return all
}

var planned = regexp.MustCompile(`(?i)^\s*(WITH|SELECT|INSERT|UPDATE|DELETE|MERGE)\b`)

// traced is a pool of sessions that act as the services' do, whose statements are Sent.
func traced(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	acting, err := postgres.OpenApp(t.Context(), url)
	Must(t, err)
	acting.Close()
	config := acting.Config()
	config.ConnConfig.Tracer = Sent
	acting, err = pgxpool.NewWithConfig(t.Context(), config)
	Must(t, err)
	t.Cleanup(acting.Close)
	return acting
}

// node is a part of a plan, as EXPLAIN tells of it.
type node struct {
	Type  string `json:"Node Type"`
	Table string `json:"Relation Name"`
	Index string `json:"Index Name"`
	Cond  string `json:"Index Cond"`
	Plans []node
}

// short are tables that never have many rows: one, one for each account or mode, or as many as
// have two of the same ID at Stripe.
var short = map[string]bool{
	"clock": true, "account_full": true, "standstill": true, "mail_outage": true, "mail_drops": true, "mail_domains": true,
	"payments_modules": true, "webhook_secrets": true, "contact_keys": true, "links_namesakes": true,
}

// whole are parts of statements that may read all that a table has: operators' lists, and
// what retention does once a day.
var whole = []string{"WHERE $1 IN ('', t.slug) ORDER BY", "held_since IS NOT NULL"}

// FindByIndex fails for each new statement that walks through a table, or through the index of
// a whole one, although it might do otherwise: it would take longer the more rows others have.
// Postgres plans them as for golive_app, for arguments that it doesn't know.
func (s *Statements) FindByIndex(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	tx, err := pool.Begin(ctx)
	Must(t, err)
	defer func() { _ = tx.Rollback(ctx) }()
	if !fillLinks(ctx, t, tx) {
		return // what was sent waits for the next test's database
	}
	// Of a table that it knows to be all but empty it would take any index.
	_, err = tx.Exec(ctx, `UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relkind IN ('r', 'i') AND relnamespace = current_schema::regnamespace;
		SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
		SET LOCAL ROLE `+postgres.AppRole)
	Must(t, err)
	part, err := postgres.All(ctx, tx, pgx.RowTo[string], `SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL`)
	Must(t, err)
	for _, sql := range s.news() {
		if slices.ContainsFunc(whole, func(words string) bool { return strings.Contains(sql, words) }) {
			continue
		}
		if walks := explain(t, tx, sql).walks(part); len(walks) > 0 {
			t.Errorf("%s\n\twalks through %s", sql, strings.Join(walks, ", "))
		}
	}
}

// fillLinks gives links some rows, because of a table that has a child Postgres assumes no more
// than it sees. It is false where a test has put a constraint on the table that lets none in.
func fillLinks(ctx context.Context, t testing.TB, tx pgx.Tx) bool {
	t.Helper()
	_, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica;
		INSERT INTO links (live_account_id, test_id, resource, live_id, test_product_id, tenant_id)
			SELECT 'none', n, 'price', n, n, gen_random_uuid() FROM generate_series(1, 1000) n`)
	if postgres.ViolatedConstraint(err) != "" {
		return false
	}
	Must(t, err)
	return true
}

// explain is how Postgres would carry a statement out.
func explain(t testing.TB, tx pgx.Tx, sql string) node {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	_, err := tx.Exec(ctx, `PREPARE walk AS `+sql, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	var args int
	Must(t, tx.QueryRow(ctx, `SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'walk'`).Scan(&args))
	execute := `EXPLAIN (FORMAT JSON) EXECUTE walk`
	if args > 0 {
		execute += `(NULL` + strings.Repeat(`, NULL`, args-1) + `)`
	}
	var plans []struct{ Plan node }
	Must(t, tx.QueryRow(ctx, execute, pgx.QueryExecModeSimpleProtocol).Scan(&plans))
	_, err = tx.Exec(ctx, `DEALLOCATE walk`)
	Must(t, err)
	return plans[0].Plan
}

// walks are the tables that a plan goes through whole; part are the indexes of no whole table.
func (n node) walks(part []string) (all []string) {
	switch {
	case short[n.Table] || short[strings.TrimSuffix(n.Index, "_pkey")] || strings.HasPrefix(n.Table, "river_"):
	case n.Type == "Seq Scan":
		all = append(all, n.Table)
	case n.Index != "" && n.Cond == "" && !slices.Contains(part, n.Index):
		all = append(all, fmt.Sprintf("%s by %s", n.Table, n.Index))
	}
	for _, under := range n.Plans {
		all = append(all, under.walks(part)...)
	}
	return all
}
