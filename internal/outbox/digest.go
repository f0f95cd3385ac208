package outbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

const (
	// mailsAlone is how many mails of one kind somebody gets within gatherFor before
	// the next ones are gathered into digests.
	mailsAlone = 3
	gatherFor  = time.Minute
	// digestMost bounds one digest: a longer one nobody reads, and servers refuse.
	digestMost = 200
)

// pile is what one person is to be told of one kind.
type pile struct {
	tenantID, recipient string
	kind                Kind
}

// burden is how much of a pile reached its person of late, or is about to, and how
// much more is due; that one is counted up to mailsAlone+1.
type burden struct {
	Recent  int `db:"recent"`
	Waiting int `db:"waiting"`
}

// gather turns rows into mails: one each, or one for many where somebody would get
// a flood. The first ones go out at once; what comes after a flood has begun waits
// for its minute, and then goes out in one. The order stays.
func (s *Service) gather(ctx context.Context, tx pgx.Tx, due []dueNotice) ([]dueNotice, error) {
	piles := map[pile][]dueNotice{}
	for _, m := range due {
		if !s.alone(m) && m.Digest == nil && m.Dispatch == 0 {
			piles[m.pile()] = append(piles[m.pile()], m)
		}
	}
	burdens, err := burdensOf(ctx, tx, piles)
	if err != nil {
		return nil, err
	}
	waits := map[int64]bool{} // neither alone nor the head of a digest
	for p, rows := range piles {
		b := burdens[p]
		if b.Recent+b.Waiting <= mailsAlone {
			continue
		}
		for _, m := range rows {
			waits[m.ID] = true
		}
		if b.Recent >= mailsAlone {
			err = postpone(ctx, tx, rows)
		} else {
			waits[rows[0].ID] = false
			err = s.makeDigest(ctx, tx, p, rows[0].ID)
		}
		if err != nil {
			return nil, err
		}
	}
	ready := make([]dueNotice, 0, len(due))
	for _, m := range due {
		if !waits[m.ID] {
			ready = append(ready, m)
		}
	}
	return ready, nil
}

// alone tells that the mail is about one subject, since it may change its calendar entry.
func (s *Service) alone(m dueNotice) bool {
	t := s.traits(m.Kind)
	return t.Alone || t.Calendar == Follows && m.Early
}

func (m dueNotice) pile() pile { return pile{m.TenantID, m.Recipient, m.Kind} }

// burdensSQL asks an index for each part, and no further than the answer matters:
// one person may have many thousand reminders that are not due for months. The
// ORDER BY keeps the planner on the index, for a LIMIT alone makes it hope to meet
// due rows early in the table.
const burdensSQL = `SELECT
		(SELECT count(DISTINCT coalesce(digest, id)) FROM (
			SELECT id, digest FROM mails WHERE state = 'QUEUED'
				AND tenant_id = p.tenant_id AND recipient = p.recipient AND kind = p.kind
			UNION ALL
			SELECT id, digest FROM mails WHERE state = 'SENT' AND settled_at > (SELECT golive_now()) - $4::interval
				AND tenant_id = p.tenant_id AND recipient = p.recipient AND kind = p.kind) AS told) AS recent,
		(SELECT count(*) FROM (
			SELECT FROM mails WHERE state = 'WAITING' AND digest IS NULL AND dispatch = 0 AND due_at <= (SELECT golive_now())
				AND tenant_id = p.tenant_id AND recipient = p.recipient AND kind = p.kind
			ORDER BY due_at, id LIMIT $5) AS untold) AS waiting
	FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS p (tenant_id, recipient, kind, n)
	ORDER BY p.n`

func burdensOf(ctx context.Context, tx pgx.Tx, piles map[pile][]dueNotice) (map[pile]burden, error) {
	if len(piles) == 0 {
		return nil, nil
	}
	var keys []pile
	var tenants, recipients, kinds []string
	for p := range piles {
		keys = append(keys, p)
		tenants, recipients, kinds = append(tenants, p.tenantID), append(recipients, p.recipient), append(kinds, string(p.kind))
	}
	counts, err := postgres.All(ctx, tx, pgx.RowToStructByName[burden], burdensSQL, tenants, recipients, kinds, gatherFor, mailsAlone+1)
	out := make(map[pile]burden, len(counts))
	for i, b := range counts {
		out[keys[i]] = b
	}
	return out, err
}

const digestSQL = `UPDATE mails SET digest = $1 WHERE id = ANY($1::bigint || ARRAY(
	SELECT id FROM mails WHERE tenant_id = $2 AND recipient = $3 AND kind = $4
		AND state = 'WAITING' AND dispatch = 0 AND digest IS NULL AND due_at <= (SELECT golive_now()) AND id <> $1
		AND NOT ($6 AND coalesce(scheduled_for > due_at, false))
	ORDER BY due_at, id LIMIT $5 FOR UPDATE SKIP LOCKED))`

// makeDigest lets the mail of head tell of all that waits in its pile. Which rows
// those are stays, so that a second try is the same mail.
func (s *Service) makeDigest(ctx context.Context, tx pgx.Tx, p pile, head int64) error {
	_, err := tx.Exec(ctx, digestSQL, head, p.tenantID, p.recipient, p.kind, digestMost-1, s.traits(p.kind).Calendar == Follows)
	return err
}

func postpone(ctx context.Context, tx pgx.Tx, rows []dueNotice) error {
	ids := make([]int64, len(rows))
	for i, m := range rows {
		ids[i] = m.ID
	}
	_, err := tx.Exec(ctx, `UPDATE mails SET next_at = golive_now() + $2::interval WHERE id = ANY($1)`, ids, gatherFor)
	return err
}
