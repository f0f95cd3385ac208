package deployment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/postgres"
)

// letter is a mail's row with all that its text needs, as it is now.
type letter struct {
	ID            int64      `db:"id"`
	TenantID      string     `db:"tenant_id"`
	DeploymentID  string     `db:"deployment_id"`
	Version       int        `db:"version"`
	Kind          NoticeKind `db:"kind"`
	RemindMinutes int        `db:"remind_minutes"`
	Recipient     string     `db:"recipient"`
	ScheduledFor  *time.Time `db:"scheduled_for"`
	// Before is what the time was until it was moved, of those that tell of it.
	Before *time.Time `db:"before"`
	// By is whom the text names: who moved or cancelled it, else whose wish it is.
	By       string    `db:"by"`
	Required bool      `db:"required"`
	DueAt    time.Time `db:"due_at"`
	Digest   *int64    `db:"digest"`
	Attempts int       `db:"attempts"`
	// Unanswered counts those of which nobody knows whether they arrived.
	Unanswered int `db:"unanswered"`
	// Now is golive_now().
	Now time.Time `db:"now"`
	// Wanted is what the recipient's switches say.
	Wanted bool `db:"wanted"`

	Tenant     string `db:"tenant"`
	TenantZone string `db:"tenant_zone"`
	Product    string `db:"product"`

	Current    int           `db:"current"` // the deployment's version
	Rollback   bool          `db:"rollback"`
	Status     Status        `db:"status"`
	WaitReason *WaitReason   `db:"wait_reason"`
	TimeZone   *string       `db:"time_zone"`
	Latest     bool          `db:"latest"`
	Late       time.Duration `db:"late"`
	Reason     *string       `db:"reason"`
	Message    string        `db:"progress_message"`
	Error      *Failure      `db:"error"`
	Outcome    *Outcome      `db:"live_outcome"`
}

// byWhomSQL: a mail's row knows whose click it tells of, and nobody of what a worker did.
const byWhomSQL = `CASE m.kind WHEN 'RESCHEDULED' THEN m.actor
	WHEN 'CANCELLED' THEN coalesce(nullif(m.actor, ''), d.cancel_requested_by, '') ELSE d.requested_by END`

// beforeSQL asks the audit log: of older versions there need be no mail. The newest
// move is the one that is told, since a mail about an earlier one is moot.
const beforeSQL = `CASE WHEN m.kind IN ('RESCHEDULED', 'TIME_ZONE_MOVED') THEN (SELECT (a.details->>'from')::timestamptz FROM audit_log a
	WHERE a.tenant_id = m.tenant_id AND a.subject = m.deployment_id::text AND a.action IN ('deployment.rescheduled', 'deployment.moved')
	ORDER BY a.id DESC LIMIT 1) END`

// lettersOf reads a mail and, where it is a digest, all that it tells of.
func lettersOf(ctx context.Context, db postgres.Querier, id int64) ([]letter, error) {
	return postgres.All(ctx, db, pgx.RowToStructByName[letter], `SELECT m.id, m.tenant_id::text, m.deployment_id::text, m.version, m.kind,
			m.remind_minutes, m.recipient, m.scheduled_for, m.required, m.due_at, m.digest, m.attempts, m.unanswered, golive_now() AS now,
			`+wantedSQL("m.tenant_id", "m.recipient", "m.kind", "true")+` AS wanted,
			`+byWhomSQL+` AS by, `+beforeSQL+` AS before,
			t.name AS tenant, t.time_zone AS tenant_zone, p.name AS product,
			d.version AS current, d.kind = 'ROLLBACK' AS rollback, d.status, d.wait_reason, d.time_zone,
			coalesce(d.if_changed = 'DEPLOY_LATEST', false) AS latest,
			coalesce(CASE d.trigger WHEN 'SCHEDULED' THEN d.started_at + (golive_now() - now()) - d.due_at END, '0') AS late,
			d.reason, d.progress_message, d.error, d.live_outcome
		FROM mails m JOIN deployments d ON d.id = m.deployment_id JOIN products p ON p.id = d.product_id
			JOIN tenants t ON t.id = m.tenant_id
		WHERE (m.id = $1 OR m.digest = $1) AND m.settled_at IS NULL
		ORDER BY m.id <> $1, d.due_at, m.id`, id)
}

// sortOut parts what is still worth telling from what is not.
func sortOut(letters []letter) (live, moot []letter) {
	for _, l := range letters {
		if l.moot() {
			moot = append(moot, l)
		} else {
			live = append(live, l)
		}
	}
	return live, moot
}

// staleMail is the age at which nobody needs a mail any more.
const staleMail = 7 * 24 * time.Hour

