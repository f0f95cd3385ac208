package simtest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

// complaints has w judge two exchanges.
func complaints(t *testing.T, w *witness, patience time.Duration) []string {
	t.Helper()
	var reported []string
	c := newChecker(stripesim.New(stripesim.Config{}), func(found string) { reported = append(reported, found) }, w, patience)
	for range 2 {
		c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v1/products", nil))
	}
	found := c.Disagreements()
	if !slices.Equal(found, reported) {
		t.Errorf("found were %q, reported %q", found, reported)
	}
	return found
}

func TestNoWitnessIsReported(t *testing.T) {
	t.Parallel()
	found := complaints(t, startWitness(t.TempDir()), patience)
	if len(found) != 2 || !strings.Contains(found[1], "go.mod") {
		t.Errorf("want two complaints with go run's own, got %q", found)
	}
}

func TestEndOfTheWitnessIsReported(t *testing.T) {
	t.Parallel()
	killed := func() error { return errors.New("signal: killed") }
	found := complaints(t, newWitness(io.Discard, strings.NewReader(`{"refusal": "", "departure": ""}`), killed), patience)
	if len(found) != 1 || !strings.Contains(found[0], "signal: killed") {
		t.Errorf("want the second exchange reported, got %q", found)
	}
}

func TestSilenceOfTheWitnessIsReported(t *testing.T) {
	t.Parallel()
	silent, end := io.Pipe()
	t.Cleanup(func() { _ = end.Close() })
	found := complaints(t, newWitness(new(bytes.Buffer), silent, silent.Close), time.Millisecond)
	if len(found) != 1 || !strings.Contains(found[0], "1ms") {
		t.Errorf("want one complaint, got %q", found)
	}
}
