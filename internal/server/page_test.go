package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/graph"
	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

const reviewQuery = `query ($id: ID!) { reviewGoLive(productId: $id) {
	validation { ok results { check group couldNotRun status problems { status message } } }
	plan { hash changes { resource label replacesLiveId amountBefore { amount currency } amountAfter { amount currency minorUnits } fields { field kind } } }
	scheduled { id } testAccount { accountId accountName problem } liveAccount { accountId }
} }`

// One review asks Stripe no more than the checks alone do, and says the same as both.
func TestReviewIsOneLookAtStripe(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	asked := func(query string) (answer map[string]any, calls int) {
		s.sim.Sim.ClearRequests()
		answer = s.ok(t, token, query, vars{"id": products[0]})
		all, err := s.sim.Sim.Requests(stripesim.RequestFilter{})
		must(t, err)
		return answer, len(all)
	}
	checks, fewest := asked(`query ($id: ID!) { validateProduct(productId: $id) { results { check status } } }`)
	planned, _ := asked(`query ($id: ID!) { planGoLive(productId: $id) { hash } }`)
	d := s.schedule(t, token, christmas(products[0]))
	got, calls := asked(reviewQuery)
	review := get(t, got, "reviewGoLive")
	if calls > fewest {
		t.Errorf("a review asks Stripe %d times, the checks alone %d times", calls, fewest)
	}
	if get(t, review, "plan", "hash") != get(t, planned, "planGoLive", "hash") {
		t.Errorf("the plan is %v, and by itself %v", get(t, review, "plan"), planned)
	}
	results := get(t, review, "validation", "results").([]any)
	if len(results) != len(get(t, checks, "validateProduct", "results").([]any)) || get(t, results[0], "group") != "PRODUCT" || get(t, results[0], "couldNotRun") != false {
		t.Errorf("%v", results)
	}
	if scheduled := get(t, review, "scheduled").([]any); len(scheduled) != 1 || get(t, scheduled[0], "id") != get(t, d, "id") {
		t.Errorf("scheduled are %v", scheduled)
	}
	account := get(t, review, "testAccount")
	if get(t, account, "accountName") != "Harbour & Pine" || get(t, account, "problem") != nil || get(t, account, "accountId") != get(t, review, "liveAccount", "accountId") {
		t.Errorf("%v", account)
	}
	for _, c := range get(t, review, "plan", "changes").([]any) {
		if get(t, c, "label") == "" || get(t, c, "resource") == "price" && get(t, c, "amountBefore") != nil {
			t.Errorf("%v", c)
		}
	}
}

const productFields = `id name description imageUrl archivedInTest goneAt liveStatus testUrl liveUrl scheduledCount nextScheduled { id }
	inTest { name active price { amount currency } prices asOf } inLive { name active price { amount currency } prices asOf }
	known { count lines } can { goLive { ok why } schedule { ok why } } prices { amount { amount currency minorUnits } liveId }`

func TestProductsShowBothModes(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.work(t)
	tenantID, token, products := s.newShop(t, "acme")
	look := func(id string) any {
		return get(t, s.ok(t, token, `query ($id: ID!) { product(id: $id) { `+productFields+` } }`, vars{"id": id}), "product")
	}
	counts := func() string {
		return fmt.Sprint(get(t, s.ok(t, token, `{ tenant(slug: "acme") { productCounts { liveStatus count } } }`, nil), "tenant", "productCounts"))
	}
	before := look(products[0])
	if get(t, before, "inLive") != nil || get(t, before, "known") != nil || get(t, before, "liveUrl") != nil || get(t, before, "can", "goLive", "ok") != true ||
		!strings.Contains(get(t, before, "testUrl").(string), "/test/products/prod_") || !strings.Contains(counts(), "count:0 liveStatus:LIVE") {
		t.Errorf("%v, %s", before, counts())
	}
	s.progress(t, token, s.goLive(t, token, products[0]), client.Newest)
	d := s.schedule(t, token, christmas(products[0]))
	after := look(products[0])
	if get(t, after, "inLive", "price") == nil || fmt.Sprint(get(t, after, "inLive", "price")) != fmt.Sprint(get(t, after, "inTest", "price")) ||
		get(t, after, "known", "count") != 0.0 || get(t, after, "liveUrl") == nil || get(t, after, "scheduledCount") != 1.0 ||
		get(t, after, "nextScheduled", "id") != get(t, d, "id") || !strings.Contains(counts(), "count:1 liveStatus:LIVE") {
		t.Errorf("%v, %s", after, counts())
	}
	s.rename(t, get(t, after, "name").(string), "A new name")
	_, err := client.Mutate[struct{}](t.Context(), s.as(token), "importProducts", vars{"tenantId": tenantID}, "")
	must(t, err)
	changed := look(products[0])
	if get(t, changed, "liveStatus") != "CHANGED" || get(t, changed, "inTest", "name") != "A new name" || get(t, changed, "inLive", "name") != get(t, after, "name") ||
		fmt.Sprint(get(t, changed, "known", "lines")) != "[A new name: new name]" {
		t.Errorf("%v", changed)
	}
}

