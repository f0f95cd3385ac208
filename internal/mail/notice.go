package mail

import (
	"fmt"
	"time"
)

// Kind is what a mail tells.
type Kind string

// The kinds. Held and Missed deployments wait for a person; TimeZoneMoved tells
// that newer clock rules moved a scheduled one; Digest tells of many at once; Invited asks
// somebody to join a tenant, and Asked whether somebody outside of it wants its mails.
// Unanswered tells of go-lives whose person may deploy no longer, Taken and Returned of what
// another tenant of the live account did, Unheard that Stripe's
// events don't come, Differs that Stripe and Golive differ about money, and Disputed of a
// dispute that waits for an answer. Receipt and Refunded go to a customer.
const (
	Scheduled     Kind = "scheduled"
	Rescheduled   Kind = "rescheduled"
	Cancelled     Kind = "cancelled"
	Reminder      Kind = "reminder"
	Held          Kind = "held"
	Missed        Kind = "missed"
	Started       Kind = "started"
	Completed     Kind = "completed"
	Failed        Kind = "failed"
	RolledBack    Kind = "rolled_back"
	TimeZoneMoved Kind = "time_zone_moved"
	Digest        Kind = "digest"
	Invited       Kind = "invited"
	Asked         Kind = "asked"
	Unanswered    Kind = "unanswered"
	Taken         Kind = "taken"
	Returned      Kind = "returned"
	Unheard       Kind = "unheard"
	Differs       Kind = "differs"
	Disputed      Kind = "disputed"
	Receipt       Kind = "receipt"
	Refunded      Kind = "refunded"
)

// Kinds lists all of them, in the order of a deployment's life.
var Kinds = []Kind{
	Scheduled, Rescheduled, TimeZoneMoved, Reminder, Held, Missed, Digest,
	Started, Completed, Failed, RolledBack, Cancelled, Unanswered, Taken, Returned, Unheard, Differs, Disputed, Invited, Asked,
	Receipt, Refunded,
}

// Outcome is what a deployment that did not complete left in live.
type Outcome string

// The outcomes, spelled as the API spells them; "" is told as nothing.
const (
	Unchanged Outcome = "UNCHANGED"
	Restored  Outcome = "RESTORED"
	Partial   Outcome = "PARTIAL"
)

// Notice is one thing to tell one person. Texts are anybody's: Render cleans and
// escapes them. What a kind does not need stays zero.
type Notice struct {
	Kind Kind
	// Key names this mail for ever: its Message-ID derives from it, so that one
	// which had to be sent twice is known as one.
	Key string
	// Thread is the Key that all mails to this person about the deployment answer, which
	// may never have been sent; "" or Key itself where this is the first.
	Thread string
	// From is the sender and the calendar's organizer, as GOLIVE_MAIL_FROM has
	// it; To is one bare address.
	From, To string
	// Now is when it is sent, by the clock that due times follow.
	Now time.Time

	// Tenant and Product are names for people.
	Tenant, Product string
	// Deployment is its id.
	Deployment string
	// Sequence counts the changes of a scheduled deployment, from 0: its version
	// less one. Calendars ignore what does not count up.
	Sequence int
	// By is who scheduled, moved, cancelled or started it; "" where nobody did.
	By string
	// Due is when it goes live, Before when it would have before it was moved.
	Due, Before Moment
	// Happened is when that happened which is told.
	Happened Moment
	// Late is how long after its time it started; under five seconds is in time.
	Late time.Duration
	// Rollback is true for a deployment that undoes another.
	Rollback bool
	// DeployLatest is true where it goes live with whatever is in test then.
	DeployLatest bool
	// Role is what somebody who is Invited will be: "viewer".
	Role string
	// Reason is what the person gave as one.
	Reason string
	// Detail says what went wrong or has changed, Hint what to do about it; both
	// may have several lines.
	Detail, Hint string
	Outcome      Outcome
	// URL is the page with the next click: https or http.
	URL string
	// UnsubscribeURL ends mails to this person, by POST; "" where this one cannot
	// be switched off.
	UnsubscribeURL string
	// Uninvited tells that To has no entry of it in a calendar that could be changed.
	Uninvited bool
	// Order is what a customer's order is called, and Amount the money that was paid or given
	// back; Test tells that it wasn't money.
	Order, Amount string
	Test          bool
	// Person is whose go-lives nobody answers for any more.
	Person string
	// Items are what a Digest is about, or go-lives that nobody answers for, or what a customer
	// bought; the subject says what they have in common.
	Items []Item
}

// moves tells of a time that became another one.
func (n Notice) moves() bool { return n.Kind == Rescheduled || n.Kind == TimeZoneMoved }

// runs tells of a deployment that has been started.
func (n Notice) runs() bool {
	return n.Kind == Started || n.Kind == Completed || n.Kind == Failed || n.Kind == RolledBack
}

// Item is one deployment in a Digest, with the kind of mail that it would have had.
type Item struct {
	Kind    Kind
	Product string
	Due     Moment
	Detail  string
	URL     string
}

// Moment is an instant as the clocks of a zone show it.
type Moment struct {
	At time.Time
	// Zone is the zone's IANA name, Offset what it is from UTC at that instant,
	// "-05:00"; both "" for UTC.
	Zone, Offset string
}

// IsZero tells that there is no such moment.
func (m Moment) IsZero() bool { return m.At.IsZero() }

// UID is what calendars know a deployment by, in mails and feeds alike. It does
// not hold the service's address, because that may change while invitations are
// out, and a calendar would keep the event of a cancelled go-live for ever.
func UID(deploymentID string) string { return "deployment-" + deploymentID + "@golive" }

// local returns the instant with its zone's offset.
func (m Moment) local() (time.Time, error) {
	if m.Offset == "" || m.Offset == "Z" {
		return m.At.UTC(), nil
	}
	shift, err := time.Parse("-07:00", m.Offset)
	if err != nil {
		return time.Time{}, fmt.Errorf("mail: %q is not an offset such as -05:00", m.Offset)
	}
	return m.At.In(shift.Location()), nil
}

func (m Moment) isUTC(local time.Time) bool {
	_, seconds := local.Zone()
	return seconds == 0 && (m.Zone == "" || m.Zone == "UTC" || m.Zone == "Etc/UTC")
}
