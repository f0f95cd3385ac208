package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/client"
)

// hostile are texts that nobody means, as JSON writes them.
var hostile = map[string]string{"NUL": `\u0000`, "escape": `\u001b`, "C1": `\u0085`, "delete": `\u007f`}

// Whatever text a caller sends, in whichever field, the answer blames the caller, by the
// field's name, and nobody is called at night.
func TestTextOfCallers(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, products := s.newShop(t, "acme")
	deployment := s.goLive(t, token, products[0])
	ids := strings.NewReplacer("TENANT", tenantID, "PRODUCT", products[1], "DEPLOYMENT", deployment)
	for field, query := range map[string]string{
		"slug":                             `{ tenant(slug: "X") { id } }`,
		"id":                               `{ product(id: "X") { id } }`,
		"id ":                              `{ deployment(id: "X") { id } }`,
		"productId":                        `{ validateProduct(productId: "X") { ok } }`,
		"productId ":                       `{ planGoLive(productId: "X") { hash } }`,
		"deploymentId":                     `{ planRollback(deploymentId: "X") { hash } }`,
		"after":                            `{ tenant(slug: "acme") { products(after: "X") { totalCount } } }`,
		"search":                           `{ tenant(slug: "acme") { products(search: "X") { totalCount } } }`,
		"after ":                           `{ tenant(slug: "acme") { deployments(after: "X") { totalCount } } }`,
		"productId  ":                      `{ tenant(slug: "acme") { deployments(productId: "X") { totalCount } } }`,
		"after  ":                          `{ tenant(slug: "acme") { upcoming(after: "X") { totalCount } } }`,
		"after   ":                         `{ tenant(slug: "acme") { auditLog(after: "X") { nodes { id } } } }`,
		"after    ":                        `{ product(id: "PRODUCT") { deployments(after: "X") { totalCount } } }`,
		"input.reason":                     `mutation { r: goLive(input: {productId: "PRODUCT", reason: "X"}) { userErrors { code field } } }`,
		"input.planHash":                   `mutation { r: goLive(input: {productId: "PRODUCT", planHash: "X"}) { userErrors { code field } } }`,
		"input.idempotencyKey":             `mutation { r: goLive(input: {productId: "PRODUCT", idempotencyKey: "X"}) { userErrors { code field } } }`,
		"input.productId":                  `mutation { r: goLive(input: {productId: "X"}) { userErrors { code field } } }`,
		"input.deploymentId":               `mutation { r: cancelDeployment(input: {deploymentId: "X"}) { userErrors { code field } } }`,
		"input.reason ":                    `mutation { r: cancelDeployment(input: {deploymentId: "DEPLOYMENT", reason: "X"}) { userErrors { code field } } }`,
		"input.reason  ":                   `mutation { r: rollbackDeployment(input: {deploymentId: "DEPLOYMENT", reason: "X"}) { userErrors { code field } } }`,
		"input.deploymentId ":              `mutation { r: deployNow(input: {deploymentId: "X"}) { userErrors { code field } } }`,
		"input.timeZone":                   `mutation { r: rescheduleDeployment(input: {deploymentId: "DEPLOYMENT", version: 1, timeZone: "X"}) { userErrors { code field } } }`,
		"input.reason   ":                  `mutation { r: scheduleGoLive(input: {productId: "PRODUCT", instant: "2099-01-01T00:00:00Z", timeZone: "UTC", reason: "X"}) { userErrors { code field } } }`,
		"input.notifications.recipients.1": `mutation { r: scheduleGoLive(input: {productId: "PRODUCT", timeZone: "UTC", notifications: {recipients: ["a@b.example", "X"]}}) { userErrors { code field } } }`,
		"input.stripeProductIds.0":         `mutation { r: importProducts(input: {tenantId: "TENANT", stripeProductIds: ["X"]}) { userErrors { code field } } }`,
		"input.secretKey":                  `mutation { r: connectStripe(input: {tenantId: "TENANT", mode: TEST, secretKey: "X"}) { userErrors { code field } } }`,
		"input.tenantId":                   `mutation { r: setMailPreferences(input: {tenantId: "X"}) { userErrors { code field } } }`,
	} {
		for name, text := range hostile {
			in := strings.Replace(ids.Replace(query), `"X"`, `"a`+text+`b"`, 1)
			a := s.post(t, token, in, nil)
			says, code := "", a.code()
			if code == "" {
				problems, _ := get(t, a.Data, "r", "userErrors").([]any)
				if len(problems) != 1 {
					t.Errorf("%s in %s: %v", name, in, a)
					continue
				}
				code = get(t, problems[0], "code").(string)
				for _, word := range get(t, problems[0], "field").([]any) {
					says += "." + word.(string)
				}
				says = strings.TrimPrefix(says, ".")
			} else if words := strings.Split(a.Errors[0].Message, "`"); len(words) > 1 {
				says = words[1]
			}
			if code != "INVALID_INPUT" || says != strings.TrimSpace(field) {
				t.Errorf("%s in %s: %s for %s: %v", name, in, code, says, a.Errors)
			}
		}
	}
	if logs := s.logs.String(); strings.Contains(logs, `"ERROR"`) {
		t.Errorf("an operator is called: %s", logs)
	}
	if n := s.count(t, `SELECT count(*) FROM deployments`); n != 1 {
		t.Errorf("%d deployments", n)
	}
}

