package e2e_test

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/fault"
)

// rollbackInput is the contract's.
type rollbackInput struct {
	DeploymentID string `json:"deploymentId"`
	PlanHash     string `json:"planHash,omitempty"`
}

func (a api) planRollback(ctx context.Context, deploymentID string) (*planned, error) {
	data, err := patiently(func() (struct{ PlanRollback *planned }, error) {
		return client.Do[struct{ PlanRollback *planned }](ctx, a.Client,
			`query ($id: ID!) { planRollback(deploymentId: $id) { `+planFields+` } }`, object{"id": deploymentID})
	})
	return data.PlanRollback, err
}

func (a api) mustRollBack(t testing.TB, in rollbackInput) *deployment {
	t.Helper()
	d, err := patiently(func() (*deployment, error) {
		return client.Change[deployment](t.Context(), a.Client, "rollbackDeployment", in, deploymentFields)
	})
	if err != nil || d == nil {
		t.Fatalf("rollbackDeployment: %v", err)
	}
	return d
}

// judgeRollback takes a go-live back, and forward again: live is what it was
// before, and then what the go-live had made of it, in every member of the raw
// JSON. Only what the plan declared beforehand may differ.
func (r *caseRun) judgeRollback(productID string, before *world, d *deployment) {
	r.t.Helper()
	made := r.liveWorld(r.t)
	if len(d.Steps) == 0 && !r.phase.Adopt && !r.phase.LoseLinks {
		if _, err := r.planRollback(r.t.Context(), d.ID); fault.CodeOf(err) != fault.InvalidState {
			r.errorf("rolling back what changed nothing: %v", err)
		}
		return
	}
	back := r.rollBack("rolling back", d)
	if r.t.Failed() {
		return
	}
	r.judgeBack(before, made, declared(d.Plan))
	again := r.rollBack("forward again", back)
	if r.t.Failed() {
		return
	}
	forward := r.liveWorld(r.t)
	for _, want := range slices.Concat(made.products, made.prices) {
		for _, diff := range differences("", lasting(want), lasting(forward.find(want["id"].(string)))) {
			r.errorf("forward again: %s: %s", want["id"], diff)
		}
	}
	for id, want := range map[string]string{d.ID: "COMPLETED", back.ID: "ROLLED_BACK", again.ID: "COMPLETED"} {
		if got := r.deployment(r.t, id); got.Status != want {
			r.errorf("forward again: %s is %s, want %s", id, got.Status, want)
		}
	}
	if r.last && !r.t.Failed() {
		r.judgeAnew(productID, made, again)
	}
}

// judgeRollbackOver takes a go-live back over what people did in live since: refused
// before any write, or leaving what is theirs and telling so.
func (r *caseRun) judgeRollbackOver(d *deployment, want *rollback) {
	r.t.Helper()
	r.editLive(want.Live)
	made, mark := r.liveWorld(r.t), r.now(r.t)
	if len(want.Refused) > 0 {
		shown, err := r.planRollback(r.t.Context(), d.ID)
		if fault.CodeOf(err) != fault.ValidationFailed {
			r.errorf("the rollback is planned as %+v, %v", shown, err)
		}
		end := r.end(r.t, r.mustRollBack(r.t, rollbackInput{DeploymentID: d.ID}).ID)
		if end.Status != "FAILED" || end.LiveOutcome == nil || *end.LiveOutcome != "UNCHANGED" {
			r.errorf("the rollback ended %s: %s", end.Status, end.ProgressMessage)
		}
		r.wantRefusals(end, want.Refused)
		r.wantWrites("a refused rollback", mark, end.ID, 0)
	} else if back := r.rollBack("rolling back", d); back != nil && back.Plan != nil {
		for i, part := range want.Notes {
			if len(back.Plan.Notes) != len(want.Notes) || !strings.Contains(back.Plan.Notes[i], part) || !strings.Contains(back.ProgressMessage, back.Plan.Notes[i]) {
				r.errorf("told are %q and %q, want %q", back.Plan.Notes, back.ProgressMessage, want.Notes)
			}
		}
	}
	live, ids := r.liveWorld(r.t), r.liveIDs(r.t)
	for _, o := range want.Leaves {
		o = resolver(func(testID string) string { return ids[testID] }).in(o)
		id, _ := o["id"].(string)
		if found := live.find(id); found == nil || !has(unstamped(found), o) {
			r.errorf("the rollback left %s, want %s", text(found), text(o))
		}
	}
	if len(want.Refused) > 0 && text(live.products) != text(made.products) {
		r.errorf("a refused rollback changed live")
	}
}

