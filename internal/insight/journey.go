package insight

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/quota"
	"github.com/golive-hq/golive/internal/tenant"
)

// Stage is how far a dialog got.
type Stage string

// The stages, in their order.
const (
	Opened    Stage = "OPENED"
	Checked   Stage = "CHECKED"
	PlanSeen  Stage = "PLAN_SEEN"
	Confirmed Stage = "CONFIRMED"
	Ended     Stage = "ENDED"
)

var stages = []Stage{Opened, Checked, PlanSeen, Confirmed, Ended}

// Note keeps that a dialog about a product reached a stage: once, and nothing of who opened
// it. journeyID is a UUID that the dialog made. Of too many notes some are lost: they are
// for figures.
func (s *Service) Note(ctx context.Context, journeyID, productID string, stage Stage) error {
	if uuid.Validate(journeyID) != nil {
		return fault.New(fault.InvalidInput, "journeyId must be a UUID.").At("input", "journeyId")
	}
	p, err := s.Products.Get(ctx, productID)
	if err != nil {
		return err
	}
	if err := quota.ToNote(ctx, s.DB, p.TenantID); fault.CodeOf(err) == fault.RateLimited {
		return nil
	} else if err != nil {
		return err
	}
	_, err = s.DB.Exec(ctx, `INSERT INTO journeys (tenant_id, id, stage, product_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		p.TenantID, journeyID, stage, p.ID)
	return postgres.Unavailable(err)
}

// Kept is how long notes are: figures are of no longer span.
const Kept = mostSpan

// PruneJourneys takes away notes older than keep, but of tenants on hold, and returns how many.
func PruneJourneys(ctx context.Context, db postgres.Execer, keep time.Duration) (int, error) {
	ctx = postgres.Across(ctx, postgres.Retention)
	return postgres.InLots(ctx, db, `DELETE FROM journeys WHERE (tenant_id, id, stage) IN (SELECT j.tenant_id, j.id, j.stage FROM journeys j
		WHERE j.at < now() - $1::interval AND NOT `+tenant.HeldSQL("j.tenant_id")+` LIMIT 500 FOR UPDATE OF j SKIP LOCKED)`, keep)
}

// Confirm notes that the dialog led to a deployment, unless that failed. It must not keep
// that from anybody: what goes wrong with it is lost.
func (s *Service) Confirm(ctx context.Context, journeyID *string, d *deployment.Deployment, failed error) {
	if journeyID != nil && d != nil && failed == nil {
		_ = s.Note(ctx, *journeyID, d.ProductID, Confirmed)
	}
}

// JourneyStep is how many dialogs reached a stage.
type JourneyStep struct {
	Stage Stage `db:"stage"`
	Count int   `db:"count"`
}

// Journey counts the dialogs that reached each stage in a span.
func (s *Service) Journey(ctx context.Context, m *Metrics) ([]JourneyStep, error) {
	return postgres.All(ctx, s.DB, pgx.RowToStructByName[JourneyStep], `SELECT named.stage, count(j.id)
		FROM unnest($4::text[]) WITH ORDINALITY AS named (stage, place)
		LEFT JOIN journeys j ON j.tenant_id = $1 AND j.at >= $2 AND j.at < $3 AND j.stage = named.stage
		GROUP BY named.stage, named.place ORDER BY named.place`, append(m.args(), stages)...)
}
