package order

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

// evidenceFields are Stripe's.
var evidenceFields = strings.Fields(`access_activity_log billing_address cancellation_policy cancellation_policy_disclosure
	cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip customer_signature
	duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy
	refund_policy_disclosure refund_refusal_explanation service_date service_documentation shipping_address shipping_carrier
	shipping_date shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text`)

// Stripe's limits, in characters, of one field and of all of them.
const (
	mostField    = 20_000
	mostEvidence = 150_000
)

// readEvidence reads what is to be answered, and refuses what Stripe would, or must not get.
func readEvidence(in EvidenceInput) (map[string]string, error) {
	if in.IdempotencyKey != "" {
		if err := checkKey(in.IdempotencyKey); err != nil {
			return nil, err
		}
	}
	object, isObject := in.Evidence.(map[string]any)
	if !isObject {
		return nil, invalid("Evidence is an object of texts by Stripe's field names.", "evidence")
	}
	evidence, sum := make(map[string]string, len(object)), 0
	for field, value := range object {
		text, isText := value.(string)
		if !isText {
			return nil, invalid("A field of evidence is a text.", "evidence", field)
		}
		if err := checkField(field, text); err != nil {
			return nil, err
		}
		evidence[field] = text
		sum += utf8.RuneCountInString(text)
	}
	switch {
	case sum > mostEvidence:
		return nil, invalid(fmt.Sprintf("All evidence together can have at most %d characters.", mostEvidence), "evidence")
	case in.Submit && sum == 0:
		return nil, invalid("There's nothing to submit. Write down what happened first.", "evidence")
	}
	return evidence, nil
}

func checkField(field, text string) error {
	switch {
	case !slices.Contains(evidenceFields, field):
		return invalid("Stripe has no such field. Look at its documentation of evidence for disputes.", "evidence", field)
	case utf8.RuneCountInString(text) > mostField:
		return invalid(fmt.Sprintf("At most %d characters are allowed here.", mostField), "evidence", field)
	case holdsCard(text):
		return errCard("evidence", field)
	}
	return nil
}

// digest identifies the input by the tenant's key. By a plain digest, whoever can guess most of
// what was written of a customer could try the rest.
func (in EvidenceInput) digest(ctx context.Context, tx pgx.Tx, keys *seal.Keys, tenantID string) (string, error) {
	key, err := someContactKey(ctx, tx, keys, tenantID)
	if err != nil {
		return "", err
	}
	return key.digest(in), nil
}

const evidenceSeal = 1

func evidenceSlot(tenantID string, version int) seal.Slot {
	return seal.Slot{TenantID: tenantID, Column: "disputes.evidence", Version: version}
}

// keepDraft keeps evidence as somebody wrote it.
func (s Disputes) keepDraft(ctx context.Context, tx pgx.Tx, tenantID, disputeID string, evidence map[string]string) error {
	b, err := json.Marshal(evidence)
	if err != nil {
		return fmt.Errorf("encode evidence: %w", err)
	}
	sealed, err := s.Keys.Seal(string(b), evidenceSlot(tenantID, evidenceSeal))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, keepEvidence, disputeID, sealed, evidenceSeal)
	return wrap(err, "keep evidence")
}

// sealedEvidence is what somebody wrote of a dispute.
type sealedEvidence struct {
	DisputeID string `db:"id"`
	TenantID  string `db:"tenant_id"`
	Sealed    []byte `db:"evidence"`
	Version   int    `db:"seal_version"`
}

const selectEvidence = `SELECT id::text, tenant_id::text, evidence, seal_version FROM disputes WHERE evidence IS NOT NULL AND `

func (e sealedEvidence) open(keys *seal.Keys) (evidence map[string]string, err error) {
	text, err := keys.Open(e.Sealed, evidenceSlot(e.TenantID, e.Version))
	if err != nil {
		return nil, err
	}
	return evidence, wrap(json.Unmarshal([]byte(text), &evidence), "decode evidence")
}

// draftOf is what somebody wrote, nil where nobody has.
func (s Disputes) draftOf(ctx context.Context, db postgres.Querier, disputeID string) (map[string]string, error) {
	kept, err := postgres.One(ctx, db, pgx.RowToStructByName[sealedEvidence], nil, selectEvidence+`id = $1`, disputeID)
	if err != nil || kept.Sealed == nil {
		return nil, wrap(err, "read evidence")
	}
	return kept.open(s.Keys)
}

// forgetEvidence takes away what was written of orders' disputes. What the bank has is Stripe's.
func forgetEvidence(ctx context.Context, tx pgx.Tx, orderIDs []string) error {
	_, err := tx.Exec(ctx, `UPDATE disputes SET evidence = NULL, seal_version = NULL WHERE order_id = ANY($1::uuid[]) AND evidence IS NOT NULL`, orderIDs)
	return wrap(err, "forget evidence")
}

// Evidence is what is to be answered to a dispute that the actor may see: as somebody wrote
// it, else as Golive's record suggests while it can be answered, else nil.
func (s Disputes) Evidence(ctx context.Context, d *ledger.Dispute) (map[string]string, error) {
	o, err := s.mine(ctx, d.OrderID, tenant.RoleViewer)
	if err != nil {
		return nil, err
	}
	draft, err := s.draftOf(ctx, s.DB, d.ID)
	if draft != nil || err != nil || !d.Answerable() {
		return draft, err
	}
	details, err := s.DetailsOf(ctx, []string{o.ID})
	if err != nil {
		return nil, err
	}
	return suggest(o, details[o.ID], d), nil
}
