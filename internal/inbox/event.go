package inbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/golive-hq/golive/internal/catalog"
)

// Types are the events that an endpoint is for.
var Types = []string{
	"checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
	"payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled", "payment_intent.processing",
	"payment_intent.requires_action", "payment_intent.amount_capturable_updated", "payment_intent.partially_funded",
	"charge.succeeded", "charge.failed", "charge.updated", "charge.captured", "charge.expired", "charge.pending", "charge.refunded", "charge.refund.updated",
	"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
	"refund.created", "refund.updated",
	"payout.created", "payout.updated", "payout.paid", "payout.failed", "payout.canceled", "payout.reconciliation_completed",
	"radar.early_fraud_warning.created",
}

var kinds = []Kind{Session, Intent, Charge, Refund, Dispute, Payout}

// Metadata keys by which objects of Stripe's name the order and the payment they are for.
const (
	OrderStamp   = "golive_order"
	PaymentStamp = "golive_payment"
)

// event is what is believed of an event: which object to read, and no more.
type event struct {
	id, typ, account, apiVersion string
	created                      time.Time
	livemode                     bool
	// kind is "" where the object is nothing that orders are made of.
	kind     Kind
	objectID string
	// orderID and paymentID are those of the object's stamps, nil where it has none.
	orderID, paymentID *string
	payload            []byte
}

// errUnread tells that a body is no event.
var errUnread = errors.New("inbox: not an event of Stripe's")

// named is what ids, types and versions look like.
var named = regexp.MustCompile(`^[A-Za-z0-9][\w.-]{0,254}$`)

// readEvent reads an event of whatever version as far as all versions agree.
func readEvent(body []byte) (e event, err error) {
	var raw struct {
		ID, Object, Type, Account string
		APIVersion                *string `json:"api_version"`
		Created                   int64
		Livemode                  *bool
		Data                      struct {
			Object struct {
				ID, Object string
				Charge     json.RawMessage
				Metadata   map[string]any
			}
		}
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return e, errors.Join(errUnread, err)
	}
	if raw.Object != "event" || raw.Livemode == nil || !named.MatchString(raw.ID) || !named.MatchString(raw.Type) || raw.Created <= 0 || raw.Created > 1<<40 {
		return e, errUnread
	}
	e = event{id: raw.ID, typ: raw.Type, account: raw.Account, created: time.Unix(raw.Created, 0), livemode: *raw.Livemode, payload: body}
	if raw.APIVersion != nil && named.MatchString(*raw.APIVersion) {
		e.apiVersion = *raw.APIVersion
	}
	object := raw.Data.Object
	e.about(object.Object, object.ID, object.Charge)
	e.orderID, e.paymentID = stamped(object.Metadata, OrderStamp), stamped(object.Metadata, PaymentStamp)
	return e, nil
}

// stamped is the id that a stamp has, nil for none.
func stamped(metadata map[string]any, stamp string) *string {
	if id, ok := metadata[stamp].(string); ok && uuid.Validate(id) == nil {
		return &id
	}
	return nil
}

// of returns what is wrong with an event of an account in a mode, "" for nothing.
func (e event) of(accountID string, mode catalog.Mode) Result {
	switch {
	case e.livemode != live(mode):
		return WrongMode
	case e.account != "" && e.account != accountID:
		return WrongAccount
	}
	return ""
}

// about notes the object to be read. A warning of fraud is about its charge.
func (e *event) about(kind, id string, charge json.RawMessage) {
	if kind == "radar.early_fraud_warning" && json.Unmarshal(charge, &id) == nil {
		kind = string(Charge)
	}
	if slices.Contains(kinds, Kind(kind)) && named.MatchString(id) {
		e.kind, e.objectID = Kind(kind), id
	}
}

// veiled is a payload without what would let its reader act: it is kept as evidence.
func veiled(payload []byte) (string, error) {
	if !maySaySecret(payload) {
		return string(payload), nil
	}
	var content any
	if err := json.Unmarshal(payload, &content); err != nil {
		return "", errors.Join(errUnread, err)
	}
	veil(content)
	kept, err := json.Marshal(content)
	return string(kept), err
}

const secretKey = "client_secret"

// maySaySecret is false only where JSON has no such key. Taking all apart and putting it together
// costs as much as storing it, and most events have none. A letter may be written by its number.
func maySaySecret(payload []byte) bool {
	return bytes.Contains(payload, []byte(secretKey)) || bytes.Contains(payload, []byte(`\u00`))
}

func veil(content any) {
	switch c := content.(type) {
	case map[string]any:
		delete(c, secretKey)
		for _, value := range c {
			veil(value)
		}
	case []any:
		for _, value := range c {
			veil(value)
		}
	}
}
