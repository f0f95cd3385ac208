package domaintest

import (
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
)

// SweepDue moves the clock to that long after d is due, and sweeps once.
func (st *Stack) SweepDue(t *testing.T, d *deployment.Deployment, late time.Duration, want int) {
	t.Helper()
	st.At(t, d.DueAt.Add(late))
	n, err := st.StartDue(t.Context())
	Must(t, err)
	if n != want {
		t.Errorf("%d began, want %d", n, want)
	}
}

// SweepMissed holds what was missed, in one sweep.
func (st *Stack) SweepMissed(t *testing.T, want int) {
	t.Helper()
	n, err := st.HoldMissed(t.Context())
	Must(t, err)
	if n != want {
		t.Errorf("%d held, want %d", n, want)
	}
}

// Miss lets the time of d pass without anybody starting it.
func (st *Stack) Miss(t *testing.T, d *deployment.Deployment) {
	t.Helper()
	st.At(t, d.DueAt.Add(16*time.Minute))
	st.SweepMissed(t, 1)
}

// SweepAbandoned takes over what nobody works on, in one sweep.
func (st *Stack) SweepAbandoned(t *testing.T, want int) {
	t.Helper()
	n, err := st.Runner.TakeOver(t.Context())
	Must(t, err)
	if n != want {
		t.Errorf("took over %d, want %d", n, want)
	}
}

// SweepOldZones resolves anew what older time zone data have resolved.
func (st *Stack) SweepOldZones(t *testing.T, want int) {
	t.Helper()
	n, err := st.ResolveAgain(t.Context())
	Must(t, err)
	if n != want {
		t.Errorf("%d moved, want %d", n, want)
	}
}
