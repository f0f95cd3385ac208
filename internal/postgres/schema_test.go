package postgres_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/migrations"
)

// asFirstWritten are our migrations, with those that were edited later as they once
// were: what a database that was migrated then has gone through.
func asFirstWritten(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, from := range []fs.FS{migrations.FS, os.DirFS("testdata/before")} {
		names, err := fs.Glob(from, "*.sql")
		must(t, err)
		for _, name := range names {
			text, err := fs.ReadFile(from, name)
			must(t, err)
			files[name] = &fstest.MapFile{Data: text}
		}
	}
	return files
}

// schemaOf describes each thing of the schema in a line.
func schemaOf(t *testing.T, url string) []string {
	t.Helper()
	pool, err := postgres.Open(t.Context(), url)
	must(t, err)
	defer pool.Close()
	lines, err := postgres.All(t.Context(), pool, pgx.RowTo[string], `
		SELECT format('column %s.%s %s %s %s %s', attrelid::regclass, attname, attnum, format_type(atttypid, atttypmod), attnotnull,
			(SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum))
		FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0
		UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
		FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT format('index %s %s', indisvalid, pg_get_indexdef(indexrelid))
		FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE relnamespace = 'public'::regnamespace
		UNION ALL SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT format('function %s', pg_get_functiondef(oid)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
		UNION ALL SELECT format('options %s %s', relname, reloptions) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'S')
		ORDER BY 1`)
	must(t, err)
	if len(lines) < 200 {
		t.Fatalf("only %d lines describe the schema", len(lines))
	}
	return lines
}

// A migration that was edited leads where it led before.
func TestUpgradedAndFreshSchemasAreEqual(t *testing.T) {
	t.Parallel()
	upgraded := pgtest.Empty(t)
	must(t, postgres.MigrateBy(t.Context(), upgraded, asFirstWritten(t), postgres.RequiredVersion()))
	was, is := schemaOf(t, upgraded), schemaOf(t, pgtest.URL(t))
	for _, line := range was {
		if !slices.Contains(is, line) {
			t.Errorf("only in the upgraded one: %s", line)
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			t.Errorf("only in the fresh one: %s", line)
		}
	}
}

// One that has no transaction may end anywhere, and is then run again.
func TestMigrationsWithoutTransactionMayBeRepeated(t *testing.T) {
	t.Parallel()
	ours, err := fs.Glob(migrations.FS, "*.sql")
	must(t, err)
	repeated := fstest.MapFS{}
	for _, name := range ours {
		text, err := fs.ReadFile(migrations.FS, name)
		must(t, err)
		up, down, _ := strings.Cut(string(text), "-- +goose Down")
		if strings.Contains(up, "NO TRANSACTION") {
			_, again, _ := strings.Cut(up, "-- +goose Up")
			up += again
		}
		repeated[name] = &fstest.MapFile{Data: []byte(up + "-- +goose Down" + down)}
	}
	url := pgtest.Empty(t)
	must(t, postgres.MigrateBy(t.Context(), url, repeated, postgres.RequiredVersion()))
	if !slices.Equal(schemaOf(t, url), schemaOf(t, pgtest.URL(t))) {
		t.Error("the schema is another one after each statement was repeated")
	}
}
