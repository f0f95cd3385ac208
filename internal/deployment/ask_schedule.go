package deployment

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fair"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/moment"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/recipient"
	"github.com/golive-hq/golive/internal/tenant"
	"github.com/golive-hq/golive/internal/text"
)

// ScheduleInput is what a person asks for.
type ScheduleInput struct {
	ProductID string
	When      moment.When
	// IfChanged is Hold where it is "".
	IfChanged IfChanged
	// Adopt allows taking over live objects that Golive did not create.
	Adopt         bool
	Notifications notify.Settings
	// PlanHash is the plan that the person saw, nil for whatever holds.
	PlanHash       *string
	IdempotencyKey *string
	Reason         *string
}

// Schedule is what ScheduleGoLive and Reschedule answer, with an error too: it is
// never nil, and its fields are nil where they do not apply.
type Schedule struct {
	Deployment *Deployment
	// Validation is what the checks found at scheduling.
	Validation *Report
	// Candidates come with TIME_NONEXISTENT and TIME_AMBIGUOUS, the earlier first.
	Candidates []localtime.Candidate
}

// newSchedule is what a schedule keeps besides what people see of it.
type newSchedule struct {
	moment moment.Time
	// seen is what was found when a person last looked, and drift how live differed then
	// from what Golive had left there.
	seen  *Findings
	drift string
}

// ScheduleGoLive keeps a go-live for its time, one minute to two years ahead by
// golive_now(). It runs every check first, and asks Stripe for that; no
// transaction is open meanwhile. Several go-lives of one product may wait.
//
// VALIDATION_FAILED comes with the report; PLAN_CHANGED means that PlanHash is not
// the plan now. The time can be refused as TIME_IN_PAST, TIME_TOO_FAR,
// TIME_ZONE_UNKNOWN, TIME_NONEXISTENT and TIME_AMBIGUOUS. LIMIT_REACHED means that 50 of
// the product or 5,000 of the tenant wait already. Idempotency is as for
// GoLive, and a repeated call checks nothing again.
func (s *Service) ScheduleGoLive(ctx context.Context, in ScheduleInput) (*Schedule, error) {
	asked := asking{idempotencyKey: in.IdempotencyKey, reason: text.Said(in.Reason)}
	if err := asked.validate(); err != nil {
		return &Schedule{}, err
	}
	p, err := s.Products.Get(ctx, in.ProductID)
	if err != nil {
		return &Schedule{}, err
	}
	if err := tenant.Require(ctx, p.TenantID, tenant.RoleDeployer); err != nil {
		return &Schedule{}, err
	}
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return &Schedule{}, err
	}
	came := in.withoutKey()
	if in, err = in.normal(actor.Email); err != nil {
		return &Schedule{}, err
	}
	asked.identify(in.understood(p.ID, actor.Email), came)
	earlier, err := repeated(ctx, s.DB, p.TenantID, asked)
	if err != nil {
		return &Schedule{}, err
	}
	if earlier != nil {
		f, err := ReviewOf(ctx, s.DB, earlier.ID)
		return &Schedule{Deployment: earlier, Validation: f.Validation}, err
	}
	return s.schedule(ctx, p, in, asked)
}

func (s *Service) schedule(ctx context.Context, p *product.Product, in ScheduleInput, asked asking) (*Schedule, error) {
	if err := checkHash(in.PlanHash); err != nil {
		return &Schedule{}, err
	}
	m, candidates, err := moment.Resolve(ctx, s.DB, in.When)
	if err != nil {
		return &Schedule{Candidates: candidates}, err
	}
	f, err := s.Examine(ctx, Subject{Product: p, Adopt: in.Adopt})
	if err != nil {
		return &Schedule{}, err
	}
	if err := recordSeen(ctx, s.DB, p, &f.Evidence); err != nil {
		return &Schedule{}, err
	}
	if err := f.mayBeScheduled(in.PlanHash); err != nil {
		return &Schedule{Validation: f.Report}, err
	}
	asked.schedule = &newSchedule{moment: m, seen: f, drift: plan.DriftDigest(&f.Evidence)}
	asked.prepare = func(ctx context.Context, tx pgx.Tx, d *Deployment) error {
		in.fill(d, m)
		if err := mayScheduleMore(ctx, tx, p); err != nil {
			return err
		}
		return m.Ahead(ctx, tx)
	}
	d, err := s.start(ctx, p, asked)
	return &Schedule{Deployment: d, Validation: f.Report}, err
}

// mayScheduleMore lets one transaction of a tenant at a time past it, so that no two of
// them take the same last place.
func mayScheduleMore(ctx context.Context, tx pgx.Tx, p *product.Product) error {
	var ofProduct, ofTenant int
	err := fair.Count(ctx, tx, "schedules of "+p.TenantID, []any{&ofProduct, &ofTenant}, `SELECT count(*) FILTER (WHERE product_id = $2), count(*)
		FROM deployments WHERE tenant_id = $1 AND status = 'SCHEDULED'`, p.TenantID, p.ID)
	if err != nil {
		return err
	}
	return fair.MaySchedule(ofProduct, ofTenant)
}

