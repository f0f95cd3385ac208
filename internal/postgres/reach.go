package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Reach is work that goes across tenants. Each one's name stands in the policies of the
// tables that it needs, and opens no other.
type Reach string

const (
	// Sweeps are what workers do for all tenants, and what metrics and the doctor count.
	Sweeps Reach = "sweeps"
	// Operators are whoever works with the command line and DATABASE_URL.
	Operators Reach = "operators"
	// Door is finding out who somebody is by what they show, and what belongs to a person
	// and to no tenant.
	Door Reach = "door"
	// LiveObjects is what stands in one Stripe account, whosever tenants share it.
	LiveObjects Reach = "live objects"
	// Retention is taking away what has been over for long enough, which knows who is on hold.
	Retention Reach = "retention"
	// Auditing is what changes or takes away entries of audit logs. It has a role of its own.
	Auditing Reach = "auditing"
)

// The roles as which our sessions act. AppRole may do all that the service does but change
// what was written in an audit log; AuditRole is for that.
const (
	AppRole   = "golive_app"
	AuditRole = "golive_audit"
)

// reach is what somebody may reach of the tables that row security keeps. As a value it
// compares.
type reach struct {
	across  Reach
	tenants string // as Postgres writes an array of them, sorted
}

type reachKeyType struct{}

// For lets statements under the returned context reach the rows of these tenants, and of no
// other. Under a context of which nothing is said they reach none.
func For(ctx context.Context, tenantIDs ...string) context.Context {
	ids := slices.Sorted(slices.Values(tenantIDs))
	return context.WithValue(ctx, reachKeyType{}, reach{tenants: "{" + strings.Join(slices.Compact(ids), ",") + "}"})
}

// Across lets statements under the returned context reach the rows of all tenants, in the
// tables that the reach is for. Each caller has a reason, which a test lists.
func Across(ctx context.Context, r Reach) context.Context {
	return context.WithValue(ctx, reachKeyType{}, reach{across: r, tenants: "{}"})
}

// Including returns a context in which these tenants can be reached: ctx where they can be
// already, else For them alone.
func Including(ctx context.Context, tenantIDs ...string) context.Context {
	has := strings.Split(strings.Trim(reachOf(ctx).tenants, "{}"), ",")
	for _, id := range tenantIDs {
		if !slices.Contains(has, id) {
			return For(ctx, tenantIDs...)
		}
	}
	return ctx
}

func reachOf(ctx context.Context) reach {
	if r, ok := ctx.Value(reachKeyType{}).(reach); ok {
		return r
	}
	return reach{tenants: "{}"}
}

func (r reach) role() string {
	if r.across == Auditing {
		return AuditRole
	}
	return AppRole
}

// reachKey is where a session that acts as one of the roles keeps what it last set. Others
// have nothing there, and reach what their role does.
const reachKey = "golive.reach"

// setReach says to the session what it may reach, until its end or, local, that of its
// transaction.
func setReach(ctx context.Context, conn *pgconn.PgConn, r reach, local bool) error {
	const sql = "SELECT set_config('role', %[1]s, %[4]t), set_config('golive.reach', %[2]s, %[4]t), set_config('golive.tenants', %[3]s, %[4]t)"
	_, err := conn.Exec(ctx, fmt.Sprintf(sql, quoted(r.role()), quoted(string(r.across)), quoted(r.tenants), local)).ReadAll()
	if err != nil {
		return fmt.Errorf("say which rows may be reached: %w", err)
	}
	return nil
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// assume makes the session reach what ctx says, where it does not yet.
func assume(ctx context.Context, conn *pgx.Conn) error {
	data, want := conn.PgConn().CustomData(), reachOf(ctx)
	if data[reachKey] == want {
		return nil
	}
	was, _ := data[reachKey].(reach)
	data[reachKey] = reach{} // what nobody wants: whether an attempt that failed took effect is not known
	if err := reachFrom(ctx, conn.PgConn(), was, want); err != nil {
		return err
	}
	data[reachKey] = want
	return nil
}

// reachFrom says to the session no more than what changes: sessions go from one tenant to the
// next at nearly each statement, and SET needs no plan.
func reachFrom(ctx context.Context, conn *pgconn.PgConn, was, want reach) error {
	if was.tenants == "" || was.across != want.across {
		return setReach(ctx, conn, want, false)
	}
	if _, err := conn.Exec(ctx, "SET golive.tenants = "+quoted(want.tenants)).ReadAll(); err != nil {
		return fmt.Errorf("say which rows may be reached: %w", err)
	}
	return nil
}

// Within a transaction each statement reaches what its context says. That is said to the
// transaction alone: what the session reaches stays what its pool knows.

// reached is what a transaction and its savepoints reach at the moment.
type reached struct{ now reach }

// reachedBy is nil where the session acts as none of our roles.
func reachedBy(tx pgx.Tx, outer Beginner) *reached {
	if to, nested := outer.(*waiting); nested {
		return to.reached
	}
	if r, ok := tx.Conn().PgConn().CustomData()[reachKey].(reach); ok {
		return &reached{r}
	}
	return nil
}

// unless returns what takes back, after a savepoint was rolled back, what was said in it.
func (r *reached) unless(err *error) func() {
	if r == nil {
		return func() {}
	}
	before := r.now
	return func() {
		if *err != nil {
			r.now = before
		}
	}
}

func (t *waiting) assume(ctx context.Context) error {
	want := reachOf(ctx)
	if t.reached == nil || t.reached.now == want {
		return nil
	}
	if err := setReach(ctx, t.Conn().PgConn(), want, true); err != nil {
		return err
	}
	t.reached.now = want
	return nil
}

// Exec is pgx's, within the reach of ctx.
func (t *waiting) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := t.assume(ctx); err != nil {
		return pgconn.CommandTag{}, err
	}
	return t.Tx.Exec(ctx, sql, args...)
}

// Query is pgx's, within the reach of ctx.
func (t *waiting) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := t.assume(ctx); err != nil {
		return nil, err
	}
	return t.Tx.Query(ctx, sql, args...)
}

// QueryRow is pgx's, within the reach of ctx.
func (t *waiting) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := t.assume(ctx); err != nil {
		return failedRow{err}
	}
	return t.Tx.QueryRow(ctx, sql, args...)
}

// SendBatch is pgx's, within the reach of ctx.
func (t *waiting) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if err := t.assume(ctx); err != nil {
		return failedBatch{err}
	}
	return t.Tx.SendBatch(ctx, b)
}

// CopyFrom is pgx's, within the reach of ctx.
func (t *waiting) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	if err := t.assume(ctx); err != nil {
		return 0, err
	}
	return t.Tx.CopyFrom(ctx, table, columns, rows)
}

// failedRow and failedBatch tell of the error where pgx tells of its own.
type failedRow struct{ err error }

func (f failedRow) Scan(...any) error { return f.err }

type failedBatch struct{ err error }

func (f failedBatch) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, f.err }
func (f failedBatch) Query() (pgx.Rows, error)         { return nil, f.err }
func (f failedBatch) QueryRow() pgx.Row                { return failedRow(f) }
func (f failedBatch) Close() error                     { return f.err }
func (f failedBatch) Tx() pgx.Tx                       { return nil }
