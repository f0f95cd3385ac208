package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/client"
)

// at moves the clock of all processes to that instant.
func (s *stack) at(t *testing.T, instant string) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `INSERT INTO clock (clock_offset) VALUES ($1::text::timestamptz - clock_timestamp())
		ON CONFLICT (singleton) DO UPDATE SET clock_offset = EXCLUDED.clock_offset`, instant)
	must(t, err)
}

const scheduleMutation = `mutation ($i: ScheduleGoLiveInput!) { scheduleGoLive(input: $i) {
	deployment { id status waitReason trigger kind version scheduledFor localTime timeZone timeResolution ifChanged adopt
		notifications { email remindBeforeMinutes recipients } validation { ok } plan { isEmpty } requestedBy reason }
	validation { ok results { check status } }
	timeCandidates { instant utcOffset disambiguation }
	userErrors { code message field }
} }`

// christmas is the first morning that anybody thinks of.
func christmas(product string) vars {
	return vars{"productId": product, "localTime": "2026-12-25T09:00:00", "timeZone": "America/New_York"}
}

func with(input vars, changes vars) vars {
	changed := vars{}
	for _, from := range []vars{input, changes} {
		for key, value := range from {
			if value == nil {
				delete(changed, key)
				continue
			}
			changed[key] = value
		}
	}
	return changed
}

// schedule schedules what must go well, and returns the deployment.
func (s *stack) schedule(t *testing.T, token string, input vars) any {
	t.Helper()
	return get(t, s.ok(t, token, scheduleMutation, vars{"i": input}), "scheduleGoLive", "deployment")
}

func TestChristmasMorning(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.at(t, "2026-12-25T13:00:00Z")
	_, token, products := s.newShop(t, "acme")
	d := s.schedule(t, token, with(christmas(products[0]), vars{"reason": "launch", "notifications": vars{"remindBeforeMinutes": []int{30, 60}}}))
	for field, want := range map[string]any{
		"status": "SCHEDULED", "waitReason": "DUE_TIME", "trigger": "SCHEDULED", "kind": "GO_LIVE", "version": 1.0, "adopt": false,
		"scheduledFor": "2026-12-25T14:00:00Z", "localTime": "2026-12-25T09:00:00", "timeZone": "America/New_York", "timeResolution": "UNIQUE",
		"ifChanged": "HOLD", "reason": "launch", "requestedBy": "admin@example.com",
	} {
		if got := get(t, d, field); got != want {
			t.Errorf("%s is %v, want %v", field, got, want)
		}
	}
	told := get(t, d, "notifications")
	if get(t, told, "email") != true || !slices.Equal(get(t, told, "remindBeforeMinutes").([]any), []any{60.0, 30.0}) ||
		!slices.Equal(get(t, told, "recipients").([]any), []any{"admin@example.com"}) {
		t.Errorf("%v", told)
	}
	if get(t, d, "validation", "ok") != true || get(t, d, "plan", "isEmpty") != false {
		t.Errorf("%v", d)
	}
	id := get(t, d, "id").(string)
	s.work(t)
	s.at(t, "2026-12-25T14:00:00Z")
	s.progress(t, token, id, client.Newest)
	got := s.ok(t, token, `query ($id: ID!) { deployment(id: $id) { status trigger scheduledFor localTime } }`, vars{"id": id})
	if get(t, got, "deployment", "status") != "COMPLETED" || get(t, got, "deployment", "trigger") != "SCHEDULED" ||
		get(t, got, "deployment", "scheduledFor") != "2026-12-25T14:00:00Z" || get(t, got, "deployment", "localTime") != "2026-12-25T09:00:00" {
		t.Errorf("%v", got)
	}
}

func TestAnInstantIsScheduledAsOne(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.at(t, "2026-11-22T00:00:00Z")
	_, token, products := s.newShop(t, "acme")
	d := s.schedule(t, token, vars{
		"productId": products[0], "instant": "2026-12-25T15:00:00+01:00", "timeZone": "Europe/Berlin",
		"ifChanged": "DEPLOY_LATEST", "adopt": true,
		"notifications": vars{"email": false, "remindBeforeMinutes": []int{}, "recipients": []string{"team@example.com"}},
	})
	for field, want := range map[string]any{
		"scheduledFor": "2026-12-25T14:00:00Z", "localTime": nil, "timeResolution": nil, "timeZone": "Europe/Berlin", "ifChanged": "DEPLOY_LATEST", "adopt": true,
	} {
		if got := get(t, d, field); got != want {
			t.Errorf("%s is %v, want %v", field, got, want)
		}
	}
	told := get(t, d, "notifications")
	if get(t, told, "email") != false || len(get(t, told, "remindBeforeMinutes").([]any)) != 0 ||
		!slices.Equal(get(t, told, "recipients").([]any), []any{"team@example.com"}) {
		t.Errorf("%v", told)
	}
	// Nobody said how to tell people: half an hour before, whoever schedules.
	d = s.schedule(t, token, christmas(products[1]))
	told = get(t, d, "notifications")
	if get(t, told, "email") != true || !slices.Equal(get(t, told, "remindBeforeMinutes").([]any), []any{30.0}) ||
		!slices.Equal(get(t, told, "recipients").([]any), []any{"admin@example.com"}) {
		t.Errorf("%v", told)
	}
}

