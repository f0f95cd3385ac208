package importing

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

// What one import may read.
const (
	MostProducts = 10_000
	MostBytes    = 256 << 20
)

// Import is one import as people see it.
type Import struct {
	// ID is a UUIDv7.
	ID       string `db:"id"`
	TenantID string `db:"tenant_id"`
	// By is who started it.
	By         string     `db:"requested_by"`
	StartedAt  time.Time  `db:"started_at"`
	FinishedAt *time.Time `db:"finished_at"`
	// Read counts the products read so far; the others are 0 before the end.
	Read    int `db:"read"`
	Added   int `db:"added"`
	Changed int `db:"changed"`
	Gone    int `db:"gone"`
	// Error is what went wrong, nil where nothing did or it is not over.
	Error *string `db:"error"`
}

// Stripe is the test account of a tenant.
type Stripe interface {
	// Page reads one page of a list, the one after an id or the first for "".
	Page(ctx context.Context, list catalog.List, after string) (catalog.Page, error)
	// Catalogue reads the products with these ids, with their prices; those that do not
	// exist are absent.
	Catalogue(ctx context.Context, productIDs []string) ([]catalog.Snapshot, error)
}

// Deps is what a Service needs.
type Deps struct {
	DB          *pgxpool.Pool
	Connections *connection.Service
	Jobs        *river.Client[pgx.Tx]
	Notify      *postgres.Notifier
	Hub         *postgres.Hub
	Log         *slog.Logger
	// Open gives access to the test account behind a key.
	Open func(accountID, key string) Stripe
	// Lease is how long a worker that says nothing keeps an import.
	Lease time.Duration
}

// Service holds the use cases.
type Service struct {
	Deps
	// Patience is how long a caller waits for the end of an import, and WorkerPatience for
	// a worker to take it up.
	Patience, WorkerPatience time.Duration
}

// New returns a Service. Callers wait a little less than the five minutes that they have.
func New(deps Deps) *Service {
	return &Service{Deps: deps, Patience: 4*time.Minute + 45*time.Second, WorkerPatience: 30 * time.Second}
}

// Topic rings when the newest import of a tenant changes.
func Topic(tenantID string) string { return "import/" + tenantID }

// Newest is the tenant's newest import, nil where there was none.
func (s *Service) Newest(ctx context.Context, tenantID string) (*Import, error) {
	if err := tenant.Require(ctx, tenantID, tenant.RoleViewer); err != nil {
		return nil, err
	}
	return NewestOf(ctx, s.DB, tenantID)
}

// row is an import as it is stored.
type row struct {
	Import
	AccountID  string   `db:"account_id"`
	Asked      []string `db:"asked"`
	Credential string   `db:"credential"`
	// Kind, RequestID and Remote are for the audit log.
	Kind      string     `db:"actor_kind"`
	RequestID string     `db:"request_id"`
	Remote    string     `db:"remote_address"`
	BegunAt   *time.Time `db:"begun_at"`
	Place     place      `db:"place"`
	Imported  int        `db:"imported"`
	Code      *string    `db:"error_code"`
	Field     []string   `db:"error_field"`
	JobID     *int64     `db:"job_id"`
	Epoch     int64      `db:"epoch"`
}

func (r *row) arrivals() *product.Arrivals {
	return &product.Arrivals{ImportID: r.ID, TenantID: r.TenantID, AccountID: r.AccountID, Asked: r.Asked}
}

// outcome is what the one who asked for it is told once it has ended.
func (r *row) outcome() (product.ImportResult, error) {
	result := product.ImportResult{Imported: r.Imported, Added: r.Added, Changed: r.Changed, Gone: r.Gone}
	switch {
	case r.Code == nil:
		return result, nil
	case *r.Code == string(fault.Internal):
		return result, fmt.Errorf("import %s failed: a worker's log says why", r.ID)
	}
	return result, fault.New(fault.Code(*r.Code), "%s", *r.Error).At(r.Field...)
}