// moot tells that a mail has become meaningless: what it announces or asks for is
// no more, or another mail says it better.
func (l letter) moot() bool {
	held := l.WaitReason != nil && (*l.WaitReason == WaitMissed || *l.WaitReason == WaitChanged)
	same := l.Status == Scheduled && l.Version == l.Current
	late := l.Now.Sub(l.DueAt)
	switch {
	case late > staleMail, !l.Required && !l.Wanted:
		return true
	}
	switch l.Kind {
	case NoticeScheduled, NoticeRescheduled, NoticeTimeZoneMoved:
		return !same || held
	case NoticeReminder:
		return !same || held || late > time.Duration(l.RemindMinutes)*time.Minute/2
	case NoticeHeld:
		return !same || *l.WaitReason != WaitChanged
	case NoticeMissed:
		return !same || *l.WaitReason != WaitMissed
	case NoticeStarted:
		return l.Status.Terminal()
	case NoticeCompleted:
		return l.Status != Completed
	default:
		return false
	}
}

// mailKinds are the texts that tell of each kind.
var mailKinds = map[NoticeKind]mail.Kind{
	NoticeScheduled: mail.Scheduled, NoticeRescheduled: mail.Rescheduled, NoticeTimeZoneMoved: mail.TimeZoneMoved,
	NoticeCancelled: mail.Cancelled, NoticeReminder: mail.Reminder, NoticeHeld: mail.Held, NoticeMissed: mail.Missed,
	NoticeStarted: mail.Started, NoticeCompleted: mail.Completed, NoticeFailed: mail.Failed, NoticeRolledBack: mail.RolledBack,
}

// render writes one mail about all of the letters, which have one recipient.
func (s *Service) render(letters []letter) (*mail.Message, error) {
	head := letters[0]
	n := s.noticeOf(head)
	if head.Digest != nil {
		n = s.digestNotice(letters)
	}
	required := slices.ContainsFunc(letters, func(l letter) bool { return l.Required })
	if !required {
		var err error
		if n.UnsubscribeURL, err = s.unsubscribeURL(head.TenantID, head.Recipient); err != nil {
			return nil, err
		}
	}
	return mail.Render(n)
}

// noticeOf threads all mails about a deployment below the first one there can be,
// whether or not the recipient wanted that one: no row needs to be kept for it.
func (s *Service) noticeOf(l letter) mail.Notice {
	n := mail.Notice{
		Kind: mailKinds[l.Kind], Key: l.key(l.Version, l.Kind, l.RemindMinutes),
		Thread: l.key(1, NoticeScheduled, 0),
		From:   s.MailFrom, To: l.Recipient, Now: l.Now,
		Tenant: l.Tenant, Product: l.Product, Deployment: l.DeploymentID, Sequence: l.Version - 1, By: l.By,
		Due: l.moment(l.ScheduledFor), Before: l.moment(l.Before), Happened: l.moment(&l.DueAt),
		Late: l.Late, Rollback: l.Rollback, DeployLatest: l.Latest, URL: s.pageOf(l.DeploymentID), Detail: l.detail(),
	}
	if l.Reason != nil {
		n.Reason = *l.Reason
	}
	if l.Outcome != nil {
		n.Outcome = mail.Outcome(*l.Outcome)
	}
	if l.Error != nil && l.Error.Hint != nil {
		n.Hint = *l.Error.Hint
	}
	return n
}

// digestNotice tells of many at once; the head of the digest names it for ever, with
// the tenant, since another database numbers its mails alike.
func (s *Service) digestNotice(letters []letter) mail.Notice {
	head := letters[0]
	n := mail.Notice{
		Kind: mail.Digest, Key: fmt.Sprintf("golive:digest:%s:%d", head.TenantID, *head.Digest),
		From: s.MailFrom, To: head.Recipient, Now: head.Now, Tenant: head.Tenant, URL: s.PublicURL + "/",
	}
	for _, l := range letters {
		n.Items = append(n.Items, mail.Item{
			Kind: mailKinds[l.Kind], Product: l.Product, Due: l.moment(l.ScheduledFor), Detail: l.detail(), URL: s.pageOf(l.DeploymentID),
		})
	}
	return n
}

// detail says what went wrong or has changed.
func (l letter) detail() string {
	switch {
	case l.Kind == NoticeFailed && l.Error != nil:
		return l.Error.Message
	case l.Kind.Troubling():
		return l.Message
	default:
		return ""
	}
}

// key names a mail to the recipient about the deployment, in every process alike.
func (l letter) key(version int, kind NoticeKind, minutes int) string {
	return fmt.Sprintf("golive:%s:%d:%s:%d:%s", l.DeploymentID, version, kind, minutes, l.Recipient)
}

// moment is an instant in the zone that was chosen for the go-live, else in the
// tenant's. One that our time zone data do not have keeps nobody from being told.
func (l letter) moment(at *time.Time) mail.Moment {
	if at == nil {
		return mail.Moment{}
	}
	zones := []string{l.TenantZone}
	if l.TimeZone != nil {
		zones = []string{*l.TimeZone, l.TenantZone}
	}
	for _, zone := range zones {
		if z, err := localtime.Load(zone); err == nil {
			_, offset := z.At(*at)
			return mail.Moment{At: *at, Zone: zone, Offset: offset}
		}
	}
	return mail.Moment{At: *at}
}

func (s *Service) pageOf(deploymentID string) string {
	return s.PublicURL + "/?deployment=" + deploymentID
}
