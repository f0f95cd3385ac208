package runner_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/pgtest"
)

// Whoever runs the server set it up for other programs as well, and hangs a column of
// theirs on each table: nothing of ours depends on either.
func TestSettingsOfTheDatabaseChangeNothing(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	conn, err := pgx.Connect(t.Context(), url)
	domaintest.Must(t, err)
	_, err = conn.Exec(t.Context(), `DO $$ DECLARE s record; t text; BEGIN
		FOR s IN SELECT * FROM (VALUES ('default_transaction_isolation', 'serializable'), ('default_transaction_deferrable', 'on'),
			('timezone', 'Asia/Kathmandu'), ('datestyle', 'SQL, DMY'), ('intervalstyle', 'iso_8601'), ('bytea_output', 'escape'),
			('search_path', 'public, pg_catalog'), ('transform_null_equals', 'on'), ('statement_timeout', '20'),
			('lock_timeout', '1'), ('idle_session_timeout', '50'), ('idle_in_transaction_session_timeout', '1')) AS v (name, value)
		LOOP EXECUTE format('ALTER DATABASE %I SET %s = %s', current_database(), s.name,
			CASE s.name WHEN 'search_path' THEN s.value ELSE quote_literal(s.value) END);
		END LOOP;
		FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT LIKE 'river%'
		LOOP EXECUTE format('ALTER TABLE %I ADD COLUMN IF NOT EXISTS noted_by_operations text DEFAULT %L', t, 'x');
		END LOOP; END $$`)
	domaintest.Must(t, err)
	domaintest.Must(t, conn.Close(t.Context()))

	st := domaintest.NewOn(t, url)
	st.Work(t)
	first := st.Completed(t, st.Product(t, domaintest.Simple))
	st.RolledBack(t, first.ID)
	d := st.InAnHour(t, domaintest.Simple)
	st.At(t, d.DueAt.Add(time.Second))
	if end := st.End(t, d.ID); end.Status != deployment.Completed {
		t.Fatalf("%s: %s", end.Status, end.ProgressMessage)
	}
}
