package deployment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/tenant"
)

// NoticeKind is what a mail tells of.
type NoticeKind string

// The kinds of notices.
const (
	NoticeScheduled     NoticeKind = "SCHEDULED"
	NoticeRescheduled   NoticeKind = "RESCHEDULED"
	NoticeTimeZoneMoved NoticeKind = "TIME_ZONE_MOVED"
	NoticeCancelled     NoticeKind = "CANCELLED"
	NoticeReminder      NoticeKind = "REMINDER"
	NoticeHeld          NoticeKind = "HELD"
	NoticeMissed        NoticeKind = "MISSED"
	NoticeStarted       NoticeKind = "STARTED"
	NoticeCompleted     NoticeKind = "COMPLETED"
	NoticeFailed        NoticeKind = "FAILED"
	NoticeRolledBack    NoticeKind = "ROLLED_BACK"
)

// NoticeKinds lists all kinds, in the order in which people think of them.
var NoticeKinds = []NoticeKind{
	NoticeScheduled, NoticeRescheduled, NoticeTimeZoneMoved, NoticeCancelled, NoticeReminder, NoticeHeld, NoticeMissed,
	NoticeStarted, NoticeCompleted, NoticeFailed, NoticeRolledBack,
}

// Troubling tells that somebody has to act: such a notice reaches those who are
// responsible whatever they have switched off.
func (k NoticeKind) Troubling() bool {
	return k == NoticeFailed || k == NoticeHeld || k == NoticeMissed
}

// importance is the order in which notices go out, 1 first.
func (k NoticeKind) importance() int {
	switch k {
	case NoticeFailed, NoticeHeld, NoticeMissed:
		return 1
	case NoticeCancelled, NoticeRescheduled, NoticeTimeZoneMoved:
		return 2
	case NoticeCompleted, NoticeRolledBack:
		return 3
	case NoticeReminder:
		return 4
	default:
		return 5
	}
}

// wantedUnasked tells whether those who chose nothing get the notice. Of a go-live
// that was not scheduled only trouble is told: whoever clicked is watching.
func (k NoticeKind) wantedUnasked(scheduled bool) bool {
	switch {
	case k == NoticeStarted:
		return false
	case k.Troubling(), k == NoticeRolledBack:
		return true
	default:
		return scheduled
	}
}

// addressee is one who is to be told. A required notice passes by all switches.
type addressee struct {
	address  string
	required bool
}

// tell writes a mail for everybody whom a change concerns, in the transaction of
// that change, and keeps the reminders in step with it. d is as the change left
// it. Where mail is off it does nothing: rows that nobody will send would pile up.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, d *Deployment, kind NoticeKind) error {
	if s.Mail == nil {
		return nil
	}
	if err := s.tellMails(ctx, tx, d, kind); err != nil {
		return fmt.Errorf("tell of %s: %w", kind, err)
	}
	return nil
}

func (s *Service) tellMails(ctx context.Context, tx pgx.Tx, d *Deployment, kind NoticeKind) error {
	to, err := addressees(ctx, tx, d, kind)
	if err != nil {
		return err
	}
	var actor string
	if a, err := tenant.ActorFrom(ctx); err == nil {
		actor = a.Email
	}
	if err := insertMails(ctx, tx, d, kind, actor, to); err != nil {
		return err
	}
	switch kind {
	case NoticeCancelled, NoticeHeld, NoticeMissed:
		return deleteReminders(ctx, tx, d.ID)
	case NoticeScheduled, NoticeRescheduled, NoticeTimeZoneMoved:
		if err := deleteReminders(ctx, tx, d.ID); err != nil {
			return err
		}
		return insertReminders(ctx, tx, d, actor, to)
	}
	return nil
}

// addressees are those who asked to be told, else whoever asked for the
// deployment; and of trouble, in any case, whoever is responsible.
func addressees(ctx context.Context, tx pgx.Tx, d *Deployment, kind NoticeKind) ([]addressee, error) {
	var to []addressee
	if kind.Troubling() {
		responsible, err := tenant.Responsible(ctx, tx, d.TenantID, d.RequestedBy)
		if err != nil {
			return nil, err
		}
		for _, address := range responsible {
			to = append(to, addressee{address, true})
		}
	}
	told := followers(d)
	if kind == NoticeRolledBack {
		of, err := byID(ctx, tx, *d.RollbackOfID)
		if err != nil {
			return nil, err
		}
		told = append(told, followers(of)...)
	}
	for _, address := range told {
		known := slices.ContainsFunc(to, func(a addressee) bool { return a.address == address })
		if !known {
			to = append(to, addressee{address, false})
		}
	}
	return to, nil
}

// followers are those who get the mails about d that nobody is obliged to get.
func followers(d *Deployment) []string {
	recipients := []string{d.RequestedBy}
	if n := d.Notifications; n != nil {
		if !n.Email {
			return nil
		}
		if len(n.Recipients) > 0 {
			recipients = slices.Clone(n.Recipients)
		}
	}
	for i, r := range recipients {
		recipients[i] = strings.ToLower(r)
	}
	// Whoever acts for nobody in particular ("golive") has no address.
	return slices.DeleteFunc(recipients, func(r string) bool { return !strings.Contains(r, "@") })
}
