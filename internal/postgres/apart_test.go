package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// walk is a database with one row of either tenant in every table.
type walk struct {
	url            string
	owner          *pgxpool.Pool
	mine, theirs   string
	tables         []string
	myRow, theyRow map[string]string // the statements that insert them, by table
}

const anyRow = `SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`

// newWalk takes away all that keeps one row per table from standing alone: what is tested is
// what row security alone does.
func newWalk(t *testing.T) *walk {
	t.Helper()
	url := pgtest.URL(t)
	owner, err := postgres.Open(t.Context(), url)
	must(t, err)
	t.Cleanup(owner.Close)
	w := &walk{url: url, owner: owner, mine: uuid.NewString(), theirs: uuid.NewString(), myRow: map[string]string{}, theyRow: map[string]string{}}
	exec(t, owner, `DO $$ DECLARE c record; BEGIN
		FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace AND conislocal LOOP
			EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', c.t, c.conname);
		END LOOP;
		FOR c IN SELECT DISTINCT event_object_table AS t FROM information_schema.triggers WHERE trigger_schema = 'public' LOOP
			EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', c.t);
		END LOOP; END $$`)
	all, err := postgres.All(t.Context(), owner, pgx.RowTo[string], anyRow)
	must(t, err)
	for _, table := range all {
		if _, apart := postgres.Apart[table]; !apart {
			w.tables = append(w.tables, table)
			w.myRow[table], w.theyRow[table] = w.row(t, table, w.mine), w.row(t, table, w.theirs)
			exec(t, owner, w.myRow[table])
			exec(t, owner, w.theyRow[table])
		}
	}
	return w
}

// row is an INSERT of a row of that tenant. Its deployment, member and so on have the
// tenant's own id: one of each is enough.
func (w *walk) row(t *testing.T, table, tenant string) string {
	t.Helper()
	columns, err := postgres.All(t.Context(), w.owner, pgx.RowTo[string], `SELECT attname || '=' || CASE
			WHEN attname IN ('tenant_id', 'deployment_id') OR attname = 'id' AND $1 IN ('tenants', 'deployments') THEN quote_literal($2::text)
			WHEN attname = 'created_at' THEN 'now()'
			WHEN format_type(atttypid, NULL) = 'uuid' THEN 'gen_random_uuid()'
			WHEN format_type(atttypid, NULL) IN ('jsonb', 'json') THEN quote_literal('{}')
			WHEN format_type(atttypid, NULL) = 'bytea' THEN 'sha256(gen_random_uuid()::text::bytea)'
			WHEN format_type(atttypid, NULL) = 'boolean' THEN 'false'
			WHEN format_type(atttypid, NULL) LIKE '%[]' THEN quote_literal('{}')
			WHEN format_type(atttypid, NULL) LIKE 'timestamp%' OR format_type(atttypid, NULL) = 'date' THEN 'now()'
			WHEN format_type(atttypid, NULL) = 'interval' THEN quote_literal('0')
			WHEN typcategory = 'N' THEN '1'
			ELSE 'gen_random_uuid()::text' END
		FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid WHERE attrelid = ('public.' || $1)::regclass AND attnum > 0 AND NOT attisdropped
			AND attidentity = '' AND attgenerated = '' AND (attnotnull AND NOT atthasdef OR attname IN ('tenant_id', 'deployment_id'))`, table, tenant)
	must(t, err)
	names, values := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		names[i], values[i], _ = strings.Cut(c, "=")
		names[i] = pgx.Identifier{names[i]}.Sanitize()
	}
	return fmt.Sprintf(`INSERT INTO %s (%s) VALUES (%s)`, pgx.Identifier{table}.Sanitize(), strings.Join(names, ", "), strings.Join(values, ", "))
}

// of is the column that says whose a row is, "" where it is nobody's.
func (w *walk) of(table string) string {
	for _, column := range []string{"tenant_id", "deployment_id"} {
		if strings.Contains(w.myRow[table], `"`+column+`"`) {
			return column
		}
	}
	if table == "tenants" {
		return "id"
	}
	return ""
}

// faults walks every table as the service does for one tenant, and returns where it met
// another one.
func (w *walk) faults(t *testing.T) (found []string) {
	t.Helper()
	app, err := postgres.OpenApp(t.Context(), w.url)
	if err != nil {
		return []string{err.Error()}
	}
	defer app.Close()
	fault := func(table, what string) { found = append(found, table+": "+what) }
	for _, table := range w.tables {
		w.tryTable(t, app, table, func(what string) { fault(table, what) })
	}
	return found
}

