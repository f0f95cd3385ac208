package catalog

import "encoding/json"

// Write is one call that changes something at Stripe, exactly as it is sent.
type Write struct {
	// Path begins with /v1/; Body is form-encoded.
	Path, Body string
	// IdempotencyKey makes Stripe answer a repetition with the first answer;
	// required, at most 255 characters.
	IdempotencyKey string
	// Epoch is the owner's fencing token; it goes along in the header
	// Golive-Epoch for those who debug, and 0 is left out.
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
