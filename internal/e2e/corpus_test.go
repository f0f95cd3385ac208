package e2e_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripesim"
)

// TestCorpus takes every case live through the API, the worker and the simulator.
// After each go-live test and live agree on the raw JSON; rolled back, live is as it
// was before, and rolled back again as the go-live had made it; then the next plan is
// empty. After the last one a second go-live writes nothing.
func TestCorpus(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	run := sideBySide(12)
	for _, c := range loadCorpus(t) {
		run.add(func() {
			t.Run(c.File, func(t *testing.T) { runCase(t, s, c) })
		})
	}
	run.wait()
	wantDocumentedRights(t, s)
}

func runCase(t *testing.T, s *stack, c corpusCase) {
	t.Helper()
	run := caseRun{t: t, shop: s.newShop(t, c.File, c.Sandbox), stack: s, test: &world{}}
	for i, p := range c.Phases {
		run.phase, run.title, run.last = p, p.title(i), i == len(c.Phases)-1
		run.do()
		if t.Failed() {
			return // what follows builds on it
		}
	}
}

// caseRun is a case on its way, at one of its phases.
type caseRun struct {
	*shop
	stack *stack
	test  *world
	t     *testing.T
	phase phase
	title string
	last  bool
	// troubles are the simulator's faults of the phase.
	troubles []string
}

func (r *caseRun) do() {
	before := r.prepare()
	defer r.sound()
	linked := r.liveIDs(r.t)
	product := r.product(r.t, cmp.Or(r.phase.Product, r.first()))
	mark := r.now(r.t)
	p, refused := r.plan(r.t, product.ID, r.phase.Adopt)
	in := goLiveInput{ProductID: product.ID, Adopt: r.phase.Adopt}
	if refused == nil {
		in.PlanHash = p.Hash
		r.judgePlan(p)
	}
	r.wantWrites("planning", mark, "", 0)
	d := r.end(r.t, r.mustGoLive(r.t, in).ID)
	if d.Status != r.phase.status() {
		r.errorf("ended %s: %s, want %s", d.Status, d.ProgressMessage, r.phase.status())
		return
	}
	r.wantWrites("the go-live", mark, d.ID, r.phase.Expect.Writes)
	r.judgeReport(d)
	r.judgeLive(before, linked, d.ID)
	switch {
	case d.Status != "COMPLETED" || r.t.Failed():
	case r.phase.Rollback != nil:
		r.judgeRollbackOver(d, r.phase.Rollback)
	default:
		r.judgeRollback(product.ID, before, d)
		r.judgeRepetition(product.ID)
	}
}

// prepare brings test and live where the phase has them, and returns live.
func (r *caseRun) prepare() *world {
	r.t.Helper()
	p := r.phase
	r.must(r.test.apply(p.Test, nil))
	r.must(r.sim.Load(r.shop.test.ID, stripesim.Test, r.test.state()))
	r.must(r.sim.SetAccount(r.live.ID, p.Account))
	r.editLive(p.Live)
	if p.LoseLinks {
		_, err := r.stack.pool.Exec(r.t.Context(), `DELETE FROM links WHERE live_account_id = $1`, r.live.ID)
		r.must(err)
	}
	r.hide()
	r.importProducts(r.t, r.tenantID)
	if p.Trouble != nil {
		r.troubles = append(r.troubles, r.fault(r.t, stripesim.Fault{Kind: p.Trouble.Kind, Match: stripesim.Match{Method: "POST", Nth: p.Trouble.Nth}}))
	}
	return r.liveWorld(r.t)
}

// hide keeps objects out of lists from now on.
func (r *caseRun) hide() {
	r.t.Helper()
	ids := r.liveIDs(r.t)
	hidden := map[stripesim.Mode][]string{}
	for _, id := range r.phase.Hidden {
		if testID, inLive := strings.CutPrefix(id, "of "); inLive {
			hidden[stripesim.Live] = append(hidden[stripesim.Live], ids[testID])
		} else if id != "*" {
			hidden[stripesim.Test] = append(hidden[stripesim.Test], id)
		}
	}
	if slices.Contains(r.phase.Hidden, "*") {
		hidden[stripesim.Live] = nil // which is all
	}
	for mode, these := range hidden {
		account := map[stripesim.Mode]string{stripesim.Test: r.shop.test.ID, stripesim.Live: r.live.ID}[mode]
		id, err := r.sim.AddFault(stripesim.Fault{
			Kind: stripesim.Hide, Times: -1, IDs: these,
			Match: stripesim.Match{Method: "GET", Path: "^/v1/(products|prices)$", Account: account, Mode: mode},
		})
		r.must(err)
		r.troubles = append(r.troubles, id)
	}
}