// rename changes a product in test, as a person does in Stripe.
func (s *stack) rename(t *testing.T, from, to string) {
	t.Helper()
	var account string
	must(t, s.pool.QueryRow(t.Context(), `SELECT account_id FROM stripe_connections WHERE mode = 'TEST'`).Scan(&account))
	state, err := s.sim.Sim.Dump(account, stripesim.Test)
	must(t, err)
	for i, p := range state.Products {
		state.Products[i] = []byte(strings.Replace(string(p), `"name":"`+from+`"`, `"name":"`+to+`"`, 1))
	}
	must(t, s.sim.Sim.Load(account, stripesim.Test, state))
}

func TestProductsAreSortedByWhatIsDoneWithThem(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.work(t)
	_, token, products := s.newShop(t, "acme")
	s.progress(t, token, s.goLive(t, token, products[3]), client.Newest)
	s.progress(t, token, s.goLive(t, token, products[2]), client.Newest)
	s.schedule(t, token, christmas(products[5]))
	for order, first := range map[string][]string{"LAST_DEPLOYED": {products[2], products[3], products[0]}, "NEXT_SCHEDULED": {products[5], products[0]}, "NAME": products[:2]} {
		var ids []string
		for after, more := any(nil), true; more; {
			page := get(t, s.ok(t, token, `query ($o: ProductOrder!, $a: String) { tenant(slug: "acme") { products(first: 2, orderBy: $o, after: $a) {
				nodes { id } pageInfo { hasNextPage endCursor } } } }`, vars{"o": order, "a": after}), "tenant", "products")
			for _, p := range get(t, page, "nodes").([]any) {
				ids = append(ids, get(t, p, "id").(string))
			}
			after, more = get(t, page, "pageInfo", "endCursor"), get(t, page, "pageInfo", "hasNextPage").(bool)
		}
		if !slices.Equal(ids[:len(first)], first) || len(ids) != len(products) {
			t.Errorf("%s: %q of %d", order, ids[:len(first)], len(ids))
		}
	}
}

// Whoever may not do something is told why, and whom to ask.
func TestPeopleAreToldWhyNot(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, admin, products := s.newShop(t, "acme")
	viewer, err := s.services.Tenants.CreateToken(t.Context(), "acme", "vik@example.com", tenant.RoleViewer)
	must(t, err)
	id := s.goLive(t, admin, products[0])
	d := s.schedule(t, admin, christmas(products[1]))
	why := func(token, query string, vars vars, path ...string) any {
		return get(t, s.ok(t, token, query, vars), append(path, "why")...)
	}
	const ofProduct = `query ($id: ID!) { product(id: $id) { can { goLive { why } schedule { why } } } }`
	const ofDeployment = `query ($id: ID!) { deployment(id: $id) { can { cancel { why } reschedule { why } deployNow { why } rollBack { why } tryAgain { why } } } }`
	for want, got := range map[string]any{
		"Your role (viewer) can look and plan. Ask admin@… (admin) to go live.":      why(viewer, ofProduct, vars{"id": products[0]}, "product", "can", "goLive"),
		"It's going live right now. Watch that, or wait until it has finished.":      why(admin, ofProduct, vars{"id": products[0]}, "product", "can", "goLive"),
		"It wasn't scheduled: it's running already.":                                 why(admin, ofDeployment, vars{"id": id}, "deployment", "can", "reschedule"),
		"Your role (viewer) can look and plan. Ask admin@… (admin) to cancel it.":    why(viewer, ofDeployment, vars{"id": id}, "deployment", "can", "cancel"),
		"This deployment is PENDING. Only completed deployments can be rolled back.": why(admin, ofDeployment, vars{"id": id}, "deployment", "can", "rollBack"),
		"It hasn't failed.": why(admin, ofDeployment, vars{"id": id}, "deployment", "can", "tryAgain"),
		"Your role (viewer) can look and plan. Ask admin@… (admin) to move it.": why(viewer, ofDeployment, vars{"id": get(t, d, "id")}, "deployment", "can", "reschedule"),
	} {
		if got != want {
			t.Errorf("said %v, want %s", got, want)
		}
	}
	for _, may := range []any{
		why(admin, ofProduct, vars{"id": products[0]}, "product", "can", "schedule"), why(admin, ofDeployment, vars{"id": get(t, d, "id")}, "deployment", "can", "deployNow"),
		why(admin, ofDeployment, vars{"id": id}, "deployment", "can", "cancel"),
	} {
		if may != nil {
			t.Errorf("may not: %v", may)
		}
	}
}

