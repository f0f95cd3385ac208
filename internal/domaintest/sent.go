package domaintest

import (
	"context"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/postgres"
)

// Statements are those that the services of a process have sent, as a pgx.QueryTracer and
// pgx.BatchTracer hears of them, each until it has been judged.
type Statements struct {
	mu   sync.Mutex
	sent map[string]bool // true for one that was judged
	// judging is held by the test that judges, so that no other one judges the same.
	judging sync.Mutex
}

// Sent are all of this process.
var Sent = NewStatements()

// NewStatements are none yet.
func NewStatements() *Statements { return &Statements{sent: map[string]bool{}} }

// TraceQueryStart implements pgx.QueryTracer.
func (s *Statements) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	s.hear(ctx, conn, data.SQL, data.Args)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (s *Statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (s *Statements) TraceBatchStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	for _, query := range data.Batch.QueuedQueries {
		s.hear(ctx, conn, query.SQL, query.Arguments)
	}
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (s *Statements) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (s *Statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

var planned = regexp.MustCompile(`(?i)^\s*(WITH|SELECT|INSERT|UPDATE|DELETE|MERGE)\b`)

func (s *Statements) hear(ctx context.Context, conn *pgx.Conn, sql string, args []any) {
	if len(args) > 0 {
		if named, ok := args[0].(pgx.QueryRewriter); ok {
			sql, _, _ = named.RewriteQuery(ctx, conn, sql, args[1:])
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.sent[sql]; !known && planned.MatchString(sql) {
		s.sent[sql] = false
	}
}

// News are the statements that were not judged yet.
func (s *Statements) News() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sql, judged := range s.sent {
		if !judged {
			all = append(all, sql)
		}
	}
	slices.Sort(all)
	return all
}

func (s *Statements) judged(sql string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent[sql] = true
}

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
