package outbox

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// waits are rows that can be handed out, as their indexes have them.
const waits = `state = 'WAITING' AND (digest IS NULL OR digest = id)`

// dueNoticesSQL looks into each class of importance by itself, so that the index answers
// however much waits in the others. Where more is due than it looks at, the oldest may all
// be one tenant's: there it goes from tenant to tenant and takes a few of each. The
// mails of a class are in turns: the first of each tenant, then the second of each, and
// it begins after the tenant that was last.
//
// The state is asked again for rows that another sweep has just had; in a form that keeps
// the planner from reading all that waits beside their ids.
const dueNoticesSQL = `WITH RECURSIVE oldest AS MATERIALIZED (
		SELECT class, m.* FROM generate_series(1, 5) AS class CROSS JOIN LATERAL (
			SELECT id, tenant_id, due_at FROM mails WHERE ` + waits + ` AND importance = class AND next_at <= (SELECT golive_now())
			ORDER BY next_at LIMIT $1) AS m
	), deep AS MATERIALIZED (
		SELECT class FROM oldest GROUP BY class HAVING count(*) = $1
	), each AS (
		SELECT class, (SELECT tenant_id FROM mails WHERE ` + waits + ` AND importance = class ORDER BY tenant_id LIMIT 1) AS tenant_id FROM deep
		UNION ALL
		SELECT class, (SELECT tenant_id FROM mails WHERE ` + waits + ` AND importance = class AND tenant_id > t.tenant_id ORDER BY tenant_id LIMIT 1)
		FROM each t WHERE tenant_id IS NOT NULL
	), found AS (
		SELECT class, id, tenant_id, due_at FROM oldest WHERE class NOT IN (SELECT class FROM deep)
		UNION ALL
		SELECT class, m.* FROM each t CROSS JOIN LATERAL (
			SELECT id, tenant_id, due_at FROM mails WHERE ` + waits + ` AND importance = class AND tenant_id = t.tenant_id
				AND next_at <= (SELECT golive_now()) ORDER BY next_at LIMIT $2) AS m
	), queue AS MATERIALIZED (
		SELECT id, row_number() OVER (ORDER BY class, turn, tenant_id::text <= $3, tenant_id) AS place FROM (
			SELECT *, row_number() OVER (PARTITION BY class, tenant_id ORDER BY due_at, id) AS turn FROM found) AS f
		ORDER BY place LIMIT $1
	)
	SELECT m.id, m.tenant_id::text, recipient, kind, importance, digest, dispatch, coalesce(scheduled_for > due_at, false) AS early
	FROM mails m WHERE state || '' = 'WAITING' AND id = ANY(ARRAY(SELECT id FROM queue))
	ORDER BY array_position(ARRAY(SELECT id FROM queue ORDER BY place), id) FOR UPDATE OF m SKIP LOCKED`

func (s *Service) dueNotices(ctx context.Context, tx pgx.Tx) ([]dueNotice, error) {
	return postgres.All(ctx, tx, pgx.RowToStructByName[dueNotice], dueNoticesSQL, look, turn, s.turns.last())
}

// turns know whose turn it is in this process.
type turns struct {
	mu     sync.Mutex
	tenant string
}

// last is the tenant who had the last turn, "" at first.
func (t *turns) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tenant
}

// share is what one tenant has of a class.
type share struct {
	TenantID   string `db:"tenant_id"`
	Importance int    `db:"importance"`
}

// take returns at most room of the mails, and no more of one tenant in one class than is
// its turn: those that River has already make the next tenant wait.
func (t *turns) take(ctx context.Context, tx pgx.Tx, ready []dueNotice, room int) ([]dueNotice, error) {
	queued, err := postgres.All(ctx, tx, pgx.RowToStructByName[share], `SELECT tenant_id::text, importance FROM mails WHERE state = 'QUEUED'`)
	if err != nil {
		return nil, err
	}
	has := map[share]int{}
	for _, q := range queued {
		has[q]++
	}
	var taken []dueNotice
	for _, m := range ready {
		of := share{m.TenantID, m.Importance}
		if has[of]++; has[of] <= turn && len(taken) < room {
			taken = append(taken, m)
			t.served(m.TenantID)
		}
	}
	return taken, nil
}

func (t *turns) served(tenantID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tenant = tenantID
}
