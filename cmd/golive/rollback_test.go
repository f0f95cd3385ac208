package main

import (
	"regexp"
	"strings"
	"testing"
)

// anyID finds an id of ours in a line.
var anyID = regexp.MustCompile(strings.Trim(ourID.String(), "^$"))

func testRollsBack(t *testing.T, s *stack) {
	first := golive(t, s.env(), "rollback", "prod_TokyoMeetup", "--yes")
	first.fails(t, 1, "prod_TokyoMeetup")
	made := golive(t, s.env(), "go-live", "prod_TokyoMeetup", "--yes").line(t)

	asked := golive(t, s.env(), "rollback", "prod_TokyoMeetup")
	asked.fails(t, 1, "--yes")
	if !strings.Contains(asked.err, "- Tokyo Roasters' Meetup: archived") {
		t.Errorf("the plan was not shown: %s", asked.err)
	}
	back := golive(t, s.env(), "rollback", "prod_TokyoMeetup", "--yes", "--reason", "too early")
	id, found := strings.CutPrefix(back.line(t), "COMPLETED ")
	if !found || !strings.Contains(back.err, "100%") {
		t.Fatalf("%+v", back)
	}
	h := golive(t, s.env(), "history", "prod_TokyoMeetup").out
	if !strings.Contains(h, "ROLLBACK") || !strings.Contains(h, "ROLLED_BACK") || !strings.Contains(h, "too early") {
		t.Error(h)
	}
	golive(t, s.env(), "rollback", strings.TrimPrefix(made, "COMPLETED "), "--yes").fails(t, 1, "ROLLED_BACK")

	// The rollback of the rollback, by its id: forward again.
	lines := jsonLines(t, golive(t, s.env(), "rollback", id, "--yes", "--json").out)
	if len(lines[0].Plan.Changes) == 0 || lines[len(lines)-1].Deployment.Status != "COMPLETED" {
		t.Errorf("%+v", lines)
	}
	wantWholeHistory(t, lines[1:len(lines)-1])
}

func testCancels(t *testing.T, s *stack) {
	held, release := s.hold(t, "prod_HotDesk")
	running := start(t, s.env(), "go-live", "prod_HotDesk", "--yes")
	held()
	id := anyID.FindString(golive(t, s.env(), "history", "prod_HotDesk").line(t))
	if got := golive(t, s.env(), "cancel", id, "--detach").line(t); got != id {
		t.Error(got)
	}
	release()
	// Cancelling again changes nothing, and watches to the end.
	again := golive(t, s.env(), "cancel", id)
	if line := again.line(t); line != "CANCELLED "+id || !strings.Contains(again.err, outcomes["RESTORED"]) {
		t.Errorf("%+v", again)
	}
	if first := running.wait(); first.status != 1 || !strings.HasPrefix(first.out, "CANCELLED ") {
		t.Errorf("%+v", first)
	}
	golive(t, s.env(), "cancel", "0198b2c0-0000-7000-8000-000000000000").fails(t, 1)
}
