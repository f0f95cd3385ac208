package outbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/postgres"
)

// Kind names what a notice tells of; the users of the outbox have their own.
type Kind = notify.Kind

// Traits say how notices of a kind travel.
type Traits struct {
	Kind Kind
	// Importance is the order in which notices go out, 1 to 5, 1 first.
	Importance int
	// Alone keeps each of them a mail of its own, however many there are: a calendar
	// takes one mail for one entry.
	Alone bool
	// Limited tells that none goes beyond what a tenant may send in a day, whoever it is for.
	Limited bool
	// Waits tells that one beyond that isn't dropped: it is sent when the tenant may again.
	Waits bool
	// Unasked tells that those get it who chose nothing, unless the notice says otherwise.
	Unasked bool
	// Calendar is what it does to its recipient's calendar, "" for nothing.
	Calendar Calendar
}

// Notice is one thing to tell one person.
type Notice struct {
	ID       int64  `db:"id"`
	TenantID string `db:"tenant_id"`
	// Subject is the id of what the notice is about, and Version that one's version then.
	Subject string `db:"subject"`
	Version int    `db:"version"`
	Kind    Kind   `db:"kind"`
	// RemindMinutes is how long before ScheduledFor a reminder comes, 0 for all others.
	RemindMinutes int        `db:"remind_minutes"`
	Recipient     string     `db:"recipient"`
	ScheduledFor  *time.Time `db:"scheduled_for"`
	// Actor is who did what the notice tells of, "" for nobody.
	Actor string `db:"actor"`
	// Required passes by all switches.
	Required bool      `db:"required"`
	DueAt    time.Time `db:"due_at"`
	// Digest is the notice whose mail tells of this one too, nil for a mail of its own.
	Digest   *int64 `db:"digest"`
	Attempts int    `db:"attempts"`
	// Unanswered counts those attempts of which nobody knows whether they arrived, its
	// sender's deaths among them.
	Unanswered int `db:"unanswered"`
	// Now is golive_now().
	Now time.Time `db:"now"`
	// Wanted is what the recipient's switches say; a calendar ends as it began whatever
	// they say.
	Wanted bool `db:"wanted"`
	// Invited tells that the recipient may have an invitation, Missed that there was to be
	// one and none arrived.
	Invited bool `db:"invited"`
	Missed  bool `db:"missed"`
	// Member tells that the recipient belongs to the tenant: others don't get to read what
	// its people write.
	Member bool `db:"-"`
}

// Standing is what somebody is to a tenant at the moment.
type Standing struct {
	// Told is whether they get what the notice tells, Member whether they belong to it.
	Told, Member bool
}

// Composed is one mail, about notices to one recipient, of which there may be many.
type Composed struct {
	// Mail lacks what the outbox knows: who gets it, and how to end it. It has To only where the
	// notices don't say who gets it, because nobody may read that in them.
	Mail mail.Notice
	// Live are the notices that it tells of; where there are none it is not sent.
	Live []Notice
	// Moot are those that are not worth telling any more.
	Moot []Notice
}

// Deps are what a Service needs.
type Deps struct {
	DB *pgxpool.Pool
	// Choices make the unsubscribe links of mails.
	Choices *notify.Choices
	// Jobs inserts River jobs; whether it also works them is the process's affair.
	Jobs   *river.Client[pgx.Tx]
	Notify *postgres.Notifier
	Log    *slog.Logger
	// Kinds are all that there are, in the order in which people think of them.
	Kinds []Traits
	// Judge tells what the recipient of a notice that is due is to its tenant. It may ask
	// whoever was never asked.
	Judge func(ctx context.Context, n Notice) (Standing, error)
	// Compose makes a mail of notices, as things are now. Its error is the database's.
	Compose func(ctx context.Context, notices []Notice) (Composed, error)
	// Refused notes where people look that a notice will never arrive, and why. It
	// returns the topics to ring after the commit.
	Refused func(ctx context.Context, tx pgx.Tx, n Notice, why string) (topics []string, err error)

	// Mail sends; nil where this process sends none, and notices wait for one that does.
	Mail *mail.Sender
	// MailFrom is the sender of mails, "Golive <golive@example.com>".
	MailFrom string
	// Patience is how long a sweep may take, and how long a job may run without having
	// claimed its notice.
	Patience time.Duration
}

// Service delivers notices.
type Service struct {
	Deps

	counts counts
	turns  turns
	// keepEvery is how often a sender prolongs its claim; tests do not wait for a
	// quarter of it.
	keepEvery time.Duration
}

// New returns a Service that is whole.
func New(deps Deps) *Service { return &Service{Deps: deps, keepEvery: claim / 4} }

// Sends tells whether this process delivers notices.
func (s *Service) Sends() bool { return s.Mail != nil }

func (s *Service) traits(kind Kind) Traits {
	for _, t := range s.Kinds {
		if t.Kind == kind {
			return t
		}
	}
	return Traits{Kind: kind, Alone: true}
}
