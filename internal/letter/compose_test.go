package letter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
)

// Christmas morning in New York: a reminder half an hour before, the go-live at its
// time, and the mail that it is done; in calendars one entry.
func TestLetterOnChristmasMorning(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	st.At(t, time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))
	d := st.Schedule(t, st.christmas(t, simple))
	st.Deliver(t)
	invited := post.Take()
	for _, step := range []struct{ at, told string }{
		{"2026-12-25T13:29:00Z", ""}, {"2026-12-25T13:30:01Z", "Reminder"}, {"2026-12-25T13:59:00Z", ""}, {"2026-12-25T14:00:01Z", "Live"},
	} {
		at, err := time.Parse(time.RFC3339, step.at)
		must(t, err)
		st.At(t, at)
		n, err := st.StartDue(t.Context())
		must(t, err)
		if n == 1 {
			if end := st.CarryOut(t, d.ID); end.Status != deployment.Completed {
				t.Fatal(end.Status)
			}
		}
		st.Deliver(t)
		got := post.Take()
		if subjects(got) != step.told {
			t.Errorf("at %s told %v", step.at, got)
		}
		for _, m := range got {
			if !strings.Contains(m.Data, "25 December 2026") && !strings.Contains(m.Data, "25 Dec 2026") {
				t.Errorf("%v tells no day", m)
			}
		}
	}
	if len(invited) != 1 || !strings.Contains(invited[0].Subject, "Fri 25 Dec 2026, 09:00 UTC-05:00") {
		t.Errorf("%v", invited)
	}
}
