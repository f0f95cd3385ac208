package deployment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/notify"
)

// A wish is the same however it is spelled: each of these asks for what the first did.
func TestDigestOfASchedule(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	key, empty := "k", " "
	in := st.In(t, simple, time.Hour)
	in.IdempotencyKey = &key
	in.Notifications = notify.Settings{Email: true, RemindBeforeMinutes: []int{30, 5}}
	first := st.Schedule(t, in)
	berlin := in.When.Instant.In(time.FixedZone("", 3600)).Add(time.Millisecond)
	for name, spell := range map[string]func(*deployment.ScheduleInput){
		"as it was":          func(*deployment.ScheduleInput) {},
		"another offset":     func(in *deployment.ScheduleInput) { in.When.Instant = &berlin },
		"the default if":     func(in *deployment.ScheduleInput) { in.IfChanged = deployment.Hold },
		"the default clock":  func(in *deployment.ScheduleInput) { in.When.Disambiguation = localtime.Reject },
		"reminders":          func(in *deployment.ScheduleInput) { in.Notifications.RemindBeforeMinutes = []int{5, 30, 5} },
		"a blank reason":     func(in *deployment.ScheduleInput) { in.Reason = &empty },
		"no recipients":      func(in *deployment.ScheduleInput) { in.Notifications.Recipients = []string{} },
		"the default, named": func(in *deployment.ScheduleInput) { in.Notifications.Recipients = []string{"Admin@acme.example"} },
		"the default, twice": func(in *deployment.ScheduleInput) {
			in.Notifications.Recipients = []string{"admin@acme.example", "ADMIN@ACME.example"}
		},
	} {
		again := in
		spell(&again)
		if got, err := st.ScheduleGoLive(st.As, again); err != nil || got.Deployment.ID != first.ID {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*deployment.ScheduleInput){
		"other recipients": func(in *deployment.ScheduleInput) { in.Notifications.Recipients = []string{"bob@acme.example"} },
		"no email":         func(in *deployment.ScheduleInput) { in.Notifications.Email = false },
		"latest":           func(in *deployment.ScheduleInput) { in.IfChanged = deployment.DeployLatest },
		"adopting":         func(in *deployment.ScheduleInput) { in.Adopt = true },
		"a reason":         func(in *deployment.ScheduleInput) { in.Reason = &key },
		"an empty hash":    func(in *deployment.ScheduleInput) { in.PlanHash = new(string) },
	} {
		other := in
		change(&other)
		_, err := st.ScheduleGoLive(st.As, other)
		if fault.CodeOf(err) != fault.IdempotencyKeyReused {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Recipients are people, in whatever order, number and case they are written.
func TestDigestOfRecipients(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	key := "k"
	in := st.In(t, simple, time.Hour)
	in.IdempotencyKey = &key
	in.Notifications = notify.Settings{Email: true, Recipients: []string{"ada@acme.example", "bob@acme.example"}}
	first := st.Schedule(t, in)
	for _, people := range [][]string{
		{"bob@acme.example", "ada@acme.example"}, {"ada@acme.example", "bob@acme.example", "ada@acme.example"}, {"ADA@acme.example", "Bob@Acme.Example"},
	} {
		in.Notifications.Recipients = people
		if got, err := st.ScheduleGoLive(st.As, in); err != nil || got.Deployment.ID != first.ID {
			t.Errorf("%v: %v", people, err)
		}
	}
	in.Notifications.Recipients = []string{"ada@acme.example"}
	_, err := st.ScheduleGoLive(st.As, in)
	wantCode(t, err, fault.IdempotencyKeyReused)
}

// What the first version stored is held against what came, as that version did.
func TestDigestOfTheFirstVersion(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	key, hash, reason := "k", "v1:0123456789abcdef0123456789abcdef", "launch"
	in := deployment.GoLiveInput{ProductID: st.Product(t, simple).ID, PlanHash: &hash, IdempotencyKey: &key, Reason: &reason}
	first, err := st.GoLive(st.As, in)
	must(t, err)
	var stored string
	must(t, st.Pool.QueryRow(t.Context(), `SELECT input_digest FROM deployments WHERE id = $1`, first.ID).Scan(&stored))
	if !strings.HasPrefix(stored, "v2:") {
		t.Fatalf("a digest without its version: %s", stored)
	}
	// {"ProductID":…,"PlanHash":"v1:…","IdempotencyKey":null,"Adopt":false,"Reason":"launch"}
	st.Exec(t, `UPDATE deployments SET input_digest = encode(sha256(convert_to('{"ProductID":"' || product_id ||
		'","PlanHash":"v1:0123456789abcdef0123456789abcdef","IdempotencyKey":null,"Adopt":false,"Reason":"launch"}', 'UTF8')), 'hex') WHERE id = $1`, first.ID)
	again, err := st.GoLive(st.As, in)
	if err != nil || again.ID != first.ID {
		t.Errorf("the same again: %v", err)
	}
	in.Adopt = true
	_, err = st.GoLive(st.As, in)
	wantCode(t, err, fault.IdempotencyKeyReused)
}

func TestDigestOfTheFirstVersionOfASchedule(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	key := "k"
	in := st.In(t, simple, time.Hour)
	in.IdempotencyKey = &key
	*in.When.Instant = in.When.Instant.Truncate(time.Second)
	first := st.Schedule(t, in)
	st.Exec(t, `UPDATE deployments SET input_digest = encode(sha256(convert_to('{"ProductID":"' || product_id || '","When":{"Instant":"' ||
		to_char(due_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '","Local":null,"Zone":"' || time_zone || '","Disambiguation":""},"IfChanged":"","Adopt":false,' ||
		'"Notifications":{"email":false,"remindBeforeMinutes":null,"recipients":null},"PlanHash":null,"IdempotencyKey":null,"Reason":null}', 'UTF8')), 'hex') WHERE id = $1`, first.ID)
	if got, err := st.ScheduleGoLive(st.As, in); err != nil || got.Deployment.ID != first.ID {
		t.Errorf("the same again: %v", err)
	}
}