func (w *walk) tryTable(t *testing.T, app *pgxpool.Pool, table string, fault func(string)) {
	t.Helper()
	of, name, own := w.of(table), pgx.Identifier{table}.Sanitize(), int64(1)
	if of == "" {
		own = 0 // it is nobody's: no tenant reaches any of it
	}
	if n, err := try(t, app, t.Context(), `SELECT FROM `+name); n != 0 || err != nil {
		fault(fmt.Sprintf("who may reach nothing reads %d rows, %v", n, err))
	}
	as := postgres.For(t.Context(), w.mine)
	if n, err := try(t, app, as, `SELECT FROM ONLY `+name); n != own || err != nil {
		fault(fmt.Sprintf("one tenant reads %d rows, %v", n, err))
	}
	column := pgx.Identifier{of}.Sanitize()
	if of == "" {
		column = "ctid" // any will do: there are no rows to change
	}
	if n, err := try(t, app, as, `DELETE FROM ONLY `+name); n != own && !denied(err) {
		fault(fmt.Sprintf("one tenant deletes %d rows, %v", n, err))
	}
	if of != "" {
		if n, err := try(t, app, as, `UPDATE ONLY `+name+` SET `+column+` = `+column); n != own && !denied(err) {
			fault(fmt.Sprintf("one tenant updates %d rows, %v", n, err))
		}
		if _, err := try(t, app, as, `UPDATE ONLY `+name+` SET `+column+` = '`+w.theirs+`'`); !denied(err) {
			fault(fmt.Sprintf("one tenant hands a row to another: %v", err))
		}
	}
	if _, err := try(t, app, as, w.theyRow[table]); !denied(err) {
		fault(fmt.Sprintf("one tenant inserts a row of another: %v", err))
	}
	if _, err := try(t, app, as, `TRUNCATE `+name); !denied(err) {
		fault(fmt.Sprintf("one tenant empties it: %v", err))
	}
}

// denied tells that rights or a policy refused.
func denied(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42501"
}

// try leaves no trace.
func try(t *testing.T, app *pgxpool.Pool, as context.Context, sql string) (n int64, err error) { //nolint:revive // t comes first, as everywhere in tests
	t.Helper()
	back := errors.New("back")
	failed := postgres.InTx(as, app, func(tx pgx.Tx) error {
		tag, failed := tx.Exec(as, sql)
		n, err = tag.RowsAffected(), failed
		return back
	})
	if !errors.Is(failed, back) {
		t.Fatal(failed)
	}
	return n, err
}

func TestTenantsAreApartInEveryTable(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	for _, fault := range w.faults(t) {
		t.Error(fault)
	}
	if len(w.tables) < 20 {
		t.Errorf("walked %q alone", w.tables)
	}
}

// What somebody might do to a table one day.
func TestTheWalkFindsWhatIsOpen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, says string }{
		"no row security":     {`ALTER TABLE products DISABLE ROW LEVEL SECURITY`, "products"},
		"a policy for all":    {`CREATE POLICY all_rows ON products USING (true)`, "products: one tenant reads 2 rows"},
		"rows for the taking": {`CREATE POLICY taking ON mails FOR INSERT WITH CHECK (true)`, "mails: one tenant inserts a row of another"},
		"a policy gone":       {`DROP POLICY tenant_rows ON links`, "links: one tenant reads 0 rows"},
		"entries changed":     {`GRANT TRUNCATE ON audit_log TO golive_app`, "audit_log: one tenant empties it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWalk(t)
			exec(t, w.owner, c.sql)
			if found := w.faults(t); !slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, c.says) }) {
				t.Errorf("found %q", found)
			}
		})
	}
}

// A new table has policies, or a reason to have none.
func TestATableWithoutPoliciesIsFound(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	owner, err := postgres.Open(t.Context(), url)
	must(t, err)
	t.Cleanup(owner.Close)
	open := func() []string {
		found, err := postgres.All(t.Context(), owner, pgx.RowTo[string], `SELECT relname::text FROM pg_class c WHERE relnamespace = 'public'::regnamespace
			AND relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)) ORDER BY 1`)
		must(t, err)
		return slices.DeleteFunc(found, func(table string) bool { return postgres.Apart[table] != "" })
	}
	if found := open(); len(found) > 0 {
		t.Errorf("without row security, and not in postgres.Apart: %q", found)
	}
	exec(t, owner, `CREATE TABLE novelties (tenant_id uuid)`)
	if found := open(); !slices.Equal(found, []string{"novelties"}) {
		t.Errorf("found %q", found)
	}
}
