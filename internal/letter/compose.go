package letter

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

// letter is a notice with all that its text needs, as it is now.
type letter struct {
	outbox.Notice
	d       *deployment.Deployment
	product string
	tenant  tenant.Tenant
	// before is what the time was until it was moved, of those that tell of it.
	before *time.Time
}

// Writer writes what people are told of deployments.
type Writer struct {
	db *pgxpool.Pool
	// publicURL is where links lead, without a slash at the end.
	publicURL string
}

// New returns a Writer whose links lead to publicURL.
func New(db *pgxpool.Pool, publicURL string) *Writer { return &Writer{db, publicURL} }

// Compose makes one mail of notices about deployments, which have one recipient.
func (s *Writer) Compose(ctx context.Context, notices []outbox.Notice) (c outbox.Composed, err error) {
	letters, err := s.letters(ctx, notices)
	if err != nil {
		return c, err
	}
	var live []letter
	for _, l := range letters {
		if l.moot() {
			c.Moot = append(c.Moot, l.Notice)
			continue
		}
		live, c.Live = append(live, l), append(c.Live, l.Notice)
	}
	switch {
	case len(live) == 0:
	case live[0].Digest != nil:
		c.Mail = s.digestNotice(live)
	default:
		c.Mail = s.noticeOf(live[0])
	}
	return c, nil
}

func (s *Writer) letters(ctx context.Context, notices []outbox.Notice) ([]letter, error) {
	var ids, products []string
	for _, n := range notices {
		ids = append(ids, n.Subject)
	}
	found, err := deployment.Those(ctx, s.db, ids)
	if err != nil {
		return nil, err
	}
	byID := map[string]*deployment.Deployment{}
	for _, d := range found {
		byID[d.ID], products = d, append(products, d.ProductID)
	}
	names, err := product.Names(ctx, s.db, products)
	if err != nil {
		return nil, err
	}
	t, err := tenant.Load(ctx, s.db, notices[0].TenantID)
	letters := make([]letter, len(notices))
	for i, n := range notices {
		d := byID[n.Subject]
		letters[i] = letter{Notice: n, d: d, product: names[d.ProductID], tenant: t}
		if err == nil && (n.Kind == notice.Rescheduled || n.Kind == notice.TimeZoneMoved) {
			letters[i].before, err = beforeMove(ctx, s.db, d)
		}
	}
	return letters, err
}

// beforeMove asks the audit log: of older versions there need be no notice. The newest
// move is the one that is told, since a notice of an earlier one is moot.
func beforeMove(ctx context.Context, db postgres.Querier, d *deployment.Deployment) (*time.Time, error) {
	details, err := audit.Last(ctx, db, d.TenantID, d.ID, "deployment.rescheduled", "deployment.moved")
	if err != nil || details == nil {
		return nil, err
	}
	var move struct {
		From *time.Time `json:"from"`
	}
	err = json.Unmarshal(details, &move)
	return move.From, err
}

// late is how long after its time it began, 0 where it has not begun at it.
func (l letter) late() time.Duration {
	if l.d.Late == nil {
		return 0
	}
	return *l.d.Late
}

// by is whom the text names: who moved or cancelled it, else whose wish it is.
func (l letter) by() string {
	switch {
	case l.Kind == notice.Rescheduled, l.Kind == notice.Cancelled && l.Actor != "":
		return l.Actor
	case l.Kind == notice.Cancelled && l.d.CancelRequestedBy != nil:
		return *l.d.CancelRequestedBy
	case l.Kind == notice.Cancelled:
		return ""
	}
	return l.d.RequestedBy
}

// onHold tells that a deployment waits for a person, not for its time, for others or for
// the end of a pause.
func onHold(d *deployment.Deployment) bool {
	return d.WaitReason != nil && (*d.WaitReason == deployment.WaitMissed || *d.WaitReason == deployment.WaitChanged)
}

// moot tells that a mail has become meaningless: what it announces or asks for is
// no more, or another mail says it better.
func (l letter) moot() bool {
	held := onHold(l.d)
	same := l.d.Status == deployment.Scheduled && l.Version == l.d.Version
	switch l.Kind {
	case notice.Scheduled, notice.Rescheduled, notice.TimeZoneMoved:
		// What was moved back to its time while this was being read has a notice of its own.
		unmoved := l.before != nil && l.d.DueAt != nil && l.before.Equal(*l.d.DueAt)
		return !same || held || unmoved
	case notice.Reminder:
		return !same || held || l.Now.Sub(l.DueAt) > time.Duration(l.RemindMinutes)*time.Minute/2
	case notice.Held:
		return !same || *l.d.WaitReason != deployment.WaitChanged
	case notice.Missed:
		return !same || *l.d.WaitReason != deployment.WaitMissed
	case notice.Started:
		return l.d.Status.Terminal()
	case notice.Completed:
		return l.d.Status != deployment.Completed
	default:
		return false
	}
}

