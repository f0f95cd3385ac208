package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/logid"
)

func TestLogLinesNameTheirRequest(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	log := app.NewLogger(&text, "json")
	ctx := logid.WithRequest(context.Background(), "req-1")
	log.With("process", "api").InfoContext(ctx, "asked")
	log.InfoContext(ctx, "asked", "request_id", "req-1")
	log.InfoContext(context.Background(), "alone")

	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	for i, want := range []any{"req-1", "req-1", nil} {
		var line map[string]any
		if err := json.Unmarshal([]byte(lines[i]), &line); err != nil {
			t.Fatal(err)
		}
		if line["request_id"] != want || strings.Count(lines[i], "request_id") > 1 {
			t.Errorf("line %d: %s", i, lines[i])
		}
	}
}
