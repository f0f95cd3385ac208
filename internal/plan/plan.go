// Package plan decides what a deployment would do: Check judges whether a
// product may go live, Diff lists the changes that make live equal to test, and
// Steps are those changes as exact Stripe calls.
//
// It is pure: the same input gives the same result, byte for byte, in every
// process. It reads no clock, no network and no database.
package plan

import (
	"encoding/json"

	"github.com/golive-hq/golive/internal/catalog"
)

// Action is what a change does to an object in live.
type Action string

// The actions.
const (
	Create     Action = "CREATE"
	Update     Action = "UPDATE"
	Archive    Action = "ARCHIVE"
	Reactivate Action = "REACTIVATE"
)

// Plan is what one deployment would do to one product in live.
type Plan struct {
	// Hash is "v2:" and a digest of what would be written and what that is based on.
	Hash string `json:"hash"`
	// before is the hash in the version before, "" in a plan that was stored.
	before  string
	Changes []Change `json:"changes"`
	// Steps are the calls that carry out the changes, in an order in which each
	// comes after those it depends on.
	Steps []Step `json:"steps"`
	// Links are pairs found in live that need no call: objects found again by
	// their stamp, or taken over.
	Links []Link `json:"links"`
	// RollbackOf is the deployment that a rollback undoes, PassedOver those that came
	// after it and changed nothing, newest first; they are not part of the hash.
	RollbackOf string   `json:"rollbackOf,omitempty"`
	PassedOver []string `json:"passedOver,omitempty"`
	// Notes say in sentences what the way back leaves as it is, and why.
	Notes []string `json:"notes,omitempty"`
}

// IsEmpty tells that live already holds what test holds.
func (p *Plan) IsEmpty() bool { return len(p.Steps) == 0 }

// Change is one line of a plan for people.
type Change struct {
	Action   Action           `json:"action"`
	Resource catalog.Resource `json:"resource"`
	TestID   string           `json:"testId"`
	// LiveID is empty where the change creates the object.
	LiveID  string `json:"liveId"`
	Summary string `json:"summary"`
	// Named is what people call the object; "" in plans of earlier versions.
	Named string `json:"label,omitempty"`
	// Replaces is the live price that this one takes the place of, "" for none.
	Replaces string `json:"replacesLiveId,omitempty"`
	// AmountBefore is what the price costs in live, or the one that it replaces, and
	// AmountAfter what it will cost for whoever buys; nil where it is not for sale, and
	// for all that is no fixed price.
	AmountBefore *catalog.Money `json:"amountBefore,omitempty"`
	AmountAfter  *catalog.Money `json:"amountAfter,omitempty"`
	// Reversible is false where Stripe cannot undo the change exactly;
	// RollbackNote then says what a rollback leaves behind.
	Reversible   bool          `json:"reversible"`
	RollbackNote string        `json:"rollbackNote"`
	Fields       []FieldChange `json:"fields"`
}

// FieldChange is one field's value before and after, in the form in which
// Stripe takes it. nil is unset.
type FieldChange struct {
	Field  string `json:"field"`
	Before any    `json:"before"`
	After  any    `json:"after"`
	// Drifted tells that live was changed outside Golive since the last deployment.
	Drifted bool `json:"drifted"`
}

// Link pairs a test object with its live one.
type Link struct {
	Resource catalog.Resource `json:"resource"`
	TestID   string           `json:"testId"`
	LiveID   string           `json:"liveId"`
	// Adopted tells that Golive took the live object over instead of creating it.
	Adopted bool `json:"adopted"`
}

// Step is one Stripe call of a plan. Body and Want hold a Ref where a live id comes
// from an earlier step, and Body holds StampPlaceholder where the deployment's own
// stamp goes.
type Step struct {
	// Change is the index of the change that the step belongs to.
	Change   int              `json:"change"`
	Action   Action           `json:"action"`
	Resource catalog.Resource `json:"resource"`
	TestID   string           `json:"testId"`
	LiveID   string           `json:"liveId"`
	Summary  string           `json:"summary"`
	Method   string           `json:"method"`
	Path     string           `json:"path"`
	Body     string           `json:"body"`
	// After are the indices of the steps that must be done first.
	After []int `json:"after"`
	// Want holds the fields that the step writes, in wire form: an object that
	// has them shows that the step took effect.
	Want map[string]any `json:"want"`
	// Before is the live object as it was, null for a create.
	Before json.RawMessage `json:"before"`
	// KeyFrom is the live price, as it was, that loses its lookup key to this step's.
	KeyFrom json.RawMessage `json:"keyFrom"`
}

// Known is what Golive remembers of a product's earlier deployments to one live
// account.
type Known struct {
	Links Links `json:"-"`
	// Foreign are the live objects that another tenant of the same live account has
	// links to: theirs, whatever their stamps say.
	Foreign map[Object]bool `json:"-"`
	// Product and Prices (by test id) are the live objects as the last
	// completed deployment left them.
	Product *catalog.Product         `json:"product"`
	Prices  map[string]catalog.Price `json:"prices"`
}

// Input is what Diff compares.
type Input struct {
	Test catalog.Snapshot
	// Live is nil where the product is not in live.
	Live  *catalog.Snapshot
	Known Known
	// Adopt allows taking over live objects that Golive did not create.
	Adopt bool
	// StampOwner is the tenant whose stamps count as our own when objects are
	// found again.
	StampOwner string
}
