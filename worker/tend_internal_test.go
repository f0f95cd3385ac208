package worker

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// A database that is away for an hour is told of now and then, and when it is back.
func TestTroubleIsToldOnceAMinute(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	log := slog.New(slog.NewTextHandler(&lines, nil))
	var o trouble
	told := func(want string) {
		t.Helper()
		got := lines.String()
		if lines.Reset(); want == "" && got != "" || !strings.Contains(got, want) || strings.Count(got, "\n") > 1 {
			t.Errorf("told %q, want %q", got, want)
		}
	}
	away := errors.New("nobody answers")
	o.note(t.Context(), log, "swept", nil)
	told("")
	o.note(t.Context(), log, "swept", away)
	told("nobody answers")
	o.note(t.Context(), log, "swept", away)
	told("")
	o.told = o.told.Add(-tellEvery)
	o.note(t.Context(), log, "swept", away)
	told("nobody answers")
	o.note(t.Context(), log, "swept", nil)
	told("what=swept after=")
	o.note(t.Context(), log, "swept", nil)
	told("")
}
