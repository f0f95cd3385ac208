package pgembed_test

import (
	"os"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/pgembed"
)

// What `make` calls missing and what Start finds must agree.
func TestSetupLooksWhereStartLooks(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../../tools/setup")
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range pgembed.WellKnown {
		if !strings.Contains(string(script), "'"+place+"'") {
			t.Errorf("tools/setup does not look into %s", place)
		}
	}
}