func (in ScheduleInput) withoutKey() ScheduleInput {
	in.IdempotencyKey = nil
	if in.When.Instant != nil {
		utc := in.When.Instant.UTC()
		in.When.Instant = &utc
	}
	return in
}

// understood is what a normal input means, however it was written: whoever schedules
// need not be named, and a mailbox is the same in capitals.
func (in ScheduleInput) understood(productID, scheduler string) ScheduleInput {
	in = in.withoutKey()
	in.ProductID, in.Reason = productID, text.Said(in.Reason)
	in.When.Disambiguation = cmp.Or(in.When.Disambiguation, localtime.Reject)
	if in.When.Instant != nil {
		*in.When.Instant = in.When.Instant.Truncate(time.Second)
	}
	recipients := strings.Fields(text.Fold(strings.Join(in.Notifications.Recipients, " ")))
	slices.Sort(recipients)
	in.Notifications.Recipients = slices.Compact(recipients)
	if slices.Equal(in.Notifications.Recipients, []string{text.Fold(scheduler)}) {
		in.Notifications.Recipients = nil
	}
	return in
}

func (in ScheduleInput) normal(scheduler string) (ScheduleInput, error) {
	switch in.IfChanged {
	case "":
		in.IfChanged = Hold
	case Hold, DeployLatest:
	default:
		return in, fault.New(fault.InvalidInput, "%q is not one of HOLD, DEPLOY_LATEST.", in.IfChanged).At("input", "ifChanged")
	}
	var err error
	in.Notifications, err = in.Notifications.Normal(scheduler)
	return in, err
}

func (in ScheduleInput) fill(d *Deployment, m moment.Time) {
	zone := m.Zone.String()
	wait := WaitDueTime
	d.Kind, d.Trigger, d.Status, d.WaitReason = GoLive, AtScheduled, Scheduled, &wait
	d.Adopt, d.ExpectedPlanHash = in.Adopt, in.PlanHash
	d.IfChanged, d.Notifications = &in.IfChanged, &in.Notifications
	d.DueAt, d.LocalTime, d.TimeZone, d.TimeResolution = &m.At, m.Local, &zone, m.Resolution
}

// mayBeScheduled refuses what would be refused at the due time.
func (f *Findings) mayBeScheduled(planHash *string) error {
	switch {
	case !f.Report.OK:
		return fault.New(fault.ValidationFailed, "%s", ValidationFailure(f.Report).Message)
	case f.Plan == nil:
		return f.WhyNoPlan()
	case planHash != nil && !f.Plan.Has(*planHash):
		return fault.New(fault.PlanChanged, "%s Review it, then schedule with its hash.", PlanChangedFailure(*planHash, f.Plan.Hash).Message).
			At("input", "planHash")
	}
	return nil
}

// announceSchedule gives a new schedule its first event and its audit entry.
func announceSchedule(ctx context.Context, tx pgx.Tx, d *Deployment, planHash string) (*Deployment, error) {
	waiting, err := recipient.Ask(ctx, tx, recipient.Group{TenantID: d.TenantID, Addresses: followers(d)}, d.RequestedBy)
	if err != nil {
		return nil, err
	}
	wait := WaitDueTime
	message := "Scheduled for " + d.dueWords() + " by " + d.RequestedBy + recipient.Words(waiting)
	moved, err := Advance(ctx, tx, d.ID, nil, Move{Status: Scheduled, Message: message, WaitReason: &wait})
	if err != nil {
		return nil, err
	}
	err = audit.Record(ctx, tx, audit.Entry{
		TenantID: d.TenantID, Actor: d.RequestedBy, Action: "deployment.scheduled", Subject: d.ID, Reason: d.Reason, Details: map[string]any{
			"product": d.ProductID, "stripeProduct": d.StripeProductID, "adopt": d.Adopt, "reason": d.Reason,
			"dueAt": d.DueAt, "localTime": d.LocalTime, "timeZone": d.TimeZone, "ifChanged": d.IfChanged, "planHash": planHash,
		},
	})
	if err != nil {
		return nil, err
	}
	if err := Tell(ctx, tx, d, moved, notice.Scheduled); err != nil {
		return nil, err
	}
	return ByID(ctx, tx, d.ID)
}

// sets are what a schedule keeps besides what people see of it.
func (b *newSchedule) sets() []Set {
	return append(setDue(b.moment),
		SetTestSnapshot(b.seen.Evidence.Test.Value), SetDriftSeen(b.drift), SetValidation(b.seen.Report), SetPlan(b.seen.Plan))
}
