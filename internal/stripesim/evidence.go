package stripesim

import (
	"maps"
	"strings"
)

// evidenceFields are Stripe's.
var evidenceFields = strings.Fields(`access_activity_log billing_address cancellation_policy cancellation_policy_disclosure
cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip customer_signature
duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy
refund_policy_disclosure refund_refusal_explanation service_date service_documentation shipping_address shipping_carrier
shipping_date shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text`)

// Evidence that decides a dispute of test mode, as uncategorized_text.
const (
	winningEvidence = "winning_evidence"
	losingEvidence  = "losing_evidence"
)

// maxEvidence is how many characters all evidence together may have.
const maxEvidence = 150_000

// Texts about disputes, unverified.
const (
	textDisputeOver     = "This dispute is already closed."
	textDisputeAnswered = "Evidence for this dispute has already been submitted."
	textDisputeLate     = "The time to respond to this dispute has passed."
	textEvidenceLong    = "The combined length of all evidence must not exceed %d characters."
)

// updateDispute stages evidence, and submits it unless submit is false; once.
func updateDispute(o *op) (any, *apiError) {
	old, err := court{o}.findDispute()
	if err != nil {
		return nil, err
	}
	metadata, err := o.in.mergeMetadata(old.Metadata)
	if err != nil {
		return nil, err
	}
	submits := o.in.has("evidence") && o.in.textOr("submit", "true") == "true" || o.in.flag("submit")
	if o.in.has("evidence") || submits {
		if err := (court{o}).checkAnswer(old); err != nil {
			return nil, err
		}
	}
	evidence := court{o}.mergeEvidence(old)
	if lengthOf(evidence) > maxEvidence {
		return nil, invalid("", "evidence", textEvidenceLong, maxEvidence)
	}
	court{o}.changeDispute(old.ID, "charge.dispute.updated", func(d *dispute) {
		d.Metadata, d.Evidence = metadata, evidence
		d.EvidenceDetails.HasEvidence = lengthOf(evidence) > 0
		if submits {
			d.EvidenceDetails.SubmissionCount++
			d.Status = map[bool]string{false: disputeReview, true: inquiryReview}[d.inquiry()]
		}
	})
	if submits {
		court{o}.decideByEvidence(old.ID)
	}
	return court{o}.answerDispute(old.ID)
}

func (o court) answerDispute(id string) (any, *apiError) {
	d, _ := o.disputes.get(id)
	return o.renderDispute(d, o.expand), nil
}

func (o court) checkAnswer(d *dispute) *apiError {
	switch {
	case d.Status == disputeReview || d.Status == inquiryReview:
		return refused("", textDisputeAnswered)
	case !d.answerable():
		return refused("", textDisputeOver)
	case d.EvidenceDetails.DueBy <= o.created():
		return refused("", textDisputeLate)
	}
	return nil
}

// mergeEvidence takes the fields that are given; the empty string takes one away.
func (o court) mergeEvidence(d *dispute) map[string]*string {
	merged := maps.Clone(d.Evidence)
	given := o.in.object("evidence")
	for _, field := range given.names() {
		merged[field] = orNull(given.text(field))
	}
	return merged
}

func lengthOf(evidence map[string]*string) int {
	n := 0
	for _, value := range evidence {
		if value != nil {
			n += len(*value)
		}
	}
	return n
}

// decideByEvidence lets test mode's magic words decide; live waits for the bank.
func (o court) decideByEvidence(id string) {
	d, _ := o.disputes.get(id)
	said := d.Evidence["uncategorized_text"]
	if o.mode == Live || said == nil {
		return
	}
	switch won := map[bool]string{false: disputeWon, true: inquiryClosed}[d.inquiry()]; *said {
	case winningEvidence:
		o.end(id, won)
	case losingEvidence:
		o.end(id, disputeLost)
	}
}

// closeDispute gives the dispute up.
func closeDispute(o *op) (any, *apiError) {
	d, err := court{o}.findDispute()
	if err != nil {
		return nil, err
	}
	if !d.answerable() {
		return nil, refused("", textDisputeOver)
	}
	court{o}.end(d.ID, disputeLost)
	return court{o}.answerDispute(d.ID)
}
