package deployment_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/fault"
)

// In the very moment in which a schedule falls due, two workers start it and a
// person moves it, wants it now, or cancels it: whoever is first wins, everybody
// else is told so, and the history agrees.
func TestDueRacesAgainstPeople(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	outcomes := map[string]int{}
	lead := 12 * time.Millisecond
	for i := range 60 {
		d := st.InAnHour(t, simple)
		st.At(t, d.DueAt.Add(-rand.N(lead)))
		what := []string{"move", "now", "cancel"}[i%3]
		err := st.race(t, d, what)
		// The moment in which both may win lies elsewhere on a machine that is busy.
		switch {
		case what == "move" && err == nil:
			lead = max(lead*2/3, time.Microsecond)
		case what == "move":
			lead *= 2
		}
		outcomes[what+": "+string(fault.CodeOf(err))]++
		st.settled(t, d, what, err)
		if end := st.Look(t, d.ID); !end.Status.Terminal() {
			st.CallOff(t, d.ID)
		}
	}
	t.Log(outcomes)
	if outcomes["move: "] == 0 || outcomes["move: INVALID_STATE"] == 0 {
		t.Errorf("no race: %v", outcomes)
	}
}
