package outbox

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// Calendar is what a notice does to the entry that its recipient has of its subject.
type Calendar string

// Enters puts it there or moves it, Leaves takes it out. Follows moves it where what it
// tells of came before its time.
const (
	Enters  Calendar = "ENTERS"
	Leaves  Calendar = "LEAVES"
	Follows Calendar = "FOLLOWS"
)

// kindsThat are those that do one of these to calendars.
func (s *Service) kindsThat(do ...Calendar) []Kind {
	kinds := []Kind{}
	for _, t := range s.Kinds {
		if slices.Contains(do, t.Calendar) {
			kinds = append(kinds, t.Kind)
		}
	}
	return kinds
}

// supersededSQL drops what would put an entry where it no longer belongs: something later
// about it is due. It is what compose would find, too, when its turn came.
const supersededSQL = `UPDATE mails SET state = 'DROPPED', settled_at = golive_now() WHERE id = ANY(ARRAY(
	SELECT e.id FROM mails m JOIN mails e ON e.deployment_id = m.deployment_id AND e.recipient = m.recipient AND e.id < m.id
	WHERE m.id = ANY($1) AND e.settled_at IS NULL AND e.state = 'WAITING' AND e.kind = ANY($2) FOR UPDATE OF e SKIP LOCKED))
	RETURNING id`

// overtakingSQL finds those before which something about the same entry is still on its
// way. Servers take seconds, and workers don't wait for each other.
const overtakingSQL = `SELECT m.id FROM mails m WHERE m.id = ANY($1) AND EXISTS (SELECT FROM mails e
	WHERE e.deployment_id = m.deployment_id AND e.recipient = m.recipient AND e.id < m.id AND e.settled_at IS NULL AND e.kind = ANY($2))`

// inOrder keeps the mails about one entry of a calendar in their order: one at a time, and
// of those that wait only the last.
func (s *Service) inOrder(ctx context.Context, tx pgx.Tx, due []dueNotice) ([]dueNotice, error) {
	enters, ids := s.kindsThat(Enters), []int64{}
	for _, m := range due {
		if s.traits(m.Kind).Calendar != "" {
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		return due, nil
	}
	dropped, err := postgres.All(ctx, tx, pgx.RowTo[int64], supersededSQL, ids, enters)
	if err != nil {
		return nil, err
	}
	overtaking, err := postgres.All(ctx, tx, pgx.RowTo[int64], overtakingSQL, ids, enters)
	if err != nil {
		return nil, err
	}
	s.counts.dropped.Add(int64(len(dropped)))
	stay := append(dropped, overtaking...)
	return slices.DeleteFunc(due, func(m dueNotice) bool { return slices.Contains(stay, m.ID) }), nil
}