func TestTextInVariables(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	a := s.post(t, token, `mutation ($in: GoLiveInput!) { goLive(input: $in) { deployment { id } userErrors { code field } } }`,
		vars{"in": vars{"productId": products[0], "reason": "a\x00b"}})
	if problem := get(t, a.Data, "goLive", "userErrors").([]any)[0]; get(t, problem, "code") != "INVALID_INPUT" || get(t, problem, "field").([]any)[1] != "reason" {
		t.Errorf("%v", a)
	}
	a = s.post(t, token, `query ($s: String) { tenant(slug: "acme") { products(search: $s) { totalCount } } }`, vars{"s": "\x00"})
	if a.code() != "INVALID_INPUT" || !strings.Contains(a.Errors[0].Message, "`search`") {
		t.Errorf("%v", a)
	}
	// Two lines, joined emoji and right-to-left names are nothing to refuse.
	for _, fine := range []string{"two\r\nlines\t", "👩\u200d💻", "حرفه\u200cای", "=?utf-8?q?x?="} {
		s.ok(t, token, `query ($s: String) { tenant(slug: "acme") { products(search: $s) { totalCount } } }`, vars{"s": fine})
	}
	socket := s.open(t, token)
	socket.subscribe(t, "1", `subscription ($id: ID!) { deploymentProgress(deploymentId: $id) { sequence } }`, vars{"id": "\x00"})
	if m := socket.want(t, "error"); !strings.Contains(string(m.Payload), "INVALID_INPUT") || !strings.Contains(string(m.Payload), "deploymentId") {
		t.Errorf("%s", m.Payload)
	}
}

