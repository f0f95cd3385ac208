package outbox

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/postgres"
)

// stale is the age at which nobody needs a notice any more.
const stale = 7 * 24 * time.Hour

// noticesOf reads a notice and, where its mail is a digest, all that it tells of.
func (s *Service) noticesOf(ctx context.Context, db postgres.Querier, id int64) ([]Notice, error) {
	return postgres.All(ctx, db, pgx.RowToStructByName[Notice], `SELECT m.id, m.tenant_id::text, coalesce(m.deployment_id, m.invitation_id, m.subject_id)::text AS subject, m.version, m.kind,
			m.remind_minutes, m.recipient, m.scheduled_for, m.actor, m.required, m.due_at, m.digest, m.attempts, m.unanswered, golive_now() AS now,
			coalesce(i.arrived, false) AS invited, NOT coalesce(i.arrived, true) AS missed,
			coalesce(i.arrived, false) AND (m.kind = ANY($3) OR m.kind = ANY($4) AND m.scheduled_for > m.due_at)
				OR `+notify.WantedSQL("m.tenant_id", "m.recipient", "m.kind", "true")+` AS wanted
		FROM mails m LEFT JOIN LATERAL (SELECT bool_or(state = 'SENT' OR unanswered > 0) AS arrived FROM mails
			WHERE deployment_id = m.deployment_id AND recipient = m.recipient AND kind = ANY($2) AND id < m.id) AS i ON true
		WHERE (m.id = $1 OR m.digest = $1) AND m.settled_at IS NULL
		ORDER BY m.id <> $1, m.scheduled_for, m.id`, id, s.kindsThat(Enters), s.kindsThat(Enters, Leaves), s.kindsThat(Follows))
}

// pointless tells that nobody wants the notice, or needs it any more, whatever it says. What
// never came into a calendar need not leave it.
func (n Notice) pointless(does Calendar) bool {
	return n.Now.Sub(n.DueAt) > stale || !n.Required && !n.Wanted || does == Leaves && n.Missed
}

// judged composes where the recipient, who is one, may be told.
func (s *Service) judged(ctx context.Context, notices []Notice) (Composed, error) {
	is, err := s.Judge(ctx, notices[0])
	if err != nil || !is.Told {
		return Composed{Moot: notices}, err
	}
	for i := range notices {
		notices[i].Member = is.Member
	}
	return s.compose(ctx, notices)
}

// compose asks the users for a mail about those notices that have a point.
func (s *Service) compose(ctx context.Context, notices []Notice) (Composed, error) {
	var left, moot []Notice
	for _, n := range notices {
		if n.pointless(s.traits(n.Kind).Calendar) {
			moot = append(moot, n)
		} else {
			left = append(left, n)
		}
	}
	if len(left) == 0 {
		return Composed{Moot: moot}, nil
	}
	c, err := s.Compose(ctx, left)
	c.Moot = append(c.Moot, moot...)
	return c, err
}

// render writes the mail. What somebody has to be told cannot be unsubscribed from.
func (s *Service) render(c Composed) (*mail.Message, error) {
	head, m := c.Live[0], c.Mail
	m.From, m.To, m.Now, m.Uninvited = s.MailFrom, cmp.Or(m.To, head.Recipient), head.Now, !head.Invited
	if !slices.ContainsFunc(c.Live, func(n Notice) bool { return n.Required }) {
		var err error
		if m.UnsubscribeURL, err = s.Choices.UnsubscribeURL(head.TenantID, head.Recipient); err != nil {
			return nil, err
		}
	}
	return mail.Render(m)
}