// unstamped is an object without the one metadata key that is Golive's.
func unstamped(o object) object {
	metadata, is := o["metadata"].(object)
	if !is {
		return o
	}
	c, own := maps.Clone(o), maps.Clone(metadata)
	delete(own, catalog.StampKey)
	c["metadata"] = own
	return c
}

// wantRefusals holds a report to refuse by these checks and no others.
func (r *caseRun) wantRefusals(d *deployment, want map[string]string) {
	r.t.Helper()
	found := 0
	for _, result := range d.Validation.Results {
		part, expected := want[result.Check]
		if result.Status == "FAILED" && expected && strings.Contains(result.Message, part) {
			found++
		} else if result.Status == "FAILED" || expected {
			r.errorf("check %s is %s: %s", result.Check, result.Status, result.Message)
		}
	}
	if found != len(want) {
		r.errorf("%d checks refuse, want %d", found, len(want))
	}
}

// judgeAnew goes back once more, and then forward by a go-live of its own: it ends
// where the first one did, with as much for sale. What can only be replaced is
// replaced anew, so that live holds more; nothing that follows could be judged.
func (r *caseRun) judgeAnew(productID string, made *world, again *deployment) {
	r.t.Helper()
	if r.rollBack("back once more", again); r.t.Failed() {
		return
	}
	anew := r.end(r.t, r.mustGoLive(r.t, goLiveInput{ProductID: productID, Adopt: r.phase.Adopt}).ID)
	if anew.Status != "COMPLETED" {
		r.errorf("anew: ended %s: %s", anew.Status, anew.ProgressMessage)
		return
	}
	live, test, ids := r.liveWorld(r.t), r.testWorld(r.t), r.liveIDs(r.t)
	for _, o := range slices.Concat(test.products, test.prices) {
		r.judgeObject(o, live, ids, map[string]bool{})
	}
	if got, want := forSale(live), forSale(made); got != want {
		r.errorf("anew: %d prices are for sale, want %d", got, want)
	}
}

func forSale(w *world) int {
	n := 0
	for _, p := range w.prices {
		if p["active"] == true {
			n++
		}
	}
	return n
}

// rollBack does exactly what was shown beforehand.
func (r *caseRun) rollBack(title string, of *deployment) *deployment {
	r.t.Helper()
	mark := r.now(r.t)
	shown, err := r.planRollback(r.t.Context(), of.ID)
	if err != nil {
		r.errorf("%s: no plan: %v", title, err)
		return nil
	}
	r.wantWrites("planning the rollback", mark, "", 0)
	d := r.end(r.t, r.mustRollBack(r.t, rollbackInput{of.ID, shown.Hash}).ID)
	if d.Status != "COMPLETED" {
		r.errorf("%s ended %s: %s\n\t%s", title, d.Status, d.ProgressMessage, strings.Join(changesOf(shown), "\n\t"))
		return d
	}
	if !reflect.DeepEqual(d.Plan, shown) {
		r.errorf("%s: the plan was\n\t%s\nand was shown as\n\t%s", title,
			strings.Join(changesOf(d.Plan), "\n\t"), strings.Join(changesOf(shown), "\n\t"))
	}
	r.wantWrites(title, mark, d.ID, len(d.Steps))
	return d
}

// declared are the live objects of which a plan said that a rollback cannot bring
// back all.
func declared(p *planned) map[string]bool {
	lost := map[string]bool{}
	for _, c := range p.Changes {
		if c.LiveID != nil && !c.Reversible {
			lost[*c.LiveID] = true
		}
	}
	return lost
}

// final are the members that Stripe lets nobody unset.
var final = []string{"shippable", "tax_behavior"}

// judgeBack compares live after a rollback with what it was before the go-live.
func (r *caseRun) judgeBack(before, made *world, lost map[string]bool) {
	r.t.Helper()
	live := r.liveWorld(r.t)
	for _, want := range slices.Concat(before.products, before.prices) {
		id := want["id"].(string)
		for _, diff := range differences("", lasting(want), lasting(live.find(id))) {
			path, _, _ := strings.Cut(diff, ":")
			if !lost[id] || !slices.Contains(final, path[strings.LastIndex(path, ".")+1:]) {
				r.errorf("rolled back: %s: %s", id, diff)
			}
		}
	}
	for _, o := range slices.Concat(live.products, live.prices) {
		id := o["id"].(string)
		if before.find(id) != nil {
			continue
		}
		if made.find(id) == nil {
			r.errorf("rolling back created %s", id)
		}
		if o["active"] != false {
			r.errorf("rolled back: %s, which the go-live created, is still for sale", id)
		}
	}
}

// lasting is an object without the one member that every write changes.
func lasting(o object) object {
	c := maps.Clone(o)
	delete(c, "updated")
	return c
}
