package overview

import (
	"fmt"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// Known is what has changed in test since the last go-live, as far as the last import knows.
type Known struct {
	AsOf  time.Time
	Lines []string
}

// Count counts the lines.
func (k *Known) Count() int { return len(k.Lines) }

// since is what a go-live would change, as far as is known: what it would really do, Stripe
// alone can tell.
func (o *Overview) since(left *catalog.Snapshot) *Known {
	if o.GoneAt != nil {
		return &Known{AsOf: *o.GoneAt, Lines: []string{fmt.Sprintf("%s: no longer in test mode", o.Name)}}
	}
	known := &Known{AsOf: o.ImportedAt, Lines: []string{}}
	in := plan.Input{Test: *o.Test, Live: left, Known: o.knownLinks(left), StampOwner: o.TenantID}
	for _, c := range plan.Diff(in).Changes {
		known.Lines = append(known.Lines, c.Summary)
	}
	return known
}

// knownLinks are the links as plans compare by them.
func (o *Overview) knownLinks(left *catalog.Snapshot) plan.Known {
	k := plan.Known{Links: plan.Links{}, Prices: map[string]catalog.Price{}, Product: &left.Product}
	for _, l := range o.Links {
		k.Links[plan.Object{Resource: l.Resource, ID: l.TestID}] = l.LiveID
		if p := left.Price(l.LiveID); l.Resource == catalog.ResourcePrice && p != nil {
			k.Prices[l.TestID] = *p
		}
	}
	return k
}