// Whoever follows a deployment is told with each event which steps look different now.
func TestEventsCarryTheirSteps(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.work(t)
	_, token, products := s.newShop(t, "acme")
	id := s.goLive(t, token, products[0])
	s.progress(t, token, id, client.Newest)
	d := get(t, s.ok(t, token, `query ($id: ID!) { deployment(id: $id) { updatedAt lastSequence turningBack cancelRequestedAt retryAt lateSeconds
		steps { index } events { sequence status message steps { index status } } } }`, vars{"id": id}), "deployment")
	total, told := len(get(t, d, "steps").([]any)), map[any]int{}
	events := get(t, d, "events").([]any)
	for _, e := range events {
		for _, step := range get(t, e, "steps").([]any) {
			told[get(t, step, "index")]++
			if get(t, step, "status") != "DONE" {
				t.Errorf("%v is not as it is now", step)
			}
		}
	}
	if len(told) != total || total == 0 {
		t.Errorf("events tell of %d of %d steps", len(told), total)
	}
	for index, n := range told { // when they were planned, and when they were done
		if n != 2 {
			t.Errorf("step %v is told of %d times", index, n)
		}
	}
	if get(t, d, "lastSequence") != float64(len(events)) || get(t, d, "turningBack") != false || get(t, d, "lateSeconds") != nil || get(t, d, "updatedAt") == nil {
		t.Errorf("%v", d)
	}
}

func TestHistoryIsFiltered(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.work(t)
	_, token, products := s.newShop(t, "acme")
	done := s.goLive(t, token, products[0])
	s.progress(t, token, done, client.Newest)
	scheduled := get(t, s.schedule(t, token, christmas(products[1])), "id").(string)
	ids := func(list string) string {
		var found []string
		page := get(t, s.ok(t, token, `query { tenant(slug: "acme") { list: `+list+` { totalCount nodes { id } } } }`, nil), "tenant", "list")
		for _, d := range get(t, page, "nodes").([]any) {
			found = append(found, get(t, d, "id").(string))
		}
		if get(t, page, "totalCount") != float64(len(found)) {
			t.Errorf("%s: %v of %d", list, get(t, page, "totalCount"), len(found))
		}
		return strings.Join(found, " ")
	}
	both := scheduled + " " + done
	for list, want := range map[string]string{
		`deployments(kind: GO_LIVE)`: both, `deployments(kind: ROLLBACK)`: "", `deployments(trigger: IMMEDIATE)`: done,
		`deployments(requestedBy: "admin@example.com")`: both, `deployments(requestedBy: "nobody@example.com")`: "",
		`deployments(liveOutcome: [PARTIAL, RESTORED])`: "", `deployments(since: "2026-01-01T00:00:00Z")`: both, `deployments(until: "2020-01-01T00:00:00Z")`: "",
		`deployments(search: "` + scheduled + `")`: scheduled, `deployments(search: "prod_nowhere")`: "",
		`upcoming(productId: "` + products[1] + `")`: scheduled, `upcoming(productId: "` + products[0] + `")`: "",
		`upcoming(from: "2026-12-25T00:00:00Z", to: "2026-12-26T00:00:00Z")`: scheduled, `upcoming(from: "2026-12-26T00:00:00Z")`: "",
	} {
		if got := ids(list); got != want {
			t.Errorf("%s: %q, want %q", list, got, want)
		}
	}
}