// sound ends what was hidden and what befell.
func (r *caseRun) sound() {
	for _, id := range r.troubles {
		r.sim.RemoveFault(id)
	}
	r.troubles = nil
}

// editLive is what people do in live.
func (r *caseRun) editLive(e edit) {
	r.t.Helper()
	if len(e.Products)+len(e.Prices)+len(e.Gone) == 0 {
		return
	}
	ids, live := r.liveIDs(r.t), r.liveWorld(r.t)
	r.must(live.apply(e, func(testID string) string { return ids[testID] }))
	r.must(r.sim.Load(r.live.ID, stripesim.Live, live.state()))
}

// first is the case's first product, be it still in test or not.
func (r *caseRun) first() string {
	if len(r.test.products) == 0 {
		return r.products(r.t, r.slug)[0].StripeProductID
	}
	return r.test.products[0]["id"].(string)
}

func (r *caseRun) judgePlan(p *planned) {
	r.t.Helper()
	if r.phase.Expect.Changes == nil {
		return
	}
	if got, want := changesOf(p), r.phase.Expect.Changes; !slices.Equal(got, want) {
		r.errorf("the plan is\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	if p.IsEmpty != (r.phase.Expect.Writes == 0) {
		r.errorf("the plan says isEmpty %t and needs %d writes", p.IsEmpty, r.phase.Expect.Writes)
	}
}

// changesOf writes a plan as the corpus does.
func changesOf(p *planned) []string {
	changes := []string{}
	for _, c := range p.Changes {
		line := fmt.Sprintf("%s %s %s", c.Action, c.Resource, c.TestID)
		if c.Action != "CREATE" {
			var fields []string
			for _, f := range c.Fields {
				fields = append(fields, f.Field)
			}
			line += ": " + strings.Join(fields, ", ")
		}
		changes = append(changes, line)
	}
	return changes
}

// wantWrites judges every call that changed something since mark.
func (r *caseRun) wantWrites(during string, mark int, deploymentID string, want int) {
	r.t.Helper()
	writes := r.writes(r.t, mark)
	if len(writes) != want {
		r.errorf("%s made %d writes, want %d:\n%s", during, len(writes), want, listing(writes))
	}
	for _, w := range writes {
		switch {
		case w.Mode != stripesim.Live:
			r.errorf("%s wrote to test: %s", during, w.Path)
		case w.Status != 200 && w.Fault == "":
			r.errorf("%s was answered %d", w.Path, w.Status)
		case !strings.HasPrefix(w.IdempotencyKey, "golive:"+deploymentID+":"):
			r.errorf("%s went out under the key %q", w.Path, w.IdempotencyKey)
		case strings.Contains(w.Body, "product_data") || strings.Contains(w.Body, "default_price_data"):
			r.errorf("a price that nobody can name again: %s", w.Body)
		}
	}
}

func listing(writes []stripesim.Request) string {
	var b strings.Builder
	for _, w := range writes {
		fmt.Fprintf(&b, "\t%s %s %s\n", w.Method, w.Path, w.Body)
	}
	return b.String()
}

// judgeReport holds the checks to what the phase expects of them.
func (r *caseRun) judgeReport(d *deployment) {
	r.t.Helper()
	if d.Validation == nil {
		r.errorf("the deployment has no report")
		return
	}
	want := maps.Clone(r.phase.Expect.Failed)
	for _, result := range d.Validation.Results {
		part, expected := want[result.Check]
		if result.Details.CouldNotRun && len(r.phase.Expect.Failed) > 0 && !expected {
			continue // for want of what another check refuses
		}
		delete(want, result.Check)
		if (result.Status == "FAILED") != expected || !strings.Contains(result.Message, part) {
			r.errorf("check %s is %s, want a refusal: %t, naming %q: %s", result.Check, result.Status, expected, part, result.Message)
		}
	}
	for name := range want {
		r.errorf("there is no check %s", name)
	}
	if d.Validation.OK == (len(r.phase.Expect.Failed) > 0) {
		r.errorf("the report says ok: %t", d.Validation.OK)
	}
	if d.Status != "FAILED" {
		return
	}
	category, outcome := cmp.Or(r.phase.Expect.Error, "VALIDATION"), cmp.Or(r.phase.Expect.Outcome, "UNCHANGED")
	if d.Error == nil || d.Error.Category != category || d.LiveOutcome == nil || *d.LiveOutcome != outcome {
		r.errorf("ended with error %+v and outcome %v, want %s and %s", d.Error, d.LiveOutcome, category, outcome)
	}
}

// judgeLive compares live with what the phase expects there.
func (r *caseRun) judgeLive(before *world, linkedBefore map[string]string, deploymentID string) {
	r.t.Helper()
	live, test, ids := r.liveWorld(r.t), r.testWorld(r.t), r.liveIDs(r.t)
	seen := map[string]bool{}
	for _, o := range slices.Concat(test.products, test.prices) {
		r.judgeObject(o, live, ids, seen)
	}
	r.judgeOthers(live, seen)
	ours := slices.Concat(slices.Collect(maps.Values(linkedBefore)), slices.Collect(maps.Values(ids)))
	for _, o := range slices.Concat(before.products, before.prices) {
		id := o["id"].(string)
		if stampOf(o) == nil && !slices.Contains(ours, id) && text(live.find(id)) != text(o) {
			r.errorf("%s is none of ours, and was changed: %v", id, differences("", o, live.find(id)))
		}
	}
	for _, o := range slices.Concat(live.products, live.prices) {
		stamp := stampOf(o)
		if before.find(o["id"].(string)) == nil && (stamp == nil || stamp.Deployment != deploymentID || stamp.Tenant != r.tenantID || ids[stamp.TestID] != o["id"]) {
			r.errorf("%s was created and is stamped %v", o["id"], stamp)
		}
	}
}

// judgeObject compares one test object with its live one, and notes it as seen.
func (r *caseRun) judgeObject(o object, live *world, ids map[string]string, seen map[string]bool) {
	r.t.Helper()
	testID := o["id"].(string)
	want, ok := r.phase.Expect.Live.of(testID)
	if !ok {
		r.errorf("the case does not say what it expects of %s in live", testID)
		return
	}
	liveID := ids[testID]
	if o["object"] == "product" && liveID == "" && live.find(testID) != nil {
		liveID = testID // there before Golive came
	}
	found := live.find(liveID)
	seen[liveID] = true
	switch {
	case want == "absent" && (liveID != "" || found != nil):
		r.errorf("%s is in live as %s", testID, liveID)
	case want == "absent":
	case found == nil:
		r.errorf("%s is not in live", testID)
	default:
		wanted := maps.Clone(o)
		if overlay, ok := want.(object); ok {
			maps.Copy(wanted, overlay)
		}
		for _, d := range disagreements(wanted, found, ids) {
			r.errorf("%s: %s", testID, d)
		}
	}
}

// judgeOthers pairs the live prices that belong to no test price with those that
// the case lists.
func (r *caseRun) judgeOthers(live *world, seen map[string]bool) {
	r.t.Helper()
	wanted := slices.Clone(r.phase.Expect.Others)
	for _, o := range live.prices {
		if seen[o["id"].(string)] {
			continue
		}
		i := slices.IndexFunc(wanted, func(want object) bool { return has(o, want) })
		if i < 0 {
			r.errorf("live holds a price that nothing accounts for: %s", text(o))
			continue
		}
		wanted = slices.Delete(wanted, i, i+1)
	}
	for _, want := range wanted {
		r.errorf("live holds no price like %s", text(want))
	}
}

// stampOf returns the stamp of a raw object, nil where it has none.
func stampOf(o object) *catalog.Stamp {
	metadata, _ := o["metadata"].(object)
	mark, _ := metadata[catalog.StampKey].(string)
	stamp, ok := catalog.StampOf(map[string]string{catalog.StampKey: mark})
	if !ok {
		return nil
	}
	return &stamp
}

// judgeRepetition plans once more, unasked for adoption, and in the end goes live
// once more: nothing is left to do.
func (r *caseRun) judgeRepetition(productID string) {
	r.t.Helper()
	mark := r.now(r.t)
	p, err := r.plan(r.t, productID, false)
	if err != nil {
		r.errorf("no next plan: %v", err)
		return
	}
	if !p.IsEmpty || len(p.Changes) > 0 {
		r.errorf("the next plan is not empty: %v", changesOf(p))
	}
	if !r.last {
		return
	}
	again := r.end(r.t, r.mustGoLive(r.t, goLiveInput{ProductID: productID, PlanHash: p.Hash}).ID)
	if again.Status != "COMPLETED" {
		r.errorf("the second go-live ended %s: %s", again.Status, again.ProgressMessage)
	}
	r.wantWrites("the second go-live", mark, again.ID, 0)
}

func (r *caseRun) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%s: %v", r.title, err)
	}
}

func (r *caseRun) errorf(format string, args ...any) {
	r.t.Helper()
	r.t.Errorf(r.title+": "+format, args...)
}
