package deployment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

// GoLiveInput is what a person asks for.
type GoLiveInput struct {
	ProductID string
	// PlanHash is the plan that the person saw, nil for whatever holds.
	PlanHash       *string
	IdempotencyKey *string
	// Adopt allows taking over live objects that Golive did not create.
	Adopt  bool
	Reason *string
}

// maxIdempotencyKey and maxReason bound what callers may store, in bytes.
const (
	maxIdempotencyKey = 255
	maxReason         = 2000
)

// GoLive starts a go-live and returns it as PENDING. It asks Stripe nothing.
//
// The same idempotency key returns the same deployment for ever, other input
// under it is IDEMPOTENCY_KEY_REUSED. With DEPLOYMENT_IN_PROGRESS the deployment
// returned is the one in progress, nil where it is another tenant's.
func (s *Service) GoLive(ctx context.Context, in GoLiveInput) (*Deployment, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	p, err := s.Products.Get(ctx, in.ProductID)
	if err != nil {
		return nil, err
	}
	if err := tenant.Require(ctx, p.TenantID, tenant.RoleDeployer); err != nil {
		return nil, err
	}
	var d *Deployment
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		d, err = s.goLive(ctx, tx, p, in)
		return err
	})
	if fault.CodeOf(err) == fault.DeploymentInProgress {
		return s.inProgress(ctx, d)
	}
	if err != nil {
		return nil, err
	}
	s.Notify.Ring(topics(d)...)
	return d, nil
}

func (in GoLiveInput) validate() error {
	if in.IdempotencyKey != nil && (*in.IdempotencyKey == "" || len(*in.IdempotencyKey) > maxIdempotencyKey) {
		return fault.New(fault.InvalidInput, "An idempotency key has 1 to %d bytes; leave it out to go without one.", maxIdempotencyKey).At("input", "idempotencyKey")
	}
	if in.Reason != nil && len(*in.Reason) > maxReason {
		return fault.New(fault.InvalidInput, "A reason has at most %d bytes.", maxReason).At("input", "reason")
	}
	return nil
}

// digest identifies the input, so that a reused key is noticed.
func (in GoLiveInput) digest() string {
	in.IdempotencyKey = nil
	b, err := json.Marshal(in)
	if err != nil {
		panic(err) // strings and booleans always encode
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// goLive locks the product first: concurrent calls for it queue up here instead
// of failing on the index.
func (s *Service) goLive(ctx context.Context, tx pgx.Tx, p *product.Product, in GoLiveInput) (*Deployment, error) {
	if err := product.LockForDeployment(ctx, tx, p.ID); err != nil {
		return nil, err
	}
	if earlier, err := repeated(ctx, tx, p.TenantID, in); earlier != nil || err != nil {
		return earlier, err
	}
	live, err := holdAccounts(ctx, tx, p.TenantID)
	if err != nil {
		return nil, err
	}
	d := newDeployment(ctx, p, live, in)
	created, err := insert(ctx, tx, d, in.IdempotencyKey, in.digest())
	if postgres.IsUnique(err, "deployments_idempotency_key") {
		return nil, fault.New(fault.IdempotencyKeyReused, "The idempotency key is being used for another product. Use a new key for new input.").At("input", "idempotencyKey")
	}
	if err != nil {
		return nil, fmt.Errorf("insert deployment: %w", err)
	}
	if !created {
		return d, fault.New(fault.DeploymentInProgress, "")
	}
	return s.begin(ctx, tx, d)
}

// begin gives a new deployment its job, its first event and its audit entry.
func (s *Service) begin(ctx context.Context, tx pgx.Tx, d *Deployment) (*Deployment, error) {
	job, err := s.Jobs.InsertTx(ctx, tx, RunArgs{DeploymentID: d.ID, Dispatch: 1}, nil)
	if err != nil {
		return nil, fmt.Errorf("insert job: %w", err)
	}
	if err := dispatch(ctx, tx, d.ID, job.Job.ID, 1); err != nil {
		return nil, err
	}
	wait := WaitWorker
	if err := advance(ctx, tx, d.ID, nil, move{Status: Pending, Message: "Waiting for a worker", WaitReason: &wait}); err != nil {
		return nil, err
	}
	err = audit.Record(ctx, tx, audit.Entry{
		TenantID: d.TenantID, Actor: d.RequestedBy, Action: "deployment.requested", Subject: d.ID,
		Details: map[string]any{"product": d.ProductID, "stripeProduct": d.StripeProductID, "adopt": d.Adopt, "reason": d.Reason},
	})
	if err != nil {
		return nil, err
	}
	return byID(ctx, tx, d.ID)
}

// repeated returns the deployment that this call already made, or nil.
func repeated(ctx context.Context, tx pgx.Tx, tenantID string, in GoLiveInput) (*Deployment, error) {
	if in.IdempotencyKey == nil {
		return nil, nil
	}
	d, digest, err := byKey(ctx, tx, tenantID, *in.IdempotencyKey)
	if err != nil || d == nil || digest == in.digest() {
		return d, err
	}
	return nil, fault.New(fault.IdempotencyKeyReused, "The idempotency key was used for other input. Use a new key for new input.").At("input", "idempotencyKey")
}

// holdAccounts returns the live account; both modes must be connected, and stay
// so until the transaction ends.
func holdAccounts(ctx context.Context, tx pgx.Tx, tenantID string) (liveAccountID string, err error) {
	if _, err := tenant.Hold(ctx, tx, tenantID, catalog.Test); err != nil {
		return "", err
	}
	return tenant.Hold(ctx, tx, tenantID, catalog.Live)
}

func newDeployment(ctx context.Context, p *product.Product, liveAccountID string, in GoLiveInput) *Deployment {
	actor, _ := tenant.ActorFrom(ctx)
	return &Deployment{
		ID: uuid.Must(uuid.NewV7()).String(), TenantID: p.TenantID, ProductID: p.ID,
		LiveAccountID: liveAccountID, StripeProductID: p.StripeProductID,
		Kind: GoLive, Trigger: Immediate, RequestedBy: actor.Email,
		Reason: in.Reason, ExpectedPlanHash: in.PlanHash, Adopt: in.Adopt,
	}
}

// inProgress names the deployment in whose way d came, unless it is none of the
// caller's business.
func (s *Service) inProgress(ctx context.Context, d *Deployment) (*Deployment, error) {
	running, err := activeOn(ctx, s.DB, d.LiveAccountID, d.StripeProductID)
	if err != nil {
		return nil, err
	}
	if running == nil || running.TenantID != d.TenantID {
		return nil, fault.New(fault.DeploymentInProgress, "Another deployment of this product is running in the same live account. Try again once it has ended.")
	}
	return running, fault.New(fault.DeploymentInProgress, "Deployment %s of this product is running since %s. Wait for it to end.",
		running.ID, running.CreatedAt.UTC().Format("15:04:05 MST"))
}
