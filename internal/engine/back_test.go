package engine_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/stripesim"
)

// On the way back a refused step keeps only those from being done that depend on
// it, also such as are begun after it.
func TestBackGoesOnAfterARefusal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.plan(t, 1)
	refused, held := 1, 2
	b.steps[refused].Body = strings.Replace(b.steps[refused].Body, "usd", "xyz", 1)
	hold, err := b.server.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Hold, At: stripesim.AtArrival, Match: stripesim.Match{Method: "POST", BodyContains: "pro_y"},
	})
	if err != nil {
		t.Fatal(err)
	}
	later := b.steps[3]
	later.Index, later.Key, later.Body, later.After = 4, later.Key+"later", "name=Later", []int{0, held}
	b.steps = append(b.steps, later)
	failed := make(chan struct{})
	b.onFailed = func() { close(failed) }
	ended := make(chan error)
	go func() {
		r := engine.Run{Gateway: b.live, Journal: b.memory, ProductID: "prod_pro", Links: maps.Clone(b.links)}
		ended <- r.Back(t.Context(), slices.Clone(b.steps))
	}()
	if _, err := b.server.Sim.Held(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	<-failed
	b.server.Sim.Release("", false)
	var told *engine.StepError
	if err := <-ended; !errors.As(err, &told) || told.Index != refused {
		t.Errorf("got %v", err)
	}
	var got []engine.Status
	for _, s := range b.steps {
		got = append(got, s.Status)
	}
	if want := []engine.Status{engine.Done, "FAILED", engine.Done, engine.Pending, engine.Done}; !slices.Equal(got, want) {
		t.Errorf("the steps are %v, want %v", got, want)
	}
}
