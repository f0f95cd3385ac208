package e2e_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/oidcsim"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/smtpsim"
	"github.com/golive-hq/golive/internal/stripesim"
)

const smtpSecret, oidcSecret = "canary-smtp-5f1c07", "canary-oidc-8d22e1"

// canary is a running stack with a secret of each kind, and everything that it says.
type canary struct {
	*stack
	sh      *shop
	secrets map[string]string // by what they are

	mu    sync.Mutex
	mails []string
	// answers are those of the API, whole but for cookies.
	answers strings.Builder
}

// newCanary starts real processes, with a mail server that wants a password and an issuer.
func newCanary(t *testing.T) *canary {
	t.Helper()
	c := &canary{secrets: map[string]string{"the mail server's password": smtpSecret, "the issuer's client secret": oidcSecret}}
	smtp, err := smtpsim.Start(t.Context(), "127.0.0.1:0", smtpsim.Rules{User: "golive", Password: smtpSecret, Data: func(_ net.Conn, m smtpsim.Message) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.mails = append(c.mails, string(m.Data))
		return nil
	}})
	must(t, err)
	t.Cleanup(smtp.Close)
	mux := http.NewServeMux()
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	issuer, err := oidcsim.New(oidcsim.Config{URL: web.URL, ClientID: "golive", ClientSecret: oidcSecret, Redirect: "http://127.0.0.1/login/callback"})
	must(t, err)
	mux.Handle("/", issuer)
	c.stack = newProcesses(t, 1, 1, "GOLIVE_SMTP_URL=smtp://golive:"+smtpSecret+"@"+smtp.Addr+"?tls=none",
		"GOLIVE_OIDC_ISSUER="+web.URL, "GOLIVE_OIDC_CLIENT_ID=golive", "GOLIVE_OIDC_CLIENT_SECRET="+oidcSecret)
	c.sh = c.newShop(t, "canary", false)
	c.secrets["a Stripe test key"], c.secrets["a Stripe live key"], c.secrets["a token"] = c.sh.test.TestKey, c.sh.live.LiveKey, c.sh.Token
	for _, v := range c.env {
		if name, value, _ := strings.Cut(v, "="); name == "GOLIVE_SEALING_KEYS" {
			c.secrets["the sealing keys"] = value
		} else if u, err := url.Parse(value); name == "DATABASE_URL" && err == nil {
			if password, set := u.User.Password(); set {
				c.secrets["the database's password"] = password
			}
		}
	}
	return c
}

