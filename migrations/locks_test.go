package migrations_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/golive-hq/golive/migrations"
)

// The table that a statement locks for as long as it looks at rows: heartbeats, clicks
// and due times wait behind it, and a table grows to millions of rows.
var (
	created  = regexp.MustCompile(`(?is)^CREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)`)
	indexed  = regexp.MustCompile(`(?is)^CREATE\s+(?:UNIQUE\s+)?INDEX\s+(CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?\w+\s+ON\s+(\w+)`)
	altered  = regexp.MustCompile(`(?is)^ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(\w+)\s+(.*)`)
	added    = regexp.MustCompile(`(?is)ADD\s+(?:CONSTRAINT\s+\w+\s+)?(?:CHECK|FOREIGN\s+KEY)\b`)
	notValid = regexp.MustCompile(`(?is)\bNOT\s+VALID\b`)
)

var halfMade = regexp.MustCompile(`(?is)^CREATE\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+IF\s+NOT\s+EXISTS`)

// whole are clauses of ALTER TABLE that look at every row under the strongest lock, and
// what to do instead.
var whole = []struct {
	clause  *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`(?is)\bADD\s+(CONSTRAINT\s+\w+\s+)?(UNIQUE|PRIMARY\s+KEY|EXCLUDE)\s*\(`), "CREATE UNIQUE INDEX CONCURRENTLY, then ADD … USING INDEX"},
	{regexp.MustCompile(`(?is)\bADD\s+COLUMN\b[^,;]*\b(CHECK|REFERENCES|UNIQUE|PRIMARY\s+KEY)\b`), "add the column alone, then ADD CONSTRAINT … NOT VALID and VALIDATE CONSTRAINT"},
	{regexp.MustCompile(`(?is)\bADD\s+COLUMN\b[^,;]*\bDEFAULT\s+(clock_timestamp|gen_random_uuid|random|nextval|uuid\w*)\s*\(`), "add the column with a stable default, then ALTER COLUMN … SET DEFAULT"},
	{regexp.MustCompile(`(?is)\bADD\s+COLUMN\b[^,;]*\b(SERIAL|BIGSERIAL|GENERATED)\b`), "add a plain column, and fill it in lots"},
	{regexp.MustCompile(`(?is)\bALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE\b`), "add a column of the new type, and fill it in lots"},
	{regexp.MustCompile(`(?is)\bSET\s+NOT\s+NULL\b`), "ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID, and VALIDATE CONSTRAINT"},
	{regexp.MustCompile(`(?is)\bSET\s+(LOGGED|UNLOGGED|TABLESPACE)\b`), "make a new table"},
}

// locking says what is wrong with a statement; old are the tables that were there before
// its migration.
func locking(statement string, old func(table string) bool) string {
	statement = strings.TrimSpace(sqlComment.ReplaceAllString(statement, ""))
	if m := indexed.FindStringSubmatch(statement); m != nil && m[1] == "" && old(m[2]) {
		return "CREATE INDEX locks " + m[2] + ": use CREATE INDEX CONCURRENTLY"
	}
	for _, word := range []string{"LOCK", "CLUSTER", "VACUUM", "TRUNCATE", "UPDATE", "DELETE"} {
		if strings.HasPrefix(strings.ToUpper(statement), word+" ") {
			return word + " takes as long as the table is large: do it in lots, from the service"
		}
	}
	if halfMade.MatchString(statement) {
		return "a migration that was killed leaves an invalid index, which IF NOT EXISTS takes for made: use DROP INDEX CONCURRENTLY IF EXISTS before"
	}
	if m := regexp.MustCompile(`(?is)^(DROP\s+INDEX|REINDEX\s+\w+)\s+(CONCURRENTLY)?`).FindStringSubmatch(statement); m != nil && m[2] == "" {
		return m[1] + " waits for, and then blocks, all who use the table: use " + m[1] + " CONCURRENTLY"
	}
	m := altered.FindStringSubmatch(statement)
	if m == nil || !old(m[1]) {
		return ""
	}
	if n := len(added.FindAllString(m[2], -1)); n > len(notValid.FindAllString(m[2], -1)) {
		return "ADD CONSTRAINT looks at every row of " + m[1] + ": make it NOT VALID, and VALIDATE CONSTRAINT in a statement of its own"
	}
	for _, w := range whole {
		if w.clause.MatchString(m[2]) {
			return w.clause.FindString(m[2]) + " looks at every row of " + m[1] + ": " + w.instead
		}
	}
	return ""
}

