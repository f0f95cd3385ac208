package letter_test

import (
	"strings"
	"testing"
	"time"
)

// In a calendar the go-live is one entry, whose numbers count up through request,
// move and cancel, and whose mails are one thread.
func TestCalendarHasOneEntry(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	post := st.WithMail(t)
	st.At(t, time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))
	d := st.Schedule(t, st.christmas(t, simple))
	var mails []arrived
	next := func() { st.Deliver(t); mails = append(mails, post.Take()...) }
	next()
	st.Move(t, d.ID, d.DueAt.Add(12*time.Hour))
	next()
	st.CallOff(t, d.ID)
	next()
	if len(mails) != 3 {
		t.Fatalf("%v", mails)
	}
	for i, want := range []struct{ method, due string }{
		{"REQUEST", "20261225T140000Z"}, {"REQUEST", "20261226T020000Z"}, {"CANCEL", "20261226T020000Z"},
	} {
		entry := calendarOf(t, mails[i])
		for property, value := range map[string]string{
			"METHOD": want.method, "UID": "deployment-" + d.ID + "@golive", "SEQUENCE": string(rune('0' + i)), "DTSTART": want.due,
		} {
			if entry[property] != value {
				t.Errorf("%v: %s is %q, not %q", mails[i], property, entry[property], value)
			}
		}
		if i > 0 && !strings.Contains(mails[i].Data, "In-Reply-To: "+mails[0].ID) {
			t.Errorf("%v answers not the first", mails[i])
		}
	}
}