func TestKeysAreCheckedAndNotKept(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, tokens := s.newTenant(t, "acme")
	account := s.sim.Sim.AddAccount(stripesim.AccountConfig{})
	const check = `mutation ($i: ConnectStripeInput!) { checkStripeKey(input: $i) { accountId accountName mode userErrors { code field } } }`
	key := vars{"tenantId": tenantID, "mode": "TEST", "secretKey": account.TestKey}
	got := get(t, s.ok(t, tokens[tenant.RoleAdmin], check, vars{"i": key}), "checkStripeKey")
	if get(t, got, "accountId") != account.ID || get(t, got, "accountName") != "Harbour & Pine" || get(t, got, "mode") != "TEST" || s.count(t, `SELECT count(*) FROM stripe_connections`) != 0 {
		t.Errorf("%v", got)
	}
	a := s.post(t, tokens[tenant.RoleAdmin], check, vars{"i": with(key, vars{"secretKey": "sk_test_somebodyelses"})})
	if problem := get(t, a.Data["checkStripeKey"], "userErrors").([]any); len(problem) != 1 || get(t, problem[0], "code") != "STRIPE_KEY_INVALID" ||
		s.count(t, `SELECT count(*) FROM audit_log WHERE action = 'stripe.check_refused'`) != 1 {
		t.Errorf("%+v", a)
	}
	const connect = `mutation ($i: ConnectStripeInput!) { connectStripe(input: $i) { connection { accountName publishableKey problem } userErrors { code field } } }`
	a = s.post(t, tokens[tenant.RoleAdmin], connect, vars{"i": with(key, vars{"publishableKey": "pk_live_x"})})
	if problem := get(t, a.Data["connectStripe"], "userErrors").([]any); len(problem) != 1 || get(t, problem[0], "code") != "INVALID_INPUT" {
		t.Errorf("%+v", a)
	}
	for _, given := range []vars{with(key, vars{"publishableKey": "pk_test_shown"}), key} { // left out, it stays
		got := get(t, s.ok(t, tokens[tenant.RoleAdmin], connect, vars{"i": given}), "connectStripe", "connection")
		if get(t, got, "publishableKey") != "pk_test_shown" || get(t, got, "accountName") != "Harbour & Pine" || get(t, got, "problem") != nil {
			t.Errorf("%v", got)
		}
	}
}

func TestTimeIsReadByTheServer(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.at(t, "2026-11-22T03:00:00Z")
	_, tokens := s.newTenant(t, "acme")
	got := s.ok(t, tokens[tenant.RoleViewer], `{ readTime(text: "tomorrow 9:00 Berlin", timeZone: "UTC", viewerZone: "America/New_York") {
		timeZone localTime instant resolution words viewerWords relative problem { code } candidates { instant } }
		gap: readTime(localTime: "2027-03-28T02:30:00", timeZone: "Europe/Berlin") { candidates { utcOffset disambiguation } problem { code field } }
		timeZones { name cities utcOffset } }`, nil)
	if r := get(t, got, "readTime"); get(t, r, "timeZone") != "Europe/Berlin" || get(t, r, "instant") != "2026-11-23T08:00:00Z" || get(t, r, "problem") != nil ||
		!strings.HasPrefix(get(t, r, "relative").(string), "in 2") || get(t, r, "viewerWords") != "Monday, 23 November 2026, 03:00 in America/New_York" {
		t.Errorf("%v", r)
	}
	if r := get(t, got, "gap"); get(t, r, "problem", "code") != "TIME_NONEXISTENT" || len(get(t, r, "candidates").([]any)) != 2 {
		t.Errorf("%v", r)
	}
	if a := s.post(t, "", `{ timeZones { name } }`, nil); a.code() != "UNAUTHENTICATED" {
		t.Errorf("%+v", a)
	}
}

