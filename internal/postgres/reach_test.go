package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// One connection, so that whatever it is left with is met by the next one.
func TestReachFollowsTheContext(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	app, err := postgres.OpenApp(t.Context(), url+separator(url)+"pool_max_conns=1")
	must(t, err)
	t.Cleanup(app.Close)
	a, b := uuid.NewString(), uuid.NewString()
	owner := open(t, url, plainly)
	exec(t, owner, `INSERT INTO tenants (id, slug, name) VALUES ($1, 'a', 'A'), ($2, 'b', 'B')`, a, b)
	count := func(ctx context.Context, db postgres.Querier) int {
		t.Helper()
		n, err := postgres.One(ctx, db, pgx.RowTo[int], nil, `SELECT count(*) FROM tenants`)
		must(t, err)
		return n
	}
	as := func(ids ...string) context.Context { return postgres.For(t.Context(), ids...) }
	all := postgres.Across(t.Context(), postgres.Operators)
	for i, c := range []struct {
		ctx  context.Context
		want int
	}{{t.Context(), 0}, {as(a), 1}, {as(a, b), 2}, {as(b, a, b), 2}, {all, 2}, {as(), 0}, {postgres.Across(t.Context(), postgres.LiveObjects), 0}, {t.Context(), 0}} {
		if got := count(c.ctx, app); got != c.want {
			t.Errorf("%d: %d tenants, want %d", i, got, c.want)
		}
	}
	back := errors.New("back")
	for _, end := range []error{nil, back} {
		err := postgres.InTx(as(a), app, func(tx pgx.Tx) error {
			if n, m, o := count(as(a), tx), count(all, tx), count(as(a), tx); n != 1 || m != 2 || o != 1 {
				t.Errorf("in a transaction: %d, across %d, then %d", n, m, o)
			}
			inner := postgres.InTx(as(a), tx, func(tx pgx.Tx) error {
				if n := count(all, tx); n != 2 {
					t.Errorf("in a savepoint, across: %d", n)
				}
				return back // and with it what was said
			})
			if n := count(as(a), tx); n != 1 || !errors.Is(inner, back) {
				t.Errorf("after a savepoint: %d, %v", n, inner)
			}
			if n := count(all, tx); n != 2 {
				t.Errorf("across after a savepoint: %d", n)
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
		if n, m := count(as(a), app), count(t.Context(), app); n != 1 || m != 0 {
			t.Errorf("after a transaction that ended with %v: %d, and %d for nobody", end, n, m)
		}
	}
	if same := postgres.Including(as(a, b), a); same != as(a, b) && count(same, app) != 2 {
		t.Error("what was included already has changed")
	}
	if n := count(postgres.Including(as(a), b), app); n != 1 {
		t.Errorf("including another: %d", n)
	}
}

// What the audit log holds may be changed by nobody but the role that is for it.
func TestOnlyTheAuditRoleChangesEntries(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	app, err := postgres.OpenApp(t.Context(), w.url)
	must(t, err)
	t.Cleanup(app.Close)
	for _, c := range []struct {
		ctx  context.Context
		want int64
	}{
		{postgres.For(t.Context(), w.mine), 0},
		{postgres.Across(t.Context(), postgres.Sweeps), 0},
		{postgres.Across(t.Context(), postgres.Operators), 0},
		{postgres.Across(t.Context(), postgres.Auditing), 2},
	} {
		for _, sql := range []string{`DELETE FROM audit_log`, `UPDATE audit_log SET action = 'x'`, `DELETE FROM audit_aliases`} {
			if n, err := try(t, app, c.ctx, sql); n != c.want || (c.want == 0) != denied(err) {
				t.Errorf("%s: %d rows, %v", sql, n, err)
			}
		}
	}
	if _, err := try(t, app, postgres.Across(t.Context(), postgres.Auditing), `SELECT FROM deployments`); !denied(err) {
		t.Errorf("who looks after audit logs reads deployments: %v", err)
	}
}
