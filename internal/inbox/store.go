package inbox

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// Source is how an event came.
type Source string

// The sources.
const (
	fromWebhook  Source = "WEBHOOK"
	fromBackfill Source = "BACKFILL"
	fromReplay   Source = "REPLAY"
)

// Status is what became of an event.
type Status string

// The statuses. Received are those whose object is still to be read; Quarantined are of
// another version of Stripe's API, and Dead were tried too often: somebody has to look.
const (
	StatusReceived    Status = "RECEIVED"
	StatusApplied     Status = "APPLIED"
	StatusIgnored     Status = "IGNORED"
	StatusForeign     Status = "FOREIGN"
	StatusQuarantined Status = "QUARANTINED"
	StatusDead        Status = "DEAD"
)

// sealVersion is the form of the associated data that new seals are bound to.
const sealVersion = 1

// payloadSlot has the event in it: what one said must not open as what another one did.
func payloadSlot(tenantID, id string, version int) seal.Slot {
	return seal.Slot{TenantID: tenantID, Column: "stripe_payloads.sealed." + id, Version: version}
}

// store keeps an event once, and makes its object dirty if it is new.
func (s *Service) store(ctx context.Context, of endpoint, e event, source Source) (result Result, err error) {
	ctx = postgres.For(ctx, of.Tenant)
	id := uuid.Must(uuid.NewV7()).String()
	kept, err := veiled(e.payload)
	if err != nil {
		return Malformed, nil
	}
	sealed, err := s.Keys.Seal(kept, payloadSlot(of.Tenant, id, sealVersion))
	if err != nil {
		return "", err
	}
	if err := s.gather(ctx, of, &e); err != nil {
		return "", err
	}
	status := e.status()
	isNew, err := s.insertEvent(ctx, of, e, source, status, id, sealed)
	switch {
	case err != nil || !isNew:
		return Repeated, postgres.Unavailable(err)
	case status == StatusQuarantined:
		s.Log.WarnContext(ctx, "event of another API version set aside", "event", e.id, "version", e.apiVersion, "tenant_id", of.Tenant)
		return Quarantined, nil
	}
	return Stored, nil
}

// object is what is read for the event.
func (e event) object(of endpoint) Object {
	return Object{of.Tenant, of.Account, modeOf(of.Livemode), e.kind, e.objectID}
}

// gather lets all events of a payment be about one object, because one read tells all of it:
// its session, its intent and its charges would be read one by one otherwise.
func (s *Service) gather(ctx context.Context, of endpoint, e *event) error {
	if e.paymentID == nil || e.kind != Intent && e.kind != Charge {
		return nil
	}
	whole, err := s.Whole(ctx, s.DB, e.object(of), *e.paymentID)
	e.kind, e.objectID = whole.Kind, whole.ID
	return err
}

// status is that of an event which has just come.
func (e event) status() Status {
	switch {
	case e.apiVersion != catalog.APIVersion:
		return StatusQuarantined
	case e.kind == "":
		return StatusIgnored
	}
	return StatusReceived
}

// insertEvent makes the event's object dirty, or counts a delivery of an event that is there
// already. It is one statement, because Stripe waits for it: what else it takes is a commit.
func (s *Service) insertEvent(ctx context.Context, of endpoint, e event, source Source, status Status, id string, sealed []byte) (isNew bool, err error) {
	isNew, err = postgres.One(ctx, s.DB, pgx.RowTo[bool], nil, `WITH e AS (INSERT INTO stripe_events AS e (id, tenant_id, account_id, livemode, event_id, endpoint_id, type, kind,
				object_id, order_id, api_version, created_at, source, status)
			VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, ''), nullif($9, ''), $10, $11, $12, $13, $14)
			ON CONFLICT ON CONSTRAINT stripe_events_once DO UPDATE SET deliveries = e.deliveries + 1
			RETURNING xmax = 0 AS new),
		p AS (INSERT INTO stripe_payloads (event_id, tenant_id, sealed, seal_version) SELECT $1, $2, $15, $16 FROM e WHERE new),
		`+ring(`SELECT $2, $3, $4, $8, $9, `+nextJob+` FROM e WHERE new AND $14 = 'RECEIVED'`, "$17")+`
		SELECT new FROM e`,
		id, of.Tenant, of.Account, of.Livemode, e.id, of.EndpointID, e.typ, e.kind, e.objectID, e.orderID, e.apiVersion, e.created, source, status, sealed, sealVersion,
		argsOf(e.object(of)))
	return isNew, wrap(err, "store an event")
}

// secretSlot has the mode in the column's name: what signs test events must not open as what
// signs live ones.
func secretSlot(tenantID string, mode catalog.Mode, version int) seal.Slot {
	return seal.Slot{TenantID: tenantID, Column: "webhook_secrets.sealed." + string(mode), Version: version}
}

// sealedSecret is a row of webhook_secrets.
type sealedSecret struct {
	TenantID string `db:"tenant_id"`
	Livemode bool   `db:"livemode"`
	Number   int    `db:"number"`
	Sealed   []byte `db:"sealed"`
	Version  int    `db:"seal_version"`
}

func (k sealedSecret) slot() seal.Slot { return secretSlot(k.TenantID, modeOf(k.Livemode), k.Version) }

// secretsOf are those that an endpoint's events may be signed with now, the newest first.
func (s *Service) secretsOf(ctx context.Context, db postgres.Querier, tenantID string, livemode bool) ([]string, error) {
	rows, err := postgres.All(ctx, db, pgx.RowToStructByName[sealedSecret], `SELECT tenant_id, livemode, number, sealed, seal_version FROM webhook_secrets
		WHERE tenant_id = $1 AND livemode = $2 AND (until IS NULL OR until > now()) ORDER BY until DESC NULLS FIRST`, tenantID, livemode)
	if err != nil {
		return nil, wrap(err, "read an endpoint's secrets")
	}
	secrets := make([]string, len(rows))
	for i, row := range rows {
		if secrets[i], err = s.Keys.Open(row.Sealed, row.slot()); err != nil {
			return nil, err
		}
	}
	return secrets, nil
}
