package deployment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/fair"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

// maxIdempotencyKey and maxReason bound what callers may store, in bytes.
const (
	maxIdempotencyKey = 255
	maxReason         = 2000
)

// asking is what starting a deployment has in common, whatever its kind.
type asking struct {
	idempotencyKey *string
	reason         *string
	// digest identifies the input as it was understood, so that a reused key is noticed;
	// first is what the first version stored for it.
	digest, first string
	// prepare completes the new deployment, or refuses it.
	prepare func(ctx context.Context, tx pgx.Tx, d *Deployment) error
	// schedule is nil for a deployment that begins at once.
	schedule *newSchedule
}

func (q asking) validate() error {
	if q.idempotencyKey != nil && (*q.idempotencyKey == "" || len(*q.idempotencyKey) > maxIdempotencyKey) {
		return fault.New(fault.InvalidInput, "An idempotency key must be 1 to %d bytes long. Omit it if you don't need one.", maxIdempotencyKey).At("input", "idempotencyKey")
	}
	if q.reason != nil && len(*q.reason) > maxReason {
		return fault.New(fault.InvalidInput, "A reason can be at most %d bytes long.", maxReason).At("input", "reason")
	}
	return nil
}

// identify takes the digests of an input: of what was understood, and of what came.
func (q *asking) identify(understood, came any) {
	q.digest, q.first = "v2:"+inputDigest(understood), inputDigest(came)
}

// checkHash refuses what cannot be the hash of any plan, where a repeated call has had
// its answer.
func checkHash(hash *string) error {
	if hash == nil || plan.IsHash(*hash) {
		return nil
	}
	return fault.New(fault.InvalidInput, "This isn't a plan hash. Pass the hash of the plan that you reviewed, or leave planHash out.").At("input", "planHash")
}

// inputDigest identifies an input, without its idempotency key.
func inputDigest(input any) string {
	b, err := json.Marshal(input)
	if err != nil {
		panic(err) // strings and booleans always encode
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// start begins a deployment of the actor's product.
func (s *Service) start(ctx context.Context, p *product.Product, q asking) (*Deployment, error) {
	var d *Deployment
	err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		d, err = startIn(ctx, tx, s.Jobs, p, q)
		return err
	})
	if fault.CodeOf(err) == fault.DeploymentInProgress {
		return inProgress(ctx, s.DB, d)
	}
	if err != nil {
		return nil, err
	}
	s.Notify.Ring(Topics(d)...)
	fillFor(ctx, s, d)
	return d, nil
}

// startIn locks the product first: concurrent calls for it queue up here instead
// of failing on the index.
func startIn(ctx context.Context, tx pgx.Tx, jobs *river.Client[pgx.Tx], p *product.Product, q asking) (*Deployment, error) {
	if err := product.LockForDeployment(ctx, tx, p.ID); err != nil {
		return nil, err
	}
	if earlier, err := repeated(ctx, tx, p.TenantID, q); earlier != nil || err != nil {
		return earlier, err
	}
	live, err := lockAccounts(ctx, tx, p.TenantID)
	if err != nil {
		return nil, err
	}
	d := newDeployment(ctx, p, live, q.reason)
	if err := q.prepare(ctx, tx, d); err != nil {
		return nil, err
	}
	var sets []Set
	taken := 0
	if q.schedule != nil {
		sets = q.schedule.sets()
	} else if taken, err = countPlaces(ctx, tx, live); err != nil {
		return nil, err
	}
	created, err := insert(ctx, tx, d, q.idempotencyKey, q.digest, sets...)
	if postgres.IsUnique(err, "deployments_idempotency_key") {
		return nil, fault.New(fault.IdempotencyKeyReused, "This idempotency key is in use for another product. Use a new key for new input.").At("input", "idempotencyKey")
	}
	if err != nil {
		return nil, fmt.Errorf("insert deployment: %w", err)
	}
	if !created {
		return d, fault.New(fault.DeploymentInProgress, "")
	}
	if q.schedule != nil {
		return announceSchedule(ctx, tx, d, q.schedule.seen.Plan.Hash)
	}
	return begin(ctx, tx, jobs, d, taken)
}

// begin gives a new deployment its job, where there is a place, its first event and its
// audit entry.
func begin(ctx context.Context, tx pgx.Tx, jobs *river.Client[pgx.Tx], d *Deployment, taken int) (*Deployment, error) {
	if err := dispatch(ctx, tx, jobs, []job{{ID: d.ID, Place: taken}}); err != nil {
		return nil, err
	}
	if _, err := Advance(ctx, tx, d.ID, nil, pendingMove("Waiting for "+fair.WaitsFor(taken))); err != nil {
		return nil, err
	}
	err := audit.Record(ctx, tx, audit.Entry{
		TenantID: d.TenantID, Actor: d.RequestedBy, Action: "deployment.requested", Subject: d.ID, Reason: d.Reason, Details: map[string]any{
			"kind": d.Kind, "product": d.ProductID, "stripeProduct": d.StripeProductID, "adopt": d.Adopt,
			"rollbackOf": d.RollbackOfID, "reason": d.Reason,
		},
	})
	if err != nil {
		return nil, err
	}
	return ByID(ctx, tx, d.ID)
}

// pendingMove is the state of a deployment that is to begin.
func pendingMove(message string) Move {
	wait := WaitWorker
	return Move{Status: Pending, Message: message, WaitReason: &wait}
}

// repeated returns the deployment that this call already made, or nil.
func repeated(ctx context.Context, db postgres.Querier, tenantID string, q asking) (*Deployment, error) {
	if q.idempotencyKey == nil {
		return nil, nil
	}
	d, digest, err := byKey(ctx, db, tenantID, *q.idempotencyKey)
	if err != nil || d == nil || digest == q.digest || digest == q.first {
		return d, err
	}
	return nil, fault.New(fault.IdempotencyKeyReused, "This idempotency key was already used with different input. Use a new key for new input.").At("input", "idempotencyKey")
}

// lockAccounts returns the live account; both modes must be connected, and stay
// so until the transaction ends.
func lockAccounts(ctx context.Context, tx pgx.Tx, tenantID string) (liveAccountID string, err error) {
	if _, err := connection.LockAccount(ctx, tx, tenantID, catalog.Test); err != nil {
		return "", err
	}
	return connection.LockAccount(ctx, tx, tenantID, catalog.Live)
}

func newDeployment(ctx context.Context, p *product.Product, liveAccountID string, reason *string) *Deployment {
	actor, _ := tenant.ActorFrom(ctx)
	wait := WaitWorker
	return &Deployment{
		ID: uuid.Must(uuid.NewV7()).String(), TenantID: p.TenantID, ProductID: p.ID,
		LiveAccountID: liveAccountID, StripeProductID: p.StripeProductID,
		Trigger: Immediate, Status: Pending, WaitReason: &wait, RequestedBy: actor.Email, Credential: actor.Principal, Reason: reason,
	}
}

// inProgress names the deployment in whose way d came, unless it is none of the
// caller's business.
func inProgress(ctx context.Context, db postgres.Querier, d *Deployment) (*Deployment, error) {
	running, err := activeOn(ctx, db, d.LiveAccountID, d.StripeProductID)
	if err != nil {
		return nil, err
	}
	if running == nil || running.TenantID != d.TenantID {
		return nil, fault.New(fault.DeploymentInProgress, "Another deployment of this product is running in the same live account. Try again when it has finished.")
	}
	return running, fault.New(fault.DeploymentInProgress, "Deployment %s of this product has been running since %s. Wait for it to finish.",
		running.ID, running.CreatedAt.UTC().Format("15:04:05 MST"))
}
