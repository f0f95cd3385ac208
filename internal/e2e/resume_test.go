package e2e_test

import (
	"slices"
	"testing"

	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/stripesim"
)

// TestProgressResumesAtAnotherProcess loses the connection in the middle of a
// deployment, goes on at the other API process, and has missed nothing.
func TestProgressResumesAtAnotherProcess(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, 2, 1)
	sh := s.newShop(t, "resume", false)
	sh.setTest(t, plans())
	one, other := sh.at(s.urls[0]), sh.at(s.urls[1])
	first := sh.hold(t, stripesim.Match{Method: "POST", Path: "^/v1/products$"}, stripesim.AtBefore)
	second := sh.hold(t, stripesim.Match{Method: "POST", Path: "^/v1/products/prod_plans$"}, stripesim.AtBefore)
	d := one.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_plans").ID})

	connection := mustSubscribe(t, one, d.ID, 0)
	first.wait(t)
	events := []event{mustNext(t, connection), mustNext(t, connection)}
	connection.Close()
	first.release()
	second.wait(t)

	resumed := mustSubscribe(t, other, d.ID, events[1].Sequence)
	snapshot := mustSubscribe(t, other, d.ID, client.Newest)
	if e := mustNext(t, snapshot); e.Sequence <= events[1].Sequence || e.Terminal {
		t.Errorf("the snapshot is event %d, terminal %t", e.Sequence, e.Terminal)
	}
	snapshot.Close()
	second.release()
	events = append(events, resumed.rest(t)...)
	for _, wrong := range oddities(events, 0) {
		t.Error(wrong)
	}
	if d := other.deployment(t, d.ID); d.Status != "COMPLETED" {
		t.Fatalf("ended %s: %s", d.Status, d.ProgressMessage)
	}
	judgeLateWatchers(t, one, d.ID, events)
}

// judgeLateWatchers: whoever comes after the end gets what is left and is told
// that it was all.
func judgeLateWatchers(t *testing.T, a api, id string, events []event) {
	t.Helper()
	last := len(events)
	for after, want := range map[int][]event{client.Newest: events[last-1:], 0: events, last - 1: events[last-1:], last: nil, last + 7: nil} {
		if got := mustSubscribe(t, a, id, after).rest(t); !slices.EqualFunc(got, want, sameEvent) {
			t.Errorf("after %d: %v, want %v", after, got, want)
		}
	}
}

func sameEvent(a, b event) bool {
	return a.Sequence == b.Sequence && a.Message == b.Message && a.Status == b.Status && a.At.Equal(b.At)
}

// TestProgressOfOthersIsHidden: neither another tenant's member nor somebody with a
// wrong token learns anything of a deployment.
func TestProgressOfOthersIsHidden(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	sh := s.newShop(t, "ours", false)
	sh.setTest(t, plans())
	d := sh.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_plans").ID})
	if d := sh.end(t, d.ID); d.Status != "COMPLETED" {
		t.Fatalf("ended %s: %s", d.Status, d.ProgressMessage)
	}
	theirs := s.newShop(t, "theirs", false)
	if e, err := mustSubscribe(t, theirs.api, d.ID, 0).Next(t.Context()); err == nil {
		t.Errorf("another tenant's member sees %v", e)
	}
	_, err := newAPI(s.urls[0], "glt_wrong").subscribe(t.Context(), d.ID, 0)
	if websocket.CloseStatus(err) != 4403 || fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("a wrong token gives %v, want close code 4403 and UNAUTHENTICATED", err)
	}
}

func mustSubscribe(t testing.TB, a api, id string, after int) subscription {
	t.Helper()
	s, err := a.subscribe(t.Context(), id, after)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustNext(t testing.TB, s subscription) event {
	t.Helper()
	e, err := s.Next(t.Context())
	if err != nil || e == nil {
		t.Fatalf("no event: %v", err)
	}
	return *e
}
