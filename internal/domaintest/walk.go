package domaintest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// FindByIndex fails for each new statement that walks through a table, or through a whole
// index, although it might do otherwise: it would take longer the more rows others have. A
// test calls it when its services have ended, and so the last one misses nothing.
func (s *Statements) FindByIndex(t testing.TB) {
	t.Helper()
	s.judging.Lock()
	defer s.judging.Unlock()
	for _, sql := range s.News() {
		walks, err := Walks(context.WithoutCancel(t.Context()), sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		s.judged(sql)
		if len(walks) > 0 {
			t.Errorf("%s\n\twalks through %s", sql, strings.Join(walks, ", "))
		}
	}
}

// planning is held by whoever uses the planner, which has one session.
var planning sync.Mutex

// Walks are the tables that a statement goes through whole and should not.
func Walks(ctx context.Context, sql string) ([]string, error) {
	planning.Lock()
	defer planning.Unlock()
	p, err := thePlanner()
	if err != nil {
		return nil, err
	}
	plan, err := p.explain(ctx, sql)
	return p.walks(sql, plan), err
}

// planner has Postgres plan statements as for golive_app, for arguments that it doesn't know.
type planner struct {
	conn *pgx.Conn
	// indexes by name.
	indexes map[string]index
}

// index is of a table, and begins with a column or an expression.
type index struct{ Name, Table, First string }

// thePlanner is in a database that is no test's: tests rename tables of theirs, and take
// policies away.
var thePlanner = sync.OnceValues(newPlanner)

func newPlanner() (*planner, error) {
	ctx := context.Background()
	url, err := pgtest.Kept(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	p := &planner{conn: conn, indexes: map[string]index{}}
	if err := p.readIndexes(ctx); err != nil {
		return nil, err
	}
	// links has a child, and of such a table Postgres assumes no more rows than it sees. Of one
	// that it knows to be all but empty it would take any index.
	_, err = conn.Exec(ctx, `SET session_replication_role = replica;
		INSERT INTO links (live_account_id, test_id, resource, live_id, test_product_id, tenant_id)
			SELECT 'none', n, 'price', n, n, gen_random_uuid() FROM generate_series(1, 1000) n;
		UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relkind IN ('r', 'i') AND relnamespace = current_schema::regnamespace;
		SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
		SET ROLE `+postgres.AppRole)
	return p, err
}

func (p *planner) readIndexes(ctx context.Context) error {
	all, err := postgres.All(ctx, p.conn, pgx.RowToStructByName[index], `SELECT indexrelid::regclass::text AS name,
		indrelid::regclass::text AS table, pg_get_indexdef(indexrelid, 1, false) AS first FROM pg_index`)
	for _, one := range all {
		p.indexes[one.Name] = one
	}
	return err
}

// node is a part of a plan, as EXPLAIN tells of it.
type node struct {
	Type  string `json:"Node Type"`
	Table string `json:"Relation Name"`
	Index string `json:"Index Name"`
	Cond  string `json:"Index Cond"`
	Plans []node
}

// explain is how Postgres would carry a statement out.
func (p *planner) explain(ctx context.Context, sql string) (plan node, err error) {
	if _, err := p.conn.Exec(ctx, `PREPARE walk AS `+sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		return plan, err
	}
	defer func() {
		_, again := p.conn.Exec(ctx, `DEALLOCATE walk`)
		err = errors.Join(err, again)
	}()
	var args int
	if err := p.conn.QueryRow(ctx, `SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'walk'`).Scan(&args); err != nil {
		return plan, err
	}
	execute := `EXPLAIN (FORMAT JSON) EXECUTE walk`
	if args > 0 {
		execute += `(NULL` + strings.Repeat(`, NULL`, args-1) + `)`
	}
	var plans []struct{ Plan node }
	if err := p.conn.QueryRow(ctx, execute, pgx.QueryExecModeSimpleProtocol).Scan(&plans); err != nil {
		return plan, err
	}
	return plans[0].Plan, nil
}

// walks are the tables that a plan of a statement goes through whole.
func (p *planner) walks(sql string, n node) (all []string) {
	table, index := n.Table, p.indexes[n.Index]
	if table == "" {
		table = index.Table // of an index alone EXPLAIN doesn't tell it
	}
	switch {
	case mayWalk(sql, table, n.Index):
	case n.Type == "Seq Scan":
		all = append(all, table)
	case n.Index != "" && !narrows(n.Cond, index.First):
		all = append(all, fmt.Sprintf("%s by %s", table, n.Index))
	}
	for _, under := range n.Plans {
		all = append(all, p.walks(sql, under)...)
	}
	return all
}

var notNull = regexp.MustCompile(`\([^()]* IS NOT NULL\)`)

// narrows tells whether a condition of an index says where in it to look: what it says of
// other columns than the first, or that there is one, leaves all to be read. The columns of
// other tables have a name before them.
func narrows(cond, first string) bool {
	cond = notNull.ReplaceAllString(cond, "")
	return regexp.MustCompile(`(^|[^.\w])` + regexp.QuoteMeta(first) + `($|\W)`).MatchString(cond)
}
