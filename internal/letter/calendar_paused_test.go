package letter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/pause"
)

// A pause is nothing that a person has to decide about each go-live: its entry stays as
// it is.
func TestCalendarKnowsAPauseFromAHold(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.InAnHour(t, simple)
	must(t, pause.Begin(t.Context(), st.Pool, "ops", "stocktaking"))
	st.At(t, d.DueAt.Add(time.Second))
	st.WantWaiting(t, d.ID, deployment.WaitPaused)
	feed, err := st.Letters.Calendar(t.Context(), st.Tenant)
	must(t, err)
	if !strings.Contains(string(feed), "SUMMARY:Go-live: ") || strings.Contains(string(feed), "On hold") {
		t.Errorf("%s", feed)
	}
}
