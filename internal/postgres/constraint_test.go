package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

func TestConstraintsAreToldApart(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	exec(t, pool, `CREATE TABLE things (
		id   uuid CONSTRAINT things_pkey PRIMARY KEY,
		n    int  CONSTRAINT things_positive CHECK (n > 0),
		kind text);
		CREATE UNIQUE INDEX things_one_kind ON things (kind);
		INSERT INTO things VALUES (gen_random_uuid(), 1, 'x')`)
	cases := map[string]struct {
		sql       string
		violated  string
		unique    bool // of things_one_kind
		malformed bool
	}{
		"unique": {sql: `INSERT INTO things VALUES (gen_random_uuid(), 1, $1)`, violated: "things_one_kind", unique: true},
		"check":  {sql: `INSERT INTO things VALUES (gen_random_uuid(), 0, $1 || 'y')`, violated: "things_positive"},
		"bad id": {sql: `SELECT FROM things WHERE id = $1`, malformed: true},
		"syntax": {sql: `SELEKT $1`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pool.Exec(context.Background(), c.sql, "x")
			err = fmt.Errorf("wrapped: %w", err)
			if got := postgres.ViolatedConstraint(err); got != c.violated {
				t.Errorf("violated %q, want %q (%v)", got, c.violated, err)
			}
			if got := postgres.IsUnique(err, "things_one_kind"); got != c.unique {
				t.Errorf("unique %v, want %v (%v)", got, c.unique, err)
			}
			if got := postgres.IsBadID(err); got != c.malformed {
				t.Errorf("bad id %v, want %v (%v)", got, c.malformed, err)
			}
		})
	}
	_, err := postgres.All(context.Background(), pool, pgx.RowTo[int], `SELECT n FROM things WHERE kind = $1`, "\x00")
	if fault.CodeOf(err) != fault.InvalidInput || !postgres.IsBadID(err) {
		t.Errorf("U+0000: %v", err)
	}
	_, err = postgres.One(context.Background(), pool, pgx.RowTo[int], nil, `SELECT n FROM things WHERE kind = ($1::json ->> 'a')`, `{"a":"\u0000"}`)
	if fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("U+0000 in JSON: %v", err)
	}
	err = postgres.InTx(context.Background(), pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), `INSERT INTO things VALUES (gen_random_uuid(), 1, $1)`, "\xff")
		return err
	})
	if fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("no UTF-8: %v", err)
	}
	if postgres.ViolatedConstraint(errors.New("x")) != "" || postgres.IsBadID(nil) {
		t.Error("an error that is not of Postgres was taken for one")
	}
}
