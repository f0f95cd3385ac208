package runner_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/stripesim"
)

// label sets metadata of an object; "" takes a key away.
func (st *stack) label(t *testing.T, mode stripesim.Mode, id, key, value string) {
	t.Helper()
	st.Edit(t, mode, id, func(object map[string]any) {
		metadata, _ := object["metadata"].(map[string]any)
		metadata = maps.Clone(metadata)
		if metadata == nil {
			metadata = map[string]any{}
		}
		if metadata[key] = value; value == "" {
			delete(metadata, key)
		}
		object["metadata"] = metadata
	})
}

// wantLabels holds the product's metadata in live to be this, but for the stamp.
func (st *stack) wantLabels(t *testing.T, when string, want map[string]string) {
	t.Helper()
	got := maps.Clone(st.Live(t, simple).Product.Metadata)
	delete(got, catalog.StampKey)
	if !maps.Equal(got, want) {
		t.Errorf("%s: metadata is %v, want %v", when, got, want)
	}
}

// What others keep in live's metadata stays, through go-lives, rollbacks and their
// rollbacks; what Golive wrote, and test has no more, goes.
func TestMetadataOfOthersStays(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	for key := range st.inTest(t) {
		st.label(t, stripesim.Test, simple, key, "")
	}
	st.label(t, stripesim.Test, simple, "tier", "1")
	st.label(t, stripesim.Test, simple, "old", "1")
	st.Completed(t, p)
	st.label(t, stripesim.Live, simple, "crm", "42")
	if report, err := st.Validate(st.As, p.ID, false); err != nil || statusOf(report, "drift") != "PASSED" {
		t.Errorf("drift: %v", err)
	}
	if seen, err := st.PlanGoLive(st.As, p.ID, false); err != nil || !seen.IsEmpty() {
		t.Errorf("plan: %+v, %v", seen, err)
	}
	st.label(t, stripesim.Test, simple, "tier", "2")
	st.label(t, stripesim.Test, simple, "old", "")
	second := st.Completed(t, p)
	st.wantLabels(t, "changed", map[string]string{"tier": "2", "crm": "42"})
	st.label(t, stripesim.Live, simple, "billing", "7")
	back := st.RolledBack(t, second.ID)
	st.wantLabels(t, "back", map[string]string{"tier": "1", "old": "1", "crm": "42", "billing": "7"})
	st.RolledBack(t, back.ID)
	st.wantLabels(t, "forward again", map[string]string{"tier": "2", "crm": "42", "billing": "7"})
	again := st.Completed(t, p)
	if steps, err := st.Steps(st.As, again.ID); err != nil || len(steps) > 0 {
		t.Errorf("going live once more has %d steps, %v", len(steps), err)
	}
	st.label(t, stripesim.Test, simple, "tier", "")
	st.Completed(t, p)
	st.wantLabels(t, "cleared", map[string]string{"crm": "42", "billing": "7"})
}

// inTest is the metadata that the product has in test.
func (st *stack) inTest(t *testing.T) map[string]string {
	t.Helper()
	return st.Product(t, simple).Snapshot.Product.Metadata
}

// What somebody has changed since is theirs: a rollback leaves it, and says so before
// and after.
func TestMetadataConflictIsTold(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	st.label(t, stripesim.Test, simple, "tier", "1")
	st.Completed(t, p)
	st.label(t, stripesim.Test, simple, "tier", "2")
	st.label(t, stripesim.Test, simple, "added", "2")
	second := st.Completed(t, p)
	st.label(t, stripesim.Live, simple, "tier", "theirs")
	seen, err := st.PlanRollback(st.As, second.ID)
	must(t, err)
	if len(seen.Notes) != 1 || !strings.Contains(seen.Notes[0], `"tier"`) {
		t.Errorf("nobody is told: %q", seen.Notes)
	}
	back := st.RolledBack(t, second.ID)
	if live := st.Live(t, simple).Product.Metadata; live["tier"] != "theirs" || live["added"] != "" {
		t.Errorf("metadata is %v", live)
	}
	if !strings.Contains(back.ProgressMessage, seen.Notes[0]) {
		t.Errorf("in the end nobody is told: %q", back.ProgressMessage)
	}
}

// A go-live that fails takes back what it wrote, and leaves what others wrote meanwhile.
func TestMetadataOfOthersStaysWhenTurnedBack(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	st.Completed(t, p)
	st.label(t, stripesim.Live, simple, "crm", "42")
	before := st.Live(t, simple)
	st.label(t, stripesim.Test, simple, "tier", "9")
	wait, release := st.Hold(t, 1, stripesim.AtAfter)
	d := st.StartGoLive(t, p.ID)
	wait()
	st.CallOff(t, d.ID)
	release()
	st.cancelled(t, d.ID)
	sameLive(t, st.Live(t, simple), before)
}

// What is taken over keeps what it had before, also when that is undone.
func TestMetadataOfWhatIsAdoptedStays(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	must(t, st.Stripe.Sim.Seed(st.Stripe.Account.ID, stripesim.Live,
		[]json.RawMessage{[]byte(`{"id": "` + simple + `", "name": "By hand", "metadata": {"crm": "42", "tier": "theirs"}}`)}, nil))
	st.label(t, stripesim.Test, simple, "tier", "1")
	end := st.adopted(t)
	if live := st.Live(t, simple).Product.Metadata; live["crm"] != "42" || live["tier"] != "1" {
		t.Errorf("taken over, metadata is %v", live)
	}
	st.RolledBack(t, end.ID)
	if live := st.Live(t, simple).Product.Metadata; live["crm"] != "42" || live["tier"] != "theirs" {
		t.Errorf("given back, metadata is %v", live)
	}
	st.label(t, stripesim.Test, simple, "tier", "")
	if end := st.adopted(t); end.Status != deployment.Completed {
		t.Error(end.ProgressMessage)
	}
	if live := st.Live(t, simple).Product.Metadata; live["tier"] != "theirs" {
		t.Errorf("taken over again, metadata is %v", live)
	}
}

// A plan that was agreed to before the upgrade is the same plan in its own version.
func TestMetadataOfAPlanOfTheVersionBefore(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Work(t)
	p := st.Product(t, simple)
	st.Edit(t, stripesim.Test, simple, func(object map[string]any) { object["default_price"] = nil })
	seen, err := st.PlanGoLive(st.As, p.ID, false)
	must(t, err)
	// Nothing is in live yet, and no step refers to another, so both versions take the same bytes.
	before := "v1:" + strings.TrimPrefix(seen.Hash, "v2:")
	d, err := st.GoLive(st.As, deployment.GoLiveInput{ProductID: p.ID, PlanHash: &before})
	must(t, err)
	if end := st.End(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}
