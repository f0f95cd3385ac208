package graph_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/graph"
)

// What a manifest calls a document is what it is.
func TestManifestsAreHeldToTheirIDs(t *testing.T) {
	t.Parallel()
	const of = "c42a5a7a3a2c6a5f1b2d1e0f9d8c7b6a5f4e3d2c1b0a99887766554433221100"
	if _, err := graph.ParseManifest([]byte(`{"` + of + `": "{ viewer { email } }"}`)); err == nil || !strings.Contains(err.Error(), of) {
		t.Error(err)
	}
	if _, err := graph.ParseManifest([]byte(`[]`)); err == nil {
		t.Error("a list is no manifest")
	}
	if m, err := graph.ParseManifest([]byte(`{"bb3d05fe9bcd9d7fbc9d2a4fa7fbfc2e6a5d8a5c1d5fbd9bd0ef4a08f4b2d7aa": "x"}`)); err == nil {
		t.Error(m)
	}
}
