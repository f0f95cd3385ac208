package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/oidcsim"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/runner"
	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

var (
	ada = oidcsim.Person{Subject: "1", Email: "ada@example.com", Name: "Ada"}
	vik = oidcsim.Person{Subject: "2", Email: "vik@example.com", Name: "Vik"}
)

// signedStack is a stack that people sign in to, by an issuer of its own.
type signedStack struct {
	*stack
	issuer *oidcsim.Issuer
}

// startForPeople runs a server and an issuer until the test ends.
func startForPeople(t testing.TB, people ...oidcsim.Person) signedStack {
	t.Helper()
	web, issuerWeb := httptest.NewUnstartedServer(nil), httptest.NewUnstartedServer(nil)
	at := func(s *httptest.Server) string { return "http://" + s.Listener.Addr().String() }
	issuer, err := oidcsim.New(oidcsim.Config{
		URL: at(issuerWeb), ClientID: "golive", ClientSecret: "hush", Redirect: at(web) + "/login/callback", People: people,
	})
	must(t, err)
	issuerWeb.Config.Handler = issuer
	issuerWeb.Start()
	t.Cleanup(issuerWeb.Close)

	s := &stack{sim: simtest.Start(t), queries: &queryCounter{Statements: domaintest.Sent}, logs: &syncBuffer{}}
	log := slog.New(slog.NewJSONHandler(s.logs, nil))
	s.connect(t, log, app.Config{
		Lease: runner.DefaultLease, PublicURL: at(web),
		Issuer: identity.Issuer{URL: at(issuerWeb), Name: "The issuer", ClientID: "golive", ClientSecret: "hush"},
	})
	config := s.config(log)
	config.API.Unavailable = postgres.Unavailable
	config.PublicURL, config.Session = at(web), server.Sessions(s.services.Identity, at(web))
	s.server = server.New(config)
	web.Config.Handler = s.server
	web.Start()
	s.url = web.URL
	s.closeWith(t, web)
	return signedStack{s, issuer}
}

// browser is somebody's, with cookies; it follows no redirects by itself.
type browser struct {
	*http.Client
	s signedStack
}

func (s signedStack) browser(t *testing.T) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, s}
}

// visited is what a browser got.
type visited struct {
	status   int
	location string
	page     string
	header   http.Header
}

func (b browser) visit(t *testing.T, method, address string, body io.Reader) visited {
	t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.s.url + address
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, body)
	must(t, err)
	return b.send(t, req)
}

func (b browser) send(t *testing.T, req *http.Request) visited {
	t.Helper()
	resp, err := b.Do(req)
	must(t, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	must(t, err)
	return visited{resp.StatusCode, resp.Header.Get("Location"), string(page), resp.Header}
}

func (b browser) get(t *testing.T, address string) visited {
	t.Helper()
	return b.visit(t, http.MethodGet, address, nil)
}

// read asks for a page as browsers do where a person follows a link.
func (b browser) read(t *testing.T, address string) visited {
	t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.s.url + address
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	must(t, err)
	req.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	return b.send(t, req)
}

// toIssuer begins a sign-in and returns the address that the issuer is asked at, for
// somebody who has been chosen.
func (b browser) toIssuer(t *testing.T, path string, as oidcsim.Person) string {
	t.Helper()
	v := b.get(t, path)
	if v.status != http.StatusFound {
		t.Fatalf("%s: %d %s", path, v.status, v.page)
	}
	return v.location + "&as=" + as.Subject
}

// callback goes on to the issuer and returns where that one sends the browser back to.
func (b browser) callback(t *testing.T, as oidcsim.Person) string {
	t.Helper()
	v := b.get(t, b.toIssuer(t, "/login", as))
	if v.status != http.StatusFound || !strings.HasPrefix(v.location, b.s.url+"/login/callback?") {
		t.Fatalf("the issuer: %d %s %s", v.status, v.location, v.page)
	}
	return v.location
}

// signIn goes all the way, and returns the last answer.
func (b browser) signIn(t *testing.T, as oidcsim.Person) visited {
	t.Helper()
	return b.get(t, b.callback(t, as))
}

// session is the secret in the browser's cookie, "" for none.
func (b browser) session(t *testing.T) string {
	t.Helper()
	at, err := url.Parse(b.s.url)
	must(t, err)
	for _, c := range b.Jar.Cookies(at) {
		if c.Name == "golive" {
			return c.Value
		}
	}
	return ""
}

// ask sends a GraphQL request with the browser's cookies.
func (b browser) ask(t *testing.T, query string, variables vars) answer {
	t.Helper()
	body, err := json.Marshal(vars{"query": query, "variables": variables})
	must(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.s.url+"/graphql", bytes.NewReader(body))
	must(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := b.Do(req)
	must(t, err)
	defer resp.Body.Close()
	a := answer{Status: resp.StatusCode, Header: resp.Header}
	must(t, json.NewDecoder(resp.Body).Decode(&a))
	return a
}

// member makes somebody a member who has no token.
func (s signedStack) member(t testing.TB, slug, email, role string) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `INSERT INTO members (id, tenant_id, email, role)
		SELECT gen_random_uuid(), id, $2, $3 FROM tenants WHERE slug = $1`, slug, email, role)
	must(t, err)
}

// logged returns the actions of the tenants' logs with their actors, the oldest first.
func (s signedStack) logged(t *testing.T) string {
	t.Helper()
	rows, err := s.pool.Query(t.Context(), `SELECT id::text FROM tenants`)
	must(t, err)
	tenants, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	var all []audit.Entry
	for _, id := range tenants {
		page, err := audit.List(t.Context(), s.pool, audit.Filter{TenantID: id}, 100, "")
		must(t, err)
		slices.Reverse(page.Entries)
		all = append(all, page.Entries...)
	}
	slices.SortStableFunc(all, func(a, b audit.Entry) int { return a.At.Compare(b.At) })
	var said []string
	for _, e := range all {
		said = append(said, e.Action+" by "+e.Actor)
	}
	return strings.Join(said, ", ")
}
