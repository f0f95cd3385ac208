package app

import (
	"bytes"
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
