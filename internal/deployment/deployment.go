package deployment

import (
	"time"

	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/plan"
)

// Kind tells a go-live from the rollback of one.
type Kind string

// The kinds.
const (
	GoLive   Kind = "GO_LIVE"
	Rollback Kind = "ROLLBACK"
)

// Trigger tells what started a deployment.
type Trigger string

// The triggers.
const (
	Immediate   Trigger = "IMMEDIATE"
	AtScheduled Trigger = "SCHEDULED"
)

// WaitReason tells why a deployment does not run yet or pauses; a wait is no failure.
type WaitReason string

// The reasons to wait.
const (
	WaitWorker            WaitReason = "WORKER"
	WaitStripeRateLimit   WaitReason = "STRIPE_RATE_LIMIT"
	WaitStripeUnavailable WaitReason = "STRIPE_UNAVAILABLE"
	// WaitDueTime is a schedule whose time has not come, or comes in this moment.
	WaitDueTime WaitReason = "DUE_TIME"
	// WaitProductBusy is one whose time has come while another deployment of its
	// product is active. It is never stored.
	WaitProductBusy WaitReason = "PRODUCT_BUSY"
	// WaitPaused is one that would run without a pause; readers see it, too.
	WaitPaused WaitReason = "PAUSED"
	// WaitAccountBusy is one that waits until its live account has a free place. It is
	// never stored.
	WaitAccountBusy WaitReason = "ACCOUNT_BUSY"
	// WaitMissed is one that nobody could start in time: it waits for a person.
	WaitMissed WaitReason = "MISSED"
	// WaitChanged is one that is no longer what was scheduled: it waits for a person.
	WaitChanged WaitReason = "CHANGED_SINCE_SCHEDULED"
)

// IfChanged says what becomes of a schedule when, at its time, test does not want
// what it wanted when a person last looked, or others have changed live since.
type IfChanged string

// What can become of it.
const (
	// Hold lets it wait for a person.
	Hold IfChanged = "HOLD"
	// DeployLatest goes on with what test holds at the due time.
	DeployLatest IfChanged = "DEPLOY_LATEST"
)

// Outcome is what a deployment that did not complete left behind in live.
type Outcome string

// The outcomes.
const (
	Unchanged Outcome = "UNCHANGED"
	Restored  Outcome = "RESTORED"
	Partial   Outcome = "PARTIAL"
)

// Category is the contract's ErrorCategory; those of Stripe's errors come from
// catalog.ErrorKind.
type Category string

// The categories that are not an ErrorKind.
const (
	CategoryValidation  Category = "VALIDATION"
	CategoryPermission  Category = "PERMISSION"
	CategoryPlanChanged Category = "PLAN_CHANGED"
	CategoryInternal    Category = "INTERNAL"
)

// Direction is where a run is heading. Once it has turned back it never goes
// forward again.
type Direction string

// The directions.
const (
	Forward Direction = "FORWARD"
	Undo    Direction = "UNDO"
)

// Deployment is one go-live of a product, or the rollback of one.
type Deployment struct {
	ID              string      `db:"id"`
	TenantID        string      `db:"tenant_id"`
	ProductID       string      `db:"product_id"`
	LiveAccountID   string      `db:"live_account_id"`
	StripeProductID string      `db:"stripe_product_id"`
	Kind            Kind        `db:"kind"`
	Trigger         Trigger     `db:"trigger"`
	Status          Status      `db:"status"`
	WaitReason      *WaitReason `db:"wait_reason"`
	RequestedBy     string      `db:"requested_by"`
	Reason          *string     `db:"reason"`
	Adopt           bool        `db:"adopt"`
	Version         int         `db:"version"`
	CreatedAt       time.Time   `db:"created_at"`
	StartedAt       *time.Time  `db:"started_at"`
	FinishedAt      *time.Time  `db:"finished_at"`
	// UpdatedAt is when there was something new to see of it last, RetryAt when one that
	// waits for Stripe is taken up again.
	UpdatedAt          time.Time  `db:"touched_at"`
	RetryAt            *time.Time `db:"retry_at"`
	LastSequence       int        `db:"last_sequence"`
	ProgressPercentage int        `db:"progress_percentage"`
	ProgressMessage    string     `db:"progress_message"`
	Direction          Direction  `db:"direction"`
	UndoPlanned        bool       `db:"undo_planned"`
	CancelRequestedAt  *time.Time `db:"cancel_requested_at"`
	CancelRequestedBy  *string    `db:"cancel_requested_by"`
	RollbackOfID       *string    `db:"rollback_of"`
	ExpectedPlanHash   *string    `db:"expected_plan_hash"`
	Error              *Failure   `db:"error"`
	LiveOutcome        *Outcome   `db:"live_outcome"`

	// DueAt is the instant that the deployment is scheduled for, nil for one that was
	// never scheduled, as are all fields below; LocalTime is nil where a person chose
	// an instant.
	DueAt          *time.Time            `db:"due_at"`
	LocalTime      *localtime.DateTime   `db:"local_time"`
	TimeZone       *string               `db:"time_zone"`
	TimeResolution *localtime.Resolution `db:"time_resolution"`
	// Late is how long after its time it began, nil where it has not begun at it.
	Late          *time.Duration   `db:"late"`
	IfChanged     *IfChanged       `db:"if_changed"`
	Notifications *notify.Settings `db:"notifications"`
	// LastChange says what ChangedBy did to the schedule last, at ChangedAt: "moved it
	// to …". All are nil while it is as it was made.
	ChangedBy  *string    `db:"changed_by"`
	ChangedAt  *time.Time `db:"changed_at"`
	LastChange *string    `db:"last_change"`

	// StartedBy is who started a schedule early. Responsible is by whose right it is
	// carried out: who asked for it, or else who moved or started it last. Credential is
	// the tenant.Actor's that asked it to begin at once; a schedule outlives that.
	StartedBy   *string `db:"started_by"`
	Responsible string  `db:"responsible"`
	Credential  string  `db:"credential"`
}

// TurningBack tells that it is undoing what it did, or has.
func (d *Deployment) TurningBack() bool { return d.Direction == Undo }

// LateSeconds is Late in whole seconds, nil for less than one.
func (d *Deployment) LateSeconds() *int {
	if d.Late == nil || *d.Late < time.Second {
		return nil
	}
	n := int(*d.Late / time.Second)
	return &n
}

// Report is what the checks found, at one moment.
type Report struct {
	OK        bool          `json:"ok"`
	Results   []plan.Result `json:"results"`
	CheckedAt time.Time     `json:"checkedAt"`
}

// Failure is why a deployment did not complete, with what a person can do about it.
type Failure struct {
	Category        Category `json:"category"`
	Message         string   `json:"message"`
	StripeCode      *string  `json:"stripeCode"`
	StripeRequestID *string  `json:"stripeRequestId"`
	StepIndex       *int     `json:"stepIndex"`
	Hint            *string  `json:"hint"`
}

// Event is one numbered line of a deployment's gap-free history.
type Event struct {
	DeploymentID string    `db:"deployment_id"`
	Sequence     int       `db:"sequence"`
	At           time.Time `db:"at"`
	Status       Status    `db:"status"`
	Percentage   int       `db:"percentage"`
	Message      string    `db:"message"`
	// Terminal is true on the event that ends the run.
	Terminal bool `db:"terminal"`
	// Steps are the indices of those that the event tells of.
	Steps []int `db:"step_indexes"`
}