// statements of a migration's way up; what stands between StatementBegin and
// StatementEnd is the body of a function, which is not run.
func statements(text string) []string {
	up, _, _ := strings.Cut(text, "-- +goose Down")
	body := regexp.MustCompile(`(?s)-- \+goose StatementBegin.*?-- \+goose StatementEnd`)
	return strings.Split(sqlComment.ReplaceAllString(body.ReplaceAllString(up, ""), ""), ";")
}

// The first seven made the tables of the first version: nobody had data then.
const firstVersion = "00007"

func TestMigrationsLockNoTableForLong(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := migrations.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name > firstVersion+"~" {
			for _, fault := range faults(string(text)) {
				t.Errorf("%s: %s", name, fault)
			}
		}
	}
}

func faults(migration string) (found []string) {
	own := map[string]bool{}
	for _, s := range statements(migration) {
		s = strings.TrimSpace(s)
		if m := created.FindStringSubmatch(s); m != nil {
			own[m[1]] = true
		}
		if fault := locking(s, func(table string) bool { return !own[table] }); fault != "" {
			found = append(found, fault)
		}
		without := strings.Contains(migration, "-- +goose NO TRANSACTION")
		if concurrent := strings.Contains(strings.ToUpper(s), "CONCURRENTLY") || strings.Contains(strings.ToUpper(s), "VALIDATE CONSTRAINT"); concurrent && !without {
			found = append(found, "this needs -- +goose NO TRANSACTION, or the locks of the whole migration are held all along: "+s)
		}
	}
	return found
}

func TestTheLintFindsWhatLocks(t *testing.T) {
	t.Parallel()
	const apart = "-- +goose NO TRANSACTION\n-- +goose Up\n"
	for _, bad := range []string{
		"CREATE INDEX a ON deployments (b);",
		"CREATE UNIQUE INDEX a ON deployments (b);",
		"CREATE INDEX CONCURRENTLY a ON deployments (b);", // in a transaction
		apart + "CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON deployments (b);",
		apart + "DROP INDEX a;",
		apart + "REINDEX TABLE deployments;",
		"ALTER TABLE deployments ADD CONSTRAINT a CHECK (b > 0);",
		"ALTER TABLE deployments ADD CONSTRAINT a CHECK (b > 0) NOT VALID, ADD CHECK (c > 0);",
		"ALTER TABLE deployments ADD CONSTRAINT a CHECK (b > 0) NOT VALID;\nALTER TABLE deployments VALIDATE CONSTRAINT a;",
		"ALTER TABLE deployments ADD CONSTRAINT a FOREIGN KEY (b) REFERENCES c;",
		"ALTER TABLE deployments ADD CONSTRAINT a UNIQUE (b);",
		"ALTER TABLE deployments ADD COLUMN a int CHECK (a > 0);",
		"ALTER TABLE deployments ADD COLUMN a uuid REFERENCES tenants;",
		"ALTER TABLE deployments ADD COLUMN a timestamptz NOT NULL DEFAULT clock_timestamp();",
		"ALTER TABLE deployments ADD COLUMN a bigserial;",
		"ALTER TABLE deployments ALTER COLUMN a TYPE bigint;",
		"ALTER TABLE deployments ALTER COLUMN a SET NOT NULL;",
		"UPDATE deployments SET a = 1;",
		"LOCK TABLE deployments;",
	} {
		if len(faults(bad)) == 0 {
			t.Errorf("nothing is said of %s", bad)
		}
	}
	for _, good := range []string{
		"CREATE TABLE a (b int CHECK (b > 0));\nCREATE INDEX c ON a (b);\nALTER TABLE a ADD CONSTRAINT d CHECK (b > 1);",
		apart + "CREATE INDEX CONCURRENTLY a ON deployments (b);",
		"ALTER TABLE deployments ADD COLUMN a int NOT NULL DEFAULT 0;",
		"ALTER TABLE deployments ADD CONSTRAINT a CHECK (b > 0) NOT VALID;",
		apart + "ALTER TABLE deployments VALIDATE CONSTRAINT a;",
	} {
		if said := faults(good); len(said) > 0 {
			t.Errorf("%s: %q", good, said)
		}
	}
}
