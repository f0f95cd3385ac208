package outbox_test

import (
	"maps"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/outbox"
)

// A process that sends no mail writes notices all the same, for one that does, and lets
// nothing pile up that nobody needs any more.
func TestSweepKeepsNoticesForAProcessThatSends(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Miss(t, st.Told(t, notify.Settings{Email: true}))
	waiting := map[string]int{"SCHEDULED WAITING": 1, "MISSED WAITING": 1}
	sweeps := func(want map[string]int) {
		t.Helper()
		if n, err := st.Outbox.Sweep(t.Context()); n != 0 || err != nil {
			t.Error(n, err)
		}
		if got := st.Notices(t); !maps.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	sweeps(waiting)
	st.Advance(t, 6*24*time.Hour)
	sweeps(waiting)
	p := st.WithMail(t)
	st.Deliver(t)
	if got := p.Take(); len(got) != 1 {
		t.Errorf("%v", got)
	}
	st.Outbox.Mail = nil
	st.Told(t, notify.Settings{Email: true})
	st.Advance(t, 8*24*time.Hour)
	sweeps(map[string]int{"SCHEDULED DROPPED": 2, "MISSED SENT": 1})
}

// Rows that were settled long ago go.
func TestPruneForgetsOldNotices(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	prune := func() {
		t.Helper()
		_, err := st.Outbox.Prune(t.Context(), outbox.Kept)
		must(t, err)
	}
	st.WithMail(t)
	st.Told(t, byMail)
	st.Deliver(t)
	st.Advance(t, 29*24*time.Hour)
	st.Deliver(t)
	prune()
	if got := len(st.Notices(t)); got != 2 {
		t.Errorf("%v", st.Notices(t))
	}
	st.Advance(t, 2*24*time.Hour)
	st.Deliver(t)
	prune()
	if got := st.Notices(t); !maps.Equal(got, map[string]int{"REMINDER DROPPED": 1}) {
		t.Errorf("%v", got)
	}
}
