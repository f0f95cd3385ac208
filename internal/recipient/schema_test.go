package recipient_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/notify"
	"github.com/golive-hq/golive/internal/recipient"
	"github.com/golive-hq/golive/migrations"
)

// backfill is what the migration does with the schedules that there are.
func backfill(t *testing.T) string {
	t.Helper()
	text, err := migrations.FS.ReadFile("00043_recipients.sql")
	must(t, err)
	up, _, _ := strings.Cut(string(text), "-- +goose Down")
	_, statements, found := strings.Cut(up, "INSERT INTO recipients ")
	if !found {
		t.Fatal("the migration adds no recipients")
	}
	return "INSERT INTO recipients " + statements
}

// Those who were promised mails before anybody was asked go on getting them.
func TestRecipientsOfOldSchedulesStay(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Told(t, notify.Settings{Email: true, Recipients: []string{admin, "Press@Printer.example", "info@bücher.example"}})
	ended := st.Told(t, notify.Settings{Email: true, Recipients: []string{"old@printer.example"}})
	st.CallOff(t, ended.ID)
	st.Exec(t, `DELETE FROM recipient_links`)
	st.Exec(t, `DELETE FROM recipients`)
	st.Exec(t, backfill(t))
	for address, want := range map[string]recipient.State{
		admin: recipient.Member, press: recipient.Confirmed, "info@bücher.example": recipient.Confirmed, "old@printer.example": recipient.Waiting,
	} {
		st.wantState(t, address, want)
	}
	if n := st.audited(t, "recipients.confirmed"); n != 1 {
		t.Errorf("%d entries", n)
	}
	// The mails that ask, of rows that are no more, are moot.
	st.wantArrives(t, press, "Scheduled")
}
