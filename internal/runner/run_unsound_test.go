package runner_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/stripesim"
)

// unsound sets a fault of reads that lasts.
func (st *stack) unsound(t *testing.T, mode stripesim.Mode, path, kind, set string) {
	t.Helper()
	f := stripesim.Fault{Kind: kind, Times: -1, Match: stripesim.Match{Method: "GET", Path: path, Mode: mode}}
	if set != "" {
		must(t, json.Unmarshal([]byte(set), &f.Set))
	}
	_, err := st.Stripe.Sim.AddFault(f)
	must(t, err)
}

// What cannot be read now will not be in a minute: nobody waits for it, before
// anything is written.
func TestAGoLiveThatCannotReadEndsAndNamesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mode            stripesim.Mode
		path, kind, set string
		want            string
	}{
		"prices that do not go on":   {stripesim.Test, "^/v1/prices$", stripesim.Stuck, "", "list of prices"},
		"live prices without end":    {stripesim.Live, "^/v1/prices$", stripesim.Endless, "", "list of prices"},
		"webhooks that do not go on": {stripesim.Live, "^/v1/webhook_endpoints$", stripesim.Stuck, "", "list of webhook endpoints"},
		"a product":                  {stripesim.Test, "^/v1/products", stripesim.Alter, `{"images":"none"}`, `product "` + simple + `"`},
		"a price":                    {stripesim.Live, "^/v1/prices$", stripesim.Alter, `{"tiers":7}`, `price "price_`},
		"what no database keeps":     {stripesim.Live, "^/v1/prices$", stripesim.Alter, `{"nickname":"\u0000"}`, `U+0000`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStack(t)
			st.Work(t)
			must(t, st.Stripe.Sim.Add(st.Stripe.Account.ID, stripesim.Live, stripesim.State{WebhookEndpoints: []json.RawMessage{
				json.RawMessage(`{"id":"we_1","url":"https://one.example/hook","enabled_events":["*"]}`),
			}}))
			st.Completed(t, st.Product(t, simple))
			st.unsound(t, c.mode, c.path, c.kind, c.set)
			end := st.End(t, st.StartGoLive(t, st.Product(t, simple).ID).ID)
			if end.Status != deployment.Failed || end.Error.Category != deployment.CategoryValidation || *end.LiveOutcome != deployment.Unchanged {
				t.Fatalf("%s %+v", end.Status, end.Error)
			}
			var told []string
			for _, r := range st.Review(t, end.ID).Validation.Results {
				if strings.Contains(r.Message, "in a minute") {
					t.Errorf("%s: %s", r.Check, r.Message)
				}
				told = append(told, r.Message)
			}
			if !strings.Contains(strings.Join(told, "\n"), c.want) {
				t.Errorf("nothing names %s: %q", c.want, told)
			}
		})
	}
}

// What was written is not undone for an answer that makes no sense: it is read back
// once it does.
func TestWhatWasWrittenWaitsForAnAnswerThatMakesSense(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{stripesim.Stuck, stripesim.Alter} {
		st := newStack(t)
		wait, release := st.Hold(t, 1, stripesim.AtAfter)
		id := st.held(t, simple)
		wait()
		st.unsound(t, stripesim.Live, "^/v1/prices$", kind, `{"tiers":7}`)
		release()
		st.parked(t, id)
		if d := st.Look(t, id); d.Status != deployment.Deploying || d.Direction != deployment.Forward {
			t.Errorf("%s: %s %s %s", kind, d.Status, d.Direction, d.ProgressMessage)
		}
		st.Stripe.Sim.ClearFaults()
		if d := st.turn(t, id); d.Status != deployment.Completed {
			t.Errorf("%s: %s %+v", kind, d.Status, d.Error)
		}
	}
}
