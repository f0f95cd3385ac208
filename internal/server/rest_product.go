package server

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/google/uuid"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
)

// given are the fields that go into the operation.
func (c call) given() map[string]any {
	if input, ok := c.variables["input"].(map[string]any); ok {
		return input
	}
	return c.variables
}

// ourProduct puts our id in the place of one of Stripe's: scripts know products by
// those. What is an id of ours in any spelling stays.
func (s rest) ourProduct(ctx context.Context, given map[string]any) error {
	raw, ok := given["productId"].(json.RawMessage)
	var id string
	if !ok || json.Unmarshal(raw, &id) != nil {
		return nil
	}
	p, err := s.named(ctx, id)
	if _, ours := uuid.Parse(id); ours == nil && fault.CodeOf(err) == fault.NotFound {
		return nil // Stripe's ids may look like ours, too
	}
	if e := fault.As(err); e != nil {
		return e.At("productId")
	}
	if err != nil {
		return err
	}
	given["productId"] = p.ID
	return nil
}

// internal tells the log what the caller may not know.
func (s rest) internal(w http.ResponseWriter, r *http.Request, action string, err error) {
	s.log.Log(r.Context(), levelOf(err), "rest request failed", "action", action, "error", err, "request_id", logid.Request(r.Context()))
	restRefusal(w, r, http.StatusInternalServerError, fault.New(fault.Internal, "Something went wrong on our side."))
}
