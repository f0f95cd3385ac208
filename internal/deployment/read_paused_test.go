package deployment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/pause"
)

// Whatever would run waits for the end of the pause and says so, with its reason; what
// waits for its time or for a person waits for that.
func TestPausedIsSaidWhereverAWaitIsShown(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	running := st.StartGoLive(t, st.Product(t, simple).ID)
	due := st.InAnHour(t, simple)
	later := st.Schedule(t, st.In(t, simple, 48*time.Hour))
	missed := st.Schedule(t, st.In(t, simple, 10*time.Minute))
	st.At(t, missed.DueAt.Add(30*time.Minute))
	st.SweepMissed(t, 1)
	ended := st.CallOff(t, st.Schedule(t, st.In(t, simple, 72*time.Hour)).ID)
	st.At(t, due.DueAt.Add(time.Second))

	must(t, pause.Begin(t.Context(), st.Pool, "ops", "prices are wrong"))
	for id, want := range map[string]string{
		running.ID: "PAUSED", due.ID: "PAUSED", later.ID: "DUE_TIME", missed.ID: "MISSED", ended.ID: "",
	} {
		got, said := "", st.Look(t, id)
		if said.WaitReason != nil {
			got = string(*said.WaitReason)
		}
		if got != want || strings.Contains(said.ProgressMessage, "prices are wrong") != (want == "PAUSED") {
			t.Errorf("%s waits for %q (%s), want %q", said.Status, got, said.ProgressMessage, want)
		}
	}
	must(t, pause.End(t.Context(), st.Pool, "ops"))
	st.WantWaiting(t, due.ID, deployment.WaitProductBusy)
	if d := st.Look(t, running.ID); *d.WaitReason != deployment.WaitWorker || strings.Contains(d.ProgressMessage, "prices") {
		t.Errorf("after the pause: %v, %s", *d.WaitReason, d.ProgressMessage)
	}
}

// Why somebody cancelled stands where people look, not in the audit log alone.
func TestCancelTellsWhy(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	why := "Marketing isn't ready."
	for _, id := range []string{st.InAnHour(t, simple).ID, st.StartGoLive(t, st.Product(t, simple).ID).ID} {
		d, err := st.Cancel(st.As, deployment.CancelInput{DeploymentID: id, Reason: &why})
		must(t, err)
		if !strings.Contains(d.ProgressMessage, "Marketing") || !strings.Contains(*d.LastChange, "Marketing") {
			t.Errorf("%s, %s", d.ProgressMessage, *d.LastChange)
		}
	}
}