// mailKinds are the texts that tell of each kind.
var mailKinds = map[outbox.Kind]mail.Kind{
	notice.Scheduled: mail.Scheduled, notice.Rescheduled: mail.Rescheduled, notice.TimeZoneMoved: mail.TimeZoneMoved,
	notice.Cancelled: mail.Cancelled, notice.Reminder: mail.Reminder, notice.Held: mail.Held, notice.Missed: mail.Missed,
	notice.Started: mail.Started, notice.Completed: mail.Completed, notice.Failed: mail.Failed, notice.RolledBack: mail.RolledBack,
}

// noticeOf threads all mails about a deployment below the first one there can be,
// whether or not the recipient wanted that one: no row needs to be kept for it.
func (s *Writer) noticeOf(l letter) mail.Notice {
	n := mail.Notice{
		Kind: mailKinds[l.Kind], Key: l.key(l.Version, l.Kind, l.RemindMinutes),
		Thread: l.key(1, notice.Scheduled, 0),
		Tenant: l.tenant.Name, Product: l.product, Deployment: l.Subject, Sequence: l.Version - 1, By: l.by(),
		Due: l.moment(l.ScheduledFor), Before: l.moment(l.before), Happened: l.moment(&l.DueAt),
		Late: l.late(), Rollback: l.d.Kind == deployment.Rollback, DeployLatest: l.d.IfChanged != nil && *l.d.IfChanged == deployment.DeployLatest, URL: s.pageOf(l.Subject), Detail: l.detail(),
	}
	if !l.Member && tenant.IsService(n.By) {
		n.By = ""
	}
	if l.Member && l.d.Reason != nil {
		n.Reason = *l.d.Reason
	}
	if l.d.LiveOutcome != nil {
		n.Outcome = mail.Outcome(*l.d.LiveOutcome)
	}
	if l.Member && l.d.Error != nil && l.d.Error.Hint != nil {
		n.Hint = *l.d.Error.Hint
	}
	return n
}

// digestNotice tells of many at once; the head of the digest names it for ever, with
// the tenant, since another database numbers its mails alike.
func (s *Writer) digestNotice(letters []letter) mail.Notice {
	head := letters[0]
	n := mail.Notice{
		Kind: mail.Digest, Key: fmt.Sprintf("golive:digest:%s:%d", head.TenantID, *head.Digest),
		Tenant: head.tenant.Name, URL: s.publicURL + "/",
	}
	for _, l := range letters {
		n.Items = append(n.Items, mail.Item{
			Kind: mailKinds[l.Kind], Product: l.product, Due: l.moment(l.ScheduledFor), Detail: l.detail(), URL: s.pageOf(l.Subject),
		})
	}
	return n
}

// detail says what went wrong or has changed. That is for members: it quotes what the
// tenant's people have written, here or in Stripe.
func (l letter) detail() string {
	switch {
	case !l.Member:
		return ""
	case l.Kind == notice.Failed && l.d.Error != nil:
		return l.d.Error.Message
	case notice.IsTrouble(l.Kind):
		return l.d.ProgressMessage
	default:
		return ""
	}
}

// key names a mail to the recipient about the deployment, in every process alike.
func (l letter) key(version int, kind outbox.Kind, minutes int) string {
	return fmt.Sprintf("golive:%s:%d:%s:%d:%s", l.Subject, version, kind, minutes, l.Recipient)
}

// moment is an instant in the zone that was chosen for the go-live, else in the
// tenant's. One that our time zone data do not have keeps nobody from being told.
func (l letter) moment(at *time.Time) mail.Moment {
	if at == nil {
		return mail.Moment{}
	}
	zones := []string{l.tenant.TimeZone}
	if l.d.TimeZone != nil {
		zones = []string{*l.d.TimeZone, l.tenant.TimeZone}
	}
	for _, zone := range zones {
		if z, err := localtime.Load(zone); err == nil {
			_, offset := z.At(*at)
			return mail.Moment{At: *at, Zone: zone, Offset: offset}
		}
	}
	return mail.Moment{At: *at}
}

func (s *Writer) pageOf(deploymentID string) string {
	return s.publicURL + "/?deployment=" + deploymentID
}
