package catalog

import "encoding/json"

// Write is one call that changes something at Stripe, exactly as it is sent.
type Write struct {
	// Path begins with /v1/; Body is form-encoded.
	Path, Body string
	// IdempotencyKey makes Stripe answer a repetition with the first answer.
	IdempotencyKey string
	// Epoch is the owner's fencing token, sent along for those who debug.
	Epoch int64
}

// Written is Stripe's answer to a Write.
type Written struct {
	// ID is that of the object created or changed.
	ID        string
	RequestID string
	// Replayed tells that Stripe answered from memory: the effect is older.
	Replayed bool
	Raw      json.RawMessage
}
