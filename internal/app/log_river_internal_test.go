package app

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestRiversComplaintsAreToldOnceAMinute(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	now := time.Now()
	handler := seldom{slog.NewTextHandler(&lines, nil), &told{now: func() time.Time { return now }, last: map[string]*complaint{}}}
	log := slog.New(handler)
	for range 295 {
		log.With("queue", "deploy").Error("producer: Error fetching jobs", "error", "nobody answers")
		log.Warn("elector: Error", "error", "nobody answers")
	}
	log.Info("started")
	if got := strings.Count(lines.String(), "\n"); got != 3 {
		t.Fatalf("%d lines:\n%s", got, lines.String())
	}
	now = now.Add(repeatEvery)
	lines.Reset()
	log.Error("producer: Error fetching jobs")
	if !strings.Contains(lines.String(), "unsaid=294") {
		t.Fatalf("after a minute: %s", lines.String())
	}
}

// What ends because the process does is no trouble, and nobody need read of it.
func TestRiverSaysNothingOfOurOwnCancels(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	log := forRiver(slog.New(slog.NewTextHandler(&lines, nil)))
	log.Error("Client: Failed to send job insert notification", "queues", "mail", "err", context.Canceled)
	log.Error("producer: Error fetching jobs", "err", fmt.Errorf("get jobs: %w", context.Canceled).Error())
	if lines.Len() > 0 {
		t.Errorf("it said %s", lines.String())
	}
	log.Error("producer: Error fetching jobs", "err", context.DeadlineExceeded)
	if strings.Count(lines.String(), "\n") != 1 {
		t.Errorf("it said %q of what is no cancel", lines.String())
	}
}