func TestClockChangesAreForTheCallerToDecide(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.at(t, "2026-11-22T00:00:00Z")
	_, token, products := s.newShop(t, "acme")
	for local, want := range map[string]struct {
		code, earlier, itsOffset, later, laterOffset, resolution string
	}{
		"2027-03-14T02:30:00": {"TIME_NONEXISTENT", "2027-03-14T06:30:00Z", "-05:00", "2027-03-14T07:30:00Z", "-04:00", "GAP_SHIFTED"},
		"2027-11-07T01:30:00": {"TIME_AMBIGUOUS", "2027-11-07T05:30:00Z", "-04:00", "2027-11-07T06:30:00Z", "-05:00", "OVERLAP_LATER"},
	} {
		input := with(christmas(products[0]), vars{"localTime": local})
		payload := get(t, s.post(t, token, scheduleMutation, vars{"i": input}).Data, "scheduleGoLive")
		problem := get(t, payload, "userErrors").([]any)[0]
		message := get(t, problem, "message").(string)
		if get(t, problem, "code") != want.code || !slices.Equal(get(t, problem, "field").([]any), []any{"input", "localTime"}) ||
			!strings.Contains(message, want.itsOffset) || !strings.Contains(message, want.laterOffset) || get(t, payload, "deployment") != nil {
			t.Errorf("%s: %v", local, payload)
		}
		both := get(t, payload, "timeCandidates").([]any)
		for i, c := range []vars{
			{"instant": want.earlier, "utcOffset": want.itsOffset, "disambiguation": "EARLIER"},
			{"instant": want.later, "utcOffset": want.laterOffset, "disambiguation": "LATER"},
		} {
			for field, value := range c {
				if get(t, both[i], field) != value {
					t.Errorf("%s, candidate %d: %v, want %v", local, i, both[i], c)
				}
			}
		}
		d := s.schedule(t, token, with(input, vars{"disambiguation": "LATER"}))
		if get(t, d, "scheduledFor") != want.later || get(t, d, "timeResolution") != want.resolution || get(t, d, "localTime") != local {
			t.Errorf("%s, LATER: %v", local, d)
		}
		// A move is refused in the same words.
		moved := get(t, s.post(t, token, `mutation ($i: RescheduleDeploymentInput!) { rescheduleDeployment(input: $i) {
			deployment { id } timeCandidates { instant } userErrors { code } } }`, vars{"i": vars{
			"deploymentId": get(t, d, "id"), "version": 1, "localTime": local, "timeZone": "America/New_York",
		}}).Data, "rescheduleDeployment")
		if get(t, get(t, moved, "userErrors").([]any)[0], "code") != want.code || len(get(t, moved, "timeCandidates").([]any)) != 2 {
			t.Errorf("%s, moved: %v", local, moved)
		}
	}
	ok := get(t, s.ok(t, token, scheduleMutation, vars{"i": christmas(products[0])}), "scheduleGoLive")
	if get(t, ok, "timeCandidates") != nil || get(t, ok, "validation", "ok") != true {
		t.Errorf("%v", ok)
	}
}

func TestSchedulesAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.at(t, "2026-11-22T00:00:00Z")
	_, token, products := s.newShop(t, "acme")
	for name, c := range map[string]struct {
		changes     vars
		code, field string
	}{
		"gone by":          {vars{"localTime": "2026-11-21T09:00:00"}, "TIME_IN_PAST", "localTime"},
		"in half a minute": {vars{"localTime": nil, "instant": "2026-11-22T00:00:30Z"}, "TIME_IN_PAST", "instant"},
		"in three years":   {vars{"localTime": "2029-12-25T09:00:00"}, "TIME_TOO_FAR", "localTime"},
		"no such zone":     {vars{"timeZone": "America/New_Yrok"}, "TIME_ZONE_UNKNOWN", "timeZone"},
		"an abbreviation":  {vars{"timeZone": "EST"}, "TIME_ZONE_UNKNOWN", "timeZone"},
		"an offset":        {vars{"timeZone": "-05:00"}, "TIME_ZONE_UNKNOWN", "timeZone"},
		"twice":            {vars{"instant": "2026-12-25T09:00:00Z"}, "INVALID_INPUT", "localTime"},
		"never":            {vars{"localTime": nil}, "INVALID_INPUT", "localTime"},
		"another plan":     {vars{"planHash": "v1:00000000000000000000000000000000"}, "PLAN_CHANGED", "planHash"},
		"no plan":          {vars{"planHash": "v1:…"}, "INVALID_INPUT", "planHash"},
		"no address":       {vars{"notifications": vars{"recipients": []string{"nobody"}}}, "INVALID_INPUT", "notifications"},
		"an offset inside": {vars{"localTime": "2026-12-25T09:00:00Z"}, "BAD_REQUEST", ""},
		"a fraction":       {vars{"localTime": "2026-12-25T09:00:00.5"}, "BAD_REQUEST", ""},
		"no zone":          {vars{"timeZone": nil}, "BAD_REQUEST", ""},
	} {
		a := s.post(t, token, scheduleMutation, vars{"i": with(christmas(products[0]), c.changes)})
		if c.code == "BAD_REQUEST" {
			if a.code() != c.code {
				t.Errorf("%s: %v %v", name, a.Errors, a.Data)
			}
			continue
		}
		if a.code() != "" {
			t.Errorf("%s: %v", name, a.Errors)
			continue
		}
		payload := get(t, a.Data, "scheduleGoLive")
		problem := get(t, payload, "userErrors").([]any)[0]
		if get(t, problem, "code") != c.code || get(t, problem, "field").([]any)[1] != c.field || get(t, payload, "deployment") != nil {
			t.Errorf("%s: %v", name, payload)
		}
	}
	if a := s.post(t, token, scheduleMutation, vars{"i": with(christmas(products[0]), vars{"timeZone": "America/New_Yrok"})}); !strings.Contains(
		get(t, get(t, a.Data, "scheduleGoLive", "userErrors").([]any)[0], "message").(string), "America/New_York") {
		t.Errorf("%v", a.Data)
	}
	if n := s.totalUpcoming(t, token); n != 0.0 {
		t.Errorf("%v are scheduled", n)
	}
}

func (s *stack) totalUpcoming(t *testing.T, token string) any {
	t.Helper()
	return get(t, s.ok(t, token, `{ tenant(slug: "acme") { upcoming { totalCount } } }`, nil), "tenant", "upcoming", "totalCount")
}

func TestUpcomingIsByTimeAndSaysWhy(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.at(t, "2026-11-22T00:00:00Z")
	_, token, products := s.newShop(t, "acme")
	var ids []string
	for i, local := range []string{"2026-12-25T09:00:00", "2026-12-01T09:00:00", "2027-01-01T00:00:00", "2026-12-24T18:00:00"} {
		d := s.schedule(t, token, with(christmas(products[i%2]), vars{"localTime": local}))
		ids = append(ids, get(t, d, "id").(string))
	}
	byTime := []string{ids[1], ids[3], ids[0], ids[2]}
	_, err := s.pool.Exec(t.Context(), `UPDATE deployments SET wait_reason = 'MISSED' WHERE id = $1`, ids[1])
	must(t, err)
	var seen []string
	var reasons []any
	var after any
	for range 2 {
		got := s.ok(t, token, `query ($after: String) { tenant(slug: "acme") { now upcoming(first: 2, after: $after) {
			nodes { id waitReason scheduledFor product { name } } pageInfo { endCursor hasNextPage } totalCount } } }`, vars{"after": after})
		page := get(t, got, "tenant", "upcoming")
		for _, node := range get(t, page, "nodes").([]any) {
			seen = append(seen, get(t, node, "id").(string))
			reasons = append(reasons, get(t, node, "waitReason"))
		}
		if get(t, page, "totalCount") != 4.0 || get(t, page, "pageInfo", "hasNextPage") != (len(seen) == 2) {
			t.Errorf("%v", page)
		}
		after = get(t, page, "pageInfo", "endCursor")
		if now := get(t, got, "tenant", "now").(string); !strings.HasPrefix(now, "2026-11-22T00:") {
			t.Errorf("it is %s", now)
		}
	}
	if !slices.Equal(seen, byTime) || !slices.Equal(reasons, []any{"MISSED", "DUE_TIME", "DUE_TIME", "DUE_TIME"}) {
		t.Errorf("%v %v, want %v", seen, reasons, byTime)
	}
	_, other, _ := s.newShop(t, "others")
	a := s.post(t, other, `query ($after: String) { tenant(slug: "others") { upcoming(after: $after) { nodes { id } } } }`, vars{"after": ids[1]})
	if a.code() != "INVALID_INPUT" {
		t.Errorf("%v %v", a.Errors, a.Data)
	}
}

