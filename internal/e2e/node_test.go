package e2e_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/stripesim"
)

// TestHTTPIsAsSpecified: graphql-http, the reference of GraphQL over HTTP, audits the
// server, and has nothing to object to, not even where the specification only wishes.
func TestHTTPIsAsSpecified(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	_, token := s.admit(t, "audited")
	script := domaintest.Node(t, "audit.mjs", s.urls[0]+"/graphql", token)
	passed := 0
	for line := range script.Lines {
		var audit struct{ ID, Name, Status, Reason string }
		if err := json.Unmarshal([]byte(line), &audit); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if audit.Status != "ok" {
			t.Errorf("%s %s: %s: %s", audit.ID, audit.Name, audit.Status, audit.Reason)
			continue
		}
		passed++
	}
	script.End(t)
	if passed != 61 {
		t.Errorf("%d of 61 audits passed", passed)
	}
}

// TestOthersClientResumesOverRestarts: graphql-ws watches a deployment while its API is
// restarted, and then killed, and sees each event once.
func TestOthersClientResumesOverRestarts(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, 1, 1)
	sh := s.newShop(t, "restarted", false)
	sh.setTest(t, plans())
	first := sh.hold(t, stripesim.Match{Method: "POST", Path: "^/v1/products$"}, stripesim.AtBefore)
	second := sh.hold(t, stripesim.Match{Method: "POST", Path: "^/v1/products/prod_plans$"}, stripesim.AtBefore)
	d := sh.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_plans").ID})
	first.wait(t)

	script := domaintest.Node(t, "progress.mjs", strings.Replace(s.urls[0], "http", "ws", 1)+"/graphql", sh.Token, d.ID)
	next := func() event { return eventIn(t, domaintest.Receive(t, script.Lines, "an event")) }
	events := []event{next(), next()}
	for events[len(events)-1].Sequence < lastSequence(t, sh.api, d.ID) {
		events = append(events, next())
	}
	api := s.processes[0]
	api.stop(t)
	domaintest.Receive(t, api.log.over, "the end of what was stopped")
	api = s.again(t, api)
	first.release()
	second.wait(t)
	events = append(events, next()) // what came of the first call, so it's back
	api.kill(t)
	s.again(t, api)
	second.release()
	for line := range script.Lines {
		events = append(events, eventIn(t, line))
	}
	if said := script.End(t); !strings.Contains(said, "1012") || strings.Count(said, "broke off") < 2 {
		t.Errorf("the socket did not break off twice, the first time with 1012: %s", said)
	}
	for _, wrong := range oddities(events, 0) {
		t.Error(wrong)
	}
	if all := mustSubscribe(t, sh.api, d.ID, 0).rest(t); !slices.EqualFunc(all, events, sameEvent) {
		t.Errorf("the client saw %v of %v", events, all)
	}
}

// lastSequence is that of a deployment which is held.
func lastSequence(t *testing.T, a api, id string) int {
	t.Helper()
	got, err := client.Do[struct{ Deployment struct{ LastSequence int } }](t.Context(), a.Client,
		`query ($id: ID!) { deployment(id: $id) { lastSequence } }`, map[string]any{"id": id})
	if err != nil {
		t.Fatal(err)
	}
	return got.Deployment.LastSequence
}

func eventIn(t *testing.T, line string) (e event) {
	t.Helper()
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	return e
}

// again starts an API at the address of one that has ended.
func (s *stack) again(t *testing.T, gone *process) *process {
	t.Helper()
	return spawnBinary(t, binary(t, "api"), append(slices.Clone(s.env), "GOLIVE_ADDR="+gone.addr))
}
