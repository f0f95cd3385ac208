package fair_test

import (
	"testing"

	"github.com/golive-hq/golive/internal/fair"
)

// Whoever asks while another one is at it has it done after that, and does not wait.
func TestCrewDoesItOnceMore(t *testing.T) {
	t.Parallel()
	var crew fair.Crew
	done, other := 0, 0
	crew.Do("a", func() {
		if done++; done > 1 {
			return
		}
		for range 3 {
			crew.Do("a", func() { t.Error("two at a time") })
		}
		crew.Do("b", func() { other++ })
	})
	rounds := 0
	crew.Do("busy", func() {
		rounds++
		crew.Do("busy", func() {})
	})
	if rounds != 2 {
		t.Errorf("went on for %d rounds", rounds)
	}
	func() {
		defer func() { _ = recover() }()
		crew.Do("a", func() { panic("in the middle") })
	}()
	if crew.Do("a", func() { done++ }); done != 3 || other != 1 {
		t.Errorf("done %d times, another %d", done, other)
	}
}