func TestMovingAndStartingWhatIsScheduled(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.at(t, "2026-11-22T00:00:00Z")
	_, token, products := s.newShop(t, "acme")
	id := get(t, s.schedule(t, token, christmas(products[0])), "id").(string)
	move := func(version int, local string) any {
		t.Helper()
		return get(t, s.post(t, token, `mutation ($i: RescheduleDeploymentInput!) { rescheduleDeployment(input: $i) {
			deployment { id version scheduledFor localTime timeZone status } timeCandidates { instant } userErrors { code message field } } }`,
			vars{"i": vars{"deploymentId": id, "version": version, "localTime": local, "timeZone": "Europe/Berlin"}}).Data, "rescheduleDeployment")
	}
	moved := get(t, move(1, "2026-12-26T10:00:00"), "deployment")
	if get(t, moved, "id") != id || get(t, moved, "version") != 2.0 || get(t, moved, "scheduledFor") != "2026-12-26T09:00:00Z" || get(t, moved, "timeZone") != "Europe/Berlin" {
		t.Errorf("%v", moved)
	}
	late := move(1, "2026-12-27T10:00:00")
	problem := get(t, late, "userErrors").([]any)[0]
	if get(t, problem, "code") != "VERSION_CONFLICT" || !strings.Contains(get(t, problem, "message").(string), "admin@example.com") ||
		get(t, late, "deployment", "version") != 2.0 {
		t.Errorf("%v", late)
	}

	const deployNow = `mutation ($i: DeployNowInput!) { deployNow(input: $i) { deployment { id status trigger scheduledFor } userErrors { code } } }`
	stale := get(t, s.post(t, token, deployNow, vars{"i": vars{"deploymentId": id, "version": 1}}).Data, "deployNow")
	if get(t, get(t, stale, "userErrors").([]any)[0], "code") != "VERSION_CONFLICT" {
		t.Errorf("%v", stale)
	}
	got := get(t, s.ok(t, token, deployNow, vars{"i": vars{"deploymentId": id, "version": 2}}), "deployNow", "deployment")
	if get(t, got, "id") != id || get(t, got, "status") != "PENDING" {
		t.Errorf("%v", got)
	}
	s.work(t)
	s.progress(t, token, id, client.Newest)
	again := get(t, s.post(t, token, deployNow, vars{"i": vars{"deploymentId": id}}).Data, "deployNow")
	if get(t, get(t, again, "userErrors").([]any)[0], "code") != "INVALID_STATE" || get(t, again, "deployment", "status") != "COMPLETED" {
		t.Errorf("%v", again)
	}
}