func TestWhatNeedsSomebodyAndHowFarDialogsGet(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, products := s.newShop(t, "acme")
	kinds := func() (all []string) {
		for _, a := range get(t, s.ok(t, token, `{ tenant(slug: "acme") { attention { kind since message product { id } deployment { id } } } }`, nil), "tenant", "attention").([]any) {
			all = append(all, get(t, a, "kind").(string)+" "+get(t, a, "message").(string))
		}
		return all
	}
	if all := kinds(); len(all) != 0 {
		t.Errorf("a quiet shop needs %q", all)
	}
	d := s.schedule(t, token, with(christmas(products[0]), vars{"journeyId": "01a2b3c4-0000-7000-8000-000000000001"}))
	for _, stage := range []string{"OPENED", "OPENED", "CHECKED"} { // twice is once
		s.ok(t, token, `mutation ($i: NoteJourneyInput!) { noteJourney(input: $i) { userErrors { code } } }`,
			vars{"i": vars{"journeyId": "01a2b3c4-0000-7000-8000-000000000001", "productId": products[0], "stage": stage}})
	}
	_, err := s.pool.Exec(t.Context(), `UPDATE deployments SET wait_reason = 'MISSED' WHERE id = $1`, get(t, d, "id"))
	must(t, err)
	_, err = s.pool.Exec(t.Context(), `UPDATE products SET live_product_id = stripe_product_id, live_account_id = 'acct_x', drifted_at = now() WHERE id = $1`, products[1])
	must(t, err)
	_, err = s.pool.Exec(t.Context(), `DELETE FROM stripe_connections WHERE tenant_id = $1 AND mode = 'LIVE'`, tenantID)
	must(t, err)
	if all := kinds(); len(all) != 3 || !strings.HasPrefix(all[0], "NOT_CONNECTED Stripe's live") || !strings.HasPrefix(all[1], "MISSED ") || !strings.HasPrefix(all[2], "DRIFTED ") {
		t.Errorf("%q", all)
	}
	got := get(t, s.ok(t, token, `{ tenant(slug: "acme") { metrics(from: "2026-01-01T00:00:00Z", to: "2027-12-01T00:00:00Z") { finished successRate
		days { day } failedChecks { check } errors { count } slowest { phase } journey { stage count } } } }`, nil), "tenant", "metrics")
	if fmt.Sprint(get(t, got, "journey")) != "[map[count:1 stage:OPENED] map[count:1 stage:CHECKED] map[count:0 stage:PLAN_SEEN] map[count:1 stage:CONFIRMED] map[count:0 stage:ENDED]]" ||
		get(t, got, "successRate") != nil || get(t, got, "finished") != 0.0 {
		t.Errorf("%v", got)
	}
}

// A document may be named by its id, in both ways that clients have; where only known ones
// run, no other does, and REST goes on.
func TestOnlyKnownDocumentsRun(t *testing.T) {
	t.Parallel()
	const known = `{ viewer { email } }`
	sum := sha256.Sum256([]byte(known))
	id := hex.EncodeToString(sum[:])
	s := start(t, func(c *server.Config) { c.API.Manifest, c.API.TrustedOnly = graph.Manifest{id: known}, true })
	_, tokens := s.newTenant(t, "acme")
	send := func(body vars) (a answer) {
		b, err := json.Marshal(body)
		must(t, err)
		_, _, text := s.send(t, http.MethodPost, "/graphql", tokens[tenant.RoleViewer], b, nil)
		must(t, json.Unmarshal(text, &a))
		return a
	}
	for _, body := range []vars{
		{"query": known}, {"documentId": id}, {"documentId": "sha256:" + id}, {"extensions": vars{"persistedQuery": vars{"version": 1, "sha256Hash": id}}},
	} {
		if a := send(body); a.code() != "" || get(t, a.Data, "viewer", "email") != "viewer@example.com" {
			t.Errorf("%v: %+v", body, a)
		}
	}
	for _, body := range []vars{{"query": `{ viewer { name } }`}, {"documentId": strings.Repeat("0", 64)}, {"documentId": id, "query": `{ __typename }`}} {
		if a := send(body); a.code() != "BAD_REQUEST" {
			t.Errorf("%v: %+v", body, a)
		}
	}
	if status, answer := s.rest(t, tokens[tenant.RoleViewer], vars{"action": "validate", "productId": "01a2b3c4-0000-7000-8000-000000000000"}); status != http.StatusNotFound {
		t.Errorf("%d %v", status, answer)
	}
}
