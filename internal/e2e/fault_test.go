package e2e_test

import (
	"context"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

// holding is a fault that stops a request of one account in live.
type holding struct {
	sim *stripesim.Sim
	id  string
}

// hold stops the first matching request at a stage until it is released.
func (sh *shop) hold(t testing.TB, match stripesim.Match, at string) holding {
	t.Helper()
	match.Account, match.Mode = sh.live.ID, stripesim.Live
	return holding{sh.sim, sh.fault(t, stripesim.Fault{Match: match, Kind: stripesim.Hold, At: at})}
}

// wait returns once a request is held.
func (h holding) wait(t testing.TB) stripesim.Held {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	held, err := h.sim.Held(ctx, h.id)
	if err != nil {
		t.Fatal(err)
	}
	return held[0]
}

// release lets go what is held by this fault.
func (h holding) release() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	held, _ := h.sim.Held(ctx, h.id)
	for _, one := range held {
		h.sim.Release(one.ID, false)
	}
}

func (sh *shop) fault(t testing.TB, f stripesim.Fault) string {
	t.Helper()
	f.Match.Account = sh.live.ID
	id, err := sh.sim.AddFault(f)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