func TestRESTSchedules(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.at(t, "2026-11-22T00:00:00Z")
	_, token, products := s.newShop(t, "acme")
	body := with(christmas(products[0]), vars{
		"action": "schedule", "idempotencyKey": "k", "ifChanged": "DEPLOY_LATEST", "notifications": vars{"recipients": []string{"team@example.com"}},
	})
	status, got := s.rest(t, token, body)
	d := get(t, got, "deployment")
	if status != http.StatusAccepted || get(t, d, "status") != "SCHEDULED" || get(t, d, "scheduledFor") != "2026-12-25T14:00:00Z" ||
		get(t, d, "localTime") != "2026-12-25T09:00:00" || get(t, d, "ifChanged") != "DEPLOY_LATEST" || get(t, got, "validation", "ok") != true ||
		get(t, d, "notifications", "email") != true || !slices.Equal(get(t, d, "notifications", "recipients").([]any), []any{"team@example.com"}) {
		t.Fatalf("%d %v", status, got)
	}
	status, again := s.rest(t, token, body)
	if status != http.StatusAccepted || get(t, again, "deployment", "id") != get(t, d, "id") {
		t.Errorf("the same key: %d %v", status, again)
	}
	if status, got := s.rest(t, token, vars{"action": "status", "deploymentId": get(t, d, "id")}); status != http.StatusOK || get(t, got, "deployment", "timeZone") != "America/New_York" {
		t.Errorf("status: %d %v", status, got)
	}
	for name, c := range map[string]struct {
		changes vars
		status  int
		code    string
	}{
		"skipped":    {vars{"localTime": "2027-03-14T02:30:00"}, 400, "TIME_NONEXISTENT"},
		"gone by":    {vars{"localTime": "2026-11-21T09:00:00"}, 400, "TIME_IN_PAST"},
		"no zone":    {vars{"timeZone": "EST"}, 400, "TIME_ZONE_UNKNOWN"},
		"no reading": {vars{"localTime": "2026-12-25T09:00:00Z"}, 400, "BAD_REQUEST"},
		"no choice":  {vars{"disambiguation": "PERHAPS"}, 400, "BAD_REQUEST"},
		"misspelt":   {vars{"notifications": vars{"emails": true}}, 400, "INVALID_INPUT"},
		"other plan": {vars{"planHash": "v1:00000000000000000000000000000000"}, 409, "PLAN_CHANGED"},
		"no plan":    {vars{"planHash": ""}, 400, "INVALID_INPUT"},
	} {
		status, got := s.rest(t, token, with(with(body, vars{"idempotencyKey": nil}), c.changes))
		if status != c.status || get(t, got, "error", "code") != c.code || got["deployment"] != nil {
			t.Errorf("%s: %d %v", name, status, got)
		}
		if c.code == "TIME_NONEXISTENT" && (len(got["timeCandidates"].([]any)) != 2 || get(t, got["timeCandidates"].([]any)[0], "disambiguation") != "EARLIER") {
			t.Errorf("%s: %v", name, got)
		}
	}
	move := with(christmas(products[0]), vars{"action": "reschedule", "productId": nil, "deploymentId": get(t, d, "id"), "version": 1, "localTime": "2026-12-26T09:00:00"})
	if status, got := s.rest(t, token, move); status != http.StatusAccepted || get(t, got, "deployment", "scheduledFor") != "2026-12-26T14:00:00Z" {
		t.Errorf("reschedule: %d %v", status, got)
	}
	if status, got := s.rest(t, token, move); status != http.StatusConflict || get(t, got, "error", "code") != "VERSION_CONFLICT" {
		t.Errorf("reschedule what has changed: %d %v", status, got)
	}
	if status, got := s.rest(t, token, with(move, vars{"version": 2, "localTime": "2027-03-14T02:30:00"})); status != 400 || len(got["timeCandidates"].([]any)) != 2 {
		t.Errorf("reschedule to a skipped time: %d %v", status, got)
	}
	if status, got := s.rest(t, token, vars{"action": "deployNow", "deploymentId": get(t, d, "id"), "version": 2}); status != http.StatusAccepted || get(t, got, "deployment", "trigger") != "IMMEDIATE" {
		t.Errorf("deployNow: %d %v", status, got)
	}
	if status, _ := s.rest(t, token, vars{"action": "cancel", "deploymentId": get(t, d, "id")}); status != http.StatusAccepted {
		t.Errorf("cancel: %d", status)
	}
}

// A check that fails comes with the report that says so.
func TestFailedChecksComeWithTheReport(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.at(t, "2026-11-22T00:00:00Z")
	_, token, products := s.newShop(t, "acme")
	for _, account := range s.sim.Sim.Accounts() {
		must(t, s.sim.Sim.SetAccount(account.ID, map[string]any{"charges_enabled": false}))
	}
	payload := get(t, s.post(t, token, scheduleMutation, vars{"i": christmas(products[0])}).Data, "scheduleGoLive")
	problem := get(t, payload, "userErrors").([]any)[0]
	if get(t, problem, "code") != "VALIDATION_FAILED" || get(t, payload, "deployment") != nil || get(t, payload, "validation", "ok") != false {
		t.Fatalf("%v", payload)
	}
	var failed []string
	for _, result := range get(t, payload, "validation", "results").([]any) {
		if get(t, result, "status") == "FAILED" {
			failed = append(failed, get(t, result, "check").(string))
		}
	}
	if len(failed) == 0 {
		t.Errorf("%v", payload)
	}
	status, got := s.rest(t, token, with(christmas(products[0]), vars{"action": "schedule"}))
	if status != http.StatusUnprocessableEntity || get(t, got, "error", "code") != "VALIDATION_FAILED" || get(t, got, "validation", "ok") != false {
		t.Errorf("%d %v", status, got)
	}
}
