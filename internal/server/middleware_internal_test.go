package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
)

// A log tells of what failed, and not of those who went away before they were answered.
func TestWhoGoesAwayIsNoFault(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]slog.Level{
		fmt.Errorf("authenticate: %w", context.Canceled): slog.LevelDebug,
		errors.New("disk full"):                          slog.LevelError,
		context.DeadlineExceeded:                         slog.LevelError,
	} {
		if got := levelOf(err); got != want {
			t.Errorf("%v is logged as %s, want %s", err, got, want)
		}
	}
}