func TestTextOfSurrogates(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	for _, body := range []string{
		`{"query":"{ tenant(slug: \"acme\") { products(search: \"\\ud83d\") { totalCount } } }"}`,
		`{"query":"query ($s: String) { tenant(slug: \"acme\") { products(search: $s) { totalCount } } }","variables":{"s":"\ud83d"}}`,
	} {
		if status, _, text := s.send(t, http.MethodPost, "/graphql", token, []byte(body), nil); !strings.Contains(string(text), "surrogate") || !strings.Contains(string(text), "BAD_REQUEST") {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
	got := s.ok(t, token, `mutation { goLive(input: {productId: "`+products[0]+`", reason: "Grüße, 日本語 \ud83d\ude00"}) { deployment { reason } userErrors { code } } }`, nil)
	if reason := get(t, got, "goLive", "deployment", "reason"); reason != "Grüße, 日本語 😀" {
		t.Errorf("%q", reason)
	}
}

func TestTextOfRESTCallers(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	for field, body := range map[string]vars{
		"reason":         {"action": "deploy", "productId": products[0], "reason": "\x00"},
		"idempotencyKey": {"action": "deploy", "productId": products[0], "idempotencyKey": "\x1b"},
		"planHash":       {"action": "deploy", "productId": products[0], "planHash": "\x00"},
		"productId":      {"action": "deploy", "productId": "\x00"},
		"deploymentId":   {"action": "status", "deploymentId": "\x00"},
		"action":         {"action": "\x00"},
	} {
		status, got := s.rest(t, token, body)
		if status != http.StatusBadRequest || get(t, got, "error", "code") != "INVALID_INPUT" || get(t, got, "error", "field").([]any)[0] != field {
			t.Errorf("%s: %d %v", field, status, got)
		}
	}
	for name, c := range map[string]struct{ body, says string }{
		"half":  {`{"action":"deploy","reason":"\udc00"}`, "surrogate"},
		"bytes": {"{\"action\":\"deploy\",\"reason\":\"f\xfcr\"}", "UTF-8"},
	} {
		status, _, text := s.send(t, http.MethodPost, "/api/v1/products/deploy", token, []byte(c.body), nil)
		if status != http.StatusBadRequest || !strings.Contains(string(text), c.says) || !strings.Contains(string(text), `"reason"`) {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if strings.Contains(s.logs.String(), `"ERROR"`) {
		t.Error("an operator is called")
	}
}

// Null is no way to ask for a default, where the schema wants a value.
func TestNullForADefault(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	const schedule = `mutation ($n: NotificationSettingsInput, $p: ID!) { scheduleGoLive(input: {productId: $p, instant: "2099-01-01T00:00:00Z", timeZone: "UTC", notifications: $n}) { deployment { id } } }`
	for query, variables := range map[string]vars{
		schedule: {"n": nil, "p": products[0]},
		`query ($f: Int) { tenant(slug: "acme") { deployments(first: $f) { totalCount } } }`:         {"f": nil},
		`query ($f: Int) { tenant(slug: "acme") { products(first: $f) { totalCount } } }`:            {"f": nil},
		`query ($f: Int) { tenant(slug: "acme") { auditLog(first: $f) { nodes { id } } } }`:          {"f": nil},
		`query ($a: Boolean, $p: ID!) { planGoLive(productId: $p, adopt: $a) { hash } }`:             {"a": nil, "p": products[0]},
		`query ($v: Boolean = true) { viewer @include(if: $v) { email } }`:                           {"v": nil},
		`query ($v: Boolean = true) { ...F } fragment F on Query { viewer @skip(if: $v) { email } }`: {"v": nil},
	} {
		if a := s.post(t, token, query, variables); a.code() != "BAD_REQUEST" || !strings.Contains(a.Errors[0].Message, "null") {
			t.Errorf("%s: %+v", query, a)
		} else if len(a.Errors[0].Path) == 0 && !strings.Contains(query, "(if:") {
			t.Errorf("%s is refused as a whole", query)
		}
	}
	if n := s.count(t, `SELECT count(*) FROM deployments`); n != 0 {
		t.Errorf("%d deployments", n)
	}
	if strings.Contains(s.logs.String(), `"ERROR"`) {
		t.Error("an operator is called")
	}
}

// A variable that is left out leaves the field to its default, wherever it stands.
func TestLeftOutVariablesAreDefaults(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	s.at(t, "2026-12-01T00:00:00Z")
	const settings = `{ deployment { ifChanged notifications { email remindBeforeMinutes recipients } } userErrors { code message } }`
	for name, query := range map[string]string{
		"a field":         `mutation ($p: ID!, $e: Boolean, $r: [Int!]) { r: scheduleGoLive(input: {productId: $p, instant: "2026-12-25T00:00:00Z", timeZone: "UTC", notifications: {email: $e, remindBeforeMinutes: $r}}) ` + settings + ` }`,
		"the whole":       `mutation ($p: ID!, $n: NotificationSettingsInput) { r: scheduleGoLive(input: {productId: $p, instant: "2026-12-25T00:00:00Z", timeZone: "UTC", notifications: $n}) ` + settings + ` }`,
		"in a fragment":   `mutation ($p: ID!, $n: NotificationSettingsInput) { ...F } fragment F on Mutation { r: scheduleGoLive(input: {productId: $p, instant: "2026-12-25T00:00:00Z", timeZone: "UTC", notifications: $n}) ` + settings + ` }`,
		"what is changed": `mutation ($p: ID!, $i: IfChanged) { r: scheduleGoLive(input: {productId: $p, instant: "2026-12-25T00:00:00Z", timeZone: "UTC", ifChanged: $i}) ` + settings + ` }`,
	} {
		got := get(t, s.ok(t, token, query, vars{"p": products[0]}), "r", "deployment")
		if get(t, got, "notifications", "email") != true || len(get(t, got, "notifications", "remindBeforeMinutes").([]any)) != 1 || get(t, got, "ifChanged") != "HOLD" {
			t.Errorf("%s: %v", name, got)
		}
	}
	// The document is cached: given, the variable counts.
	query := `mutation ($p: ID!, $e: Boolean) { r: scheduleGoLive(input: {productId: $p, instant: "2026-12-25T00:00:00Z", timeZone: "UTC", notifications: {email: $e}}) ` + settings + ` }`
	for _, email := range []any{nil, false, nil} {
		variables := vars{"p": products[0]}
		if email != nil {
			variables["e"] = email
		}
		if got := get(t, s.ok(t, token, query, variables), "r", "deployment", "notifications", "email"); got != (email == nil) {
			t.Errorf("%v: email %v", email, got)
		}
	}
}

// Types are the specification's: a text is no number, and an enum value has one spelling.
func TestTypesOfVariables(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, products := s.newShop(t, "acme")
	deployment := s.goLive(t, token, products[0])
	for query, variables := range map[string]vars{
		`query ($v: Int, $d: ID!) { deployment(id: $d) { events(after: $v) { sequence } } }`:                                                    {"v": "1", "d": deployment},
		`query ($v: Int!) { tenant(slug: "acme") { products(first: $v) { totalCount } } }`:                                                      {"v": "5"},
		`query ($v: Int! = 1) { tenant(slug: "acme") { upcoming(first: $v) { totalCount } } }`:                                                  {"v": "5"},
		`mutation ($v: CancelDeploymentInput!) { cancelDeployment(input: $v) { deployment { id } } }`:                                           {"v": vars{"deploymentId": deployment, "version": "5"}},
		`mutation ($v: CancelDeploymentInput! ) { cancelDeployment(input: $v) { deployment { id } } }`:                                          {"v": vars{"deploymentId": deployment, "reason": 1.5}},
		`query ($v: String) { tenant(slug: "acme") { products(search: $v) { totalCount } } }`:                                                   {"v": 5},
		`query ($v: [DeploymentStatus!]) { tenant(slug: "acme") { deployments(status: $v) { totalCount } } }`:                                   {"v": []any{"completed"}},
		`mutation ($v: StripeMode!, $t: ID!) { disconnectStripe(input: {tenantId: $t, mode: $v}) { userErrors { code } } }`:                     {"v": "test", "t": tenantID},
		`query ($v: ID!) { deployment(id: $v) { id } }`:                                                                                         {"v": 1.5},
		`mutation ($v: TimeZone!, $d: ID!) { rescheduleDeployment(input: {deploymentId: $d, version: 1, timeZone: $v}) { deployment { id } } }`: {"v": []any{"UTC"}, "d": deployment},
	} {
		if a := s.post(t, token, query, variables); a.code() != "BAD_REQUEST" {
			t.Errorf("%s with %v: %+v", query, variables, a)
		}
	}
	for _, query := range []string{
		`mutation { rescheduleDeployment(input: {deploymentId: "` + deployment + `", version: 1, timeZone: {a: 1}}) { deployment { id } } }`,
		`mutation { rescheduleDeployment(input: {deploymentId: "` + deployment + `", version: 1, timeZone: 99999999999999999999}) { deployment { id } } }`,
		`mutation { rescheduleDeployment(input: {deploymentId: "` + deployment + `", version: 1, timeZone: "UTC", instant: 1e999}) { deployment { id } } }`,
		`{ tenant(slug: "acme") { products(first: 99999999999999999999) { totalCount } } }`,
	} {
		if a := s.post(t, token, query, nil); a.code() != "BAD_REQUEST" {
			t.Errorf("%s: %+v", query, a)
		}
	}
	if strings.Contains(s.logs.String(), `"ERROR"`) {
		t.Errorf("an operator is called: %s", s.logs.String())
	}
}

// A subscription that is none is the caller's, and the socket lives on.
func TestSubscriptionsAreOne(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, products := s.newShop(t, "acme")
	deployment := s.goLive(t, token, products[0])
	fields := strings.NewReplacer("D ", `deploymentProgress(deploymentId: "`+deployment+`") { sequence } `, "C ", `deploymentsChanged(tenantId: "`+tenantID+`") { id } `)
	socket := s.open(t, token)
	for _, query := range []string{
		`subscription { D C }`, `subscription { a: D b: D }`, `subscription { ...X ...Y } fragment X on Subscription { a: D } fragment Y on Subscription { b: D }`,
		`subscription { D @skip(if: true) }`, `subscription { D ... on Subscription { b: D } }`,
	} {
		socket.subscribe(t, "1", fields.Replace(query), nil)
		if m := socket.want(t, "error"); !strings.Contains(string(m.Payload), "BAD_REQUEST") || strings.Contains(string(m.Payload), "INTERNAL") {
			t.Errorf("%s: %s", query, m.Payload)
		}
	}
	socket.watch(t, "2", deployment)
	socket.nextEvent(t)
	if strings.Contains(s.logs.String(), `"ERROR"`) {
		t.Error("an operator is called")
	}
}

// An id is the same one however it is spelled, for every field that takes it.
func TestIDsHaveOneSpelling(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, products := s.newShop(t, "acme")
	deployment := s.goLive(t, token, products[0])
	for name, spell := range map[string]func(string) string{
		"capitals": strings.ToUpper, "braces": func(id string) string { return "{" + id + "}" }, "no dashes": func(id string) string { return strings.ReplaceAll(id, "-", "") },
	} {
		s.ok(t, token, `mutation ($t: ID!) { setMailPreferences(input: {tenantId: $t, wanted: true}) { userErrors { code } } }`, vars{"t": spell(tenantID)})
		s.ok(t, token, `mutation ($t: ID!) { importProducts(input: {tenantId: $t}) { userErrors { code } } }`, vars{"t": spell(tenantID)})
		s.ok(t, token, `query ($p: ID!, $d: ID!) { product(id: $p) { id } deployment(id: $d) { id } tenant(slug: "acme") { deployments(productId: $p) { totalCount } } }`,
			vars{"p": spell(products[0]), "d": spell(deployment)})
		socket := s.open(t, token)
		socket.subscribe(t, "1", `subscription ($t: ID!) { deploymentsChanged(tenantId: $t) { id } }`, vars{"t": spell(tenantID)})
		socket.subscribe(t, "2", `subscription ($d: ID!) { deploymentProgress(deploymentId: $d) { sequence } }`, vars{"d": spell(deployment)})
		if m := socket.want(t, "next"); !strings.Contains(string(m.Payload), "sequence") {
			t.Errorf("%s: %s", name, m.Payload)
		}
		if status, got := s.rest(t, token, vars{"action": "status", "deploymentId": spell(deployment)}); status != http.StatusOK {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, other := range []string{"{" + tenantID, "urn:uuid:" + tenantID, " " + tenantID} {
		_, err := client.Mutate[struct{}](t.Context(), s.as(token), "importProducts", vars{"tenantId": other}, "")
		if err == nil {
			t.Errorf("%q is taken", other)
		}
	}
}