// ask sends a request and keeps the answer; header holds names and values.
func (c *canary) ask(t *testing.T, method, path, body string, header ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.urls[0]+path, strings.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	must(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(t, err)
	fmt.Fprintf(&c.answers, "%d %s %s\n", res.StatusCode, res.Header.Get("Location"), text)
	return res
}

// graphql asks as the shop's admin.
func (c *canary) graphql(t *testing.T, query string, variables object) {
	t.Helper()
	body, err := json.Marshal(object{"query": query, "variables": variables})
	must(t, err)
	c.ask(t, "POST", "/graphql", string(body), "Authorization", "Bearer "+c.sh.Token)
}

// signIn uses a link of the operators', and keeps the secrets of both.
func (c *canary) signIn(t *testing.T) (cookie string) {
	t.Helper()
	link := golive(t, c.env, "sign-in-link", "owner@canary.example")
	path := link[strings.Index(link, "/login/link/"):]
	c.secrets["a sign-in link"] = strings.TrimPrefix(path, "/login/link/")
	res := c.ask(t, "POST", path, "", "Sec-Fetch-Site", "same-origin", "Content-Type", "application/x-www-form-urlencoded")
	for _, set := range res.Cookies() {
		if len(set.Value) >= 20 {
			c.secrets["a session"] = set.Value
			return set.Name + "=" + set.Value
		}
	}
	t.Fatalf("no session: %d", res.StatusCode)
	return ""
}

// drive does what people and strangers do, well and badly.
func (c *canary) drive(t *testing.T) {
	t.Helper()
	sh := c.sh
	sh.setTest(t, manyPrices(2))
	p := sh.product(t, "prod_plans")
	d := sh.mustGoLive(t, goLiveInput{ProductID: p.ID})
	sh.end(t, d.ID)
	w := manyPrices(3)
	sh.setTest(t, w)
	_, err := sh.sim.AddFault(stripesim.Fault{Kind: stripesim.Refused, Times: -1, Match: stripesim.Match{Account: sh.live.ID, Mode: stripesim.Live, Method: "POST"}})
	must(t, err)
	failed := sh.mustGoLive(t, goLiveInput{ProductID: p.ID})
	domaintest.Until(t, "the failure", func() bool {
		return slices.Contains([]string{"FAILED", "ROLLED_BACK"}, sh.deployment(t, failed.ID).Status)
	})

	cookie := c.signIn(t)
	feed := golive(t, c.env, "calendar", "create", "--tenant", "canary")
	path := feed[strings.Index(feed, "/calendar/"):]
	c.secrets["a calendar's address"] = strings.TrimSuffix(strings.TrimPrefix(path, "/calendar/"), ".ics")
	c.secrets["a refused Stripe key"] = "sk_test_51CanaryRefused00000000"
	c.secrets["a token that is none"] = "glt_" + strings.Repeat("canary", 8)

	c.ask(t, "GET", path, "")
	c.ask(t, "GET", "/calendar/"+c.secrets["a calendar's address"]+"x.ics", "")
	c.ask(t, "GET", "/login", "")
	c.ask(t, "GET", "/login/callback?code=x&state=x", "")
	c.ask(t, "POST", "/login/link/"+c.secrets["a sign-in link"], "", "Sec-Fetch-Site", "same-origin", "Content-Type", "application/x-www-form-urlencoded")
	c.ask(t, "POST", "/graphql", `{"query":"{ viewer { email sessions { id userAgent } } }"}`, "Cookie", cookie)
	c.ask(t, "POST", "/graphql", `{"query":"{ viewer { email } }"}`, "Authorization", "Bearer "+c.secrets["a token that is none"])
	c.ask(t, "POST", "/graphql", `{"query":"{ viewer { `+c.sh.Token, "Authorization", "Bearer "+c.sh.Token)
	c.ask(t, "POST", "/api/v1/products/deploy", `{"action":"status","productId":"prod_unknown"`, "Authorization", "Bearer "+c.sh.Token)
	c.ask(t, "POST", "/api/v1/products/deploy", `{"action":"status","productId":"prod_plans"}`, "Authorization", "Bearer "+c.sh.Token)
	connect := `mutation ($t: ID!, $m: StripeMode!, $k: String!) { connectStripe(input: {tenantId: $t, mode: $m, secretKey: $k}) { connection { keyHint accountId } userErrors { code message } } }`
	for mode, key := range map[string]string{"TEST": c.secrets["a refused Stripe key"], "LIVE": sh.test.TestKey} {
		c.graphql(t, connect, object{"t": sh.tenantID, "m": mode, "k": key})
	}
	c.graphql(t, `mutation ($t: ID!) { inviteMember(input: {tenantId: $t, email: "new@canary.example", role: VIEWER}) { invitation { id email } userErrors { code } } }`, object{"t": sh.tenantID})
	c.graphql(t, `mutation ($t: ID!) { importProducts(input: {tenantId: $t, stripeProductIds: ["prod_none"]}) { imported userErrors { code message } } }`, object{"t": sh.tenantID})
	c.graphql(t, `{ tenant(slug: "canary") { stripeConnections { keyHint } tokens { hint name } members { email } invitations { email } import { error }
		auditLog(first: 50) { nodes { actor action details reason } } deployments(first: 20) { nodes { status events(first: 50) { message } error { message hint } } } } }`, nil)
}

// told is everything that was said or kept, by where.
func (c *canary) told(t *testing.T) map[string]string {
	t.Helper()
	told := map[string]string{"answers": c.answers.String(), "the database": c.dump(t)}
	for i, p := range c.processes {
		told[fmt.Sprintf("the log of process %d", i)] = p.said()
	}
	admin := regexp.MustCompile(`"admin_addr":"([^"]+)"`).FindStringSubmatch(c.processes[0].said())
	for name, addr := range map[string]string{"the API's metrics": admin[1], "the worker's metrics": c.workers()[0].addr} {
		res, err := http.Get("http://" + addr + "/metrics")
		must(t, err)
		text, err := io.ReadAll(res.Body)
		must(t, err)
		must(t, res.Body.Close())
		told[name] = string(text)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	told["emails"] = strings.Join(c.mails, "\n")
	return told
}

// dump is every row of every table, jobs among them.
func (c *canary) dump(t *testing.T) string {
	t.Helper()
	tables, err := postgres.All(t.Context(), c.pool, pgx.RowTo[string], `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)
	must(t, err)
	var all strings.Builder
	for _, name := range tables {
		var text string
		must(t, c.pool.QueryRow(t.Context(), `SELECT coalesce(string_agg(r::text, E'\n'), '') FROM `+name+` r`).Scan(&text))
		all.WriteString(name + "\n" + text + "\n")
	}
	return all.String()
}

// leaks names the secrets that stand in a text, in any of the ways in which they may be written.
func leaks(text string, secrets map[string]string) (found []string) {
	for _, what := range slices.Sorted(maps.Keys(secrets)) {
		s := secrets[what]
		for _, form := range []string{s, url.QueryEscape(s), hex.EncodeToString([]byte(s)), base64.StdEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s))} {
			if strings.Contains(text, form) {
				found = append(found, what)
				break
			}
		}
	}
	return found
}

// No secret stands in a log, an answer, a metric, an email, a job or a plain column, whatever
// goes well or wrong.
func TestNoSecretIsToldAnywhere(t *testing.T) {
	t.Parallel()
	c := newCanary(t)
	c.drive(t)
	domaintest.Until(t, "an email", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return len(c.mails) > 0 })
	told := c.told(t)
	for where, text := range told {
		if found := leaks(text, c.secrets); len(found) > 0 {
			t.Errorf("%s: %q", where, found)
		}
	}
	// That the search sees what is there, and would see a secret in each place and form.
	for where, sign := range map[string]string{
		"answers": "keyHint", "the database": "import_run", "the log of process 0": "api started", "the log of process 1": "worker started",
		"the API's metrics": "golive_", "the worker's metrics": "golive_", "emails": "Subject:",
	} {
		if !strings.Contains(told[where], sign) {
			t.Errorf("%s lacks %q: %.500s", where, sign, told[where])
		}
	}
	for what, secret := range c.secrets {
		if len(secret) < 8 {
			t.Errorf("%s is too short to be found: %d", what, len(secret))
		}
		for _, form := range []string{secret, hex.EncodeToString([]byte(secret)), url.QueryEscape(secret)} {
			if !slices.Contains(leaks("… "+form+" …", c.secrets), what) {
				t.Errorf("%s would not be found", what)
			}
		}
	}
	_, err := c.pool.Exec(t.Context(), `UPDATE river_job SET metadata = jsonb_build_object('key', $1::text) WHERE kind = 'import_run'`, c.sh.live.LiveKey)
	must(t, err)
	if found := leaks(c.dump(t), c.secrets); !slices.Equal(found, []string{"a Stripe live key"}) {
		t.Errorf("planted a live key, found %q", found)
	}
}
