package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/oidcsim"
	"github.com/golive-hq/golive/internal/tenant"
)

const whoAmI = `{ viewer { email memberships { role tenant { slug } } } }`

func TestSignInByTheIssuer(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	s.newTenant(t, "acme")
	s.member(t, "acme", ada.Email, "DEPLOYER")
	b := s.browser(t)
	v := b.get(t, b.toIssuer(t, "/login?return_to=%2F%3Fdeployment%3D1", ada))
	v = b.get(t, v.location)
	if v.status != http.StatusSeeOther || v.location != s.url+"/?deployment=1" {
		t.Fatalf("%d %s %s", v.status, v.location, v.page)
	}
	a := b.ask(t, whoAmI, nil)
	memberships := get(t, a.Data, "viewer", "memberships").([]any)
	if get(t, a.Data, "viewer", "email") != ada.Email || len(memberships) != 1 || get(t, memberships[0], "role") != "DEPLOYER" {
		t.Fatalf("%+v", a)
	}
	if got := s.logged(t); !strings.HasSuffix(got, "member.joined by "+ada.Email+", person.signed_in by "+ada.Email) {
		t.Error(got)
	}
	var stored string
	must(t, s.pool.QueryRow(t.Context(), `SELECT concat((SELECT json_agg(s) FROM sessions s), (SELECT json_agg(p) FROM people p), (SELECT json_agg(a) FROM audit_log a))`).Scan(&stored))
	if strings.Contains(stored, b.session(t)) || strings.Contains(s.logs.String(), b.session(t)) {
		t.Error("the session can be read in the database or the log")
	}
}

func TestSignInCookies(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	b := s.browser(t)
	for _, v := range []visited{b.get(t, "/login"), b.signIn(t, ada)} {
		for _, cookie := range v.header.Values("Set-Cookie") {
			for _, has := range []string{"; HttpOnly", "; SameSite=Lax", "; Path=/"} {
				if !strings.Contains(cookie, has) {
					t.Errorf("%s lacks %s", cookie, has)
				}
			}
		}
	}
	if len(b.session(t)) != 52 {
		t.Errorf("session %q", b.session(t))
	}
}

// Each of them must leave the browser without a session and say so on a page, and be noted.
func TestSignInsThatAreRefused(t *testing.T) {
	t.Parallel()
	unverified := oidcsim.Person{Subject: "3", Email: "eve@example.com", Unverified: true}
	nobody := oidcsim.Person{Subject: "4"}
	for name, c := range map[string]struct {
		as     oidcsim.Person
		tamper func(map[string]any)
		change func(callback string) string
		reason string
	}{
		"nonce":           {as: ada, tamper: func(c map[string]any) { c["nonce"] = "another" }, reason: "id_token"},
		"audience":        {as: ada, tamper: func(c map[string]any) { c["aud"] = "another" }, reason: "id_token"},
		"party":           {as: ada, tamper: func(c map[string]any) { c["aud"], c["azp"] = []string{"golive", "x"}, "x" }, reason: "id_token"},
		"issuer":          {as: ada, tamper: func(c map[string]any) { c["iss"] = "https://elsewhere.example" }, reason: "id_token"},
		"expired":         {as: ada, tamper: func(c map[string]any) { c["exp"] = 1 }, reason: "id_token"},
		"no subject":      {as: ada, tamper: func(c map[string]any) { delete(c, "sub") }, reason: "id_token"},
		"unverified":      {as: unverified, reason: "unverified_email"},
		"no address":      {as: nobody, reason: "no_email"},
		"state":           {as: ada, change: changing("state", "another"), reason: "state"},
		"state's end":     {as: ada, change: endState, reason: "state"},
		"no state":        {as: ada, change: changing("state", ""), reason: "state"},
		"code":            {as: ada, change: changing("code", "another"), reason: "code"},
		"other issuer":    {as: ada, change: changing("iss", "https://elsewhere.example"), reason: "issuer"},
		"refused there":   {as: ada, change: changing("error", "access_denied"), reason: "issuer_refused"},
		"without a start": {as: ada, change: func(string) string { return "/login/callback?state=ABCDEFGH&code=x" }, reason: "state"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startForPeople(t, ada, unverified, nobody)
			s.issuer.Tamper = c.tamper
			b := s.browser(t)
			callback := b.callback(t, c.as)
			if c.change != nil {
				callback = c.change(callback)
			}
			s.wantRefused(t, b, b.get(t, callback), c.reason)
		})
	}
}

// endState changes the state behind what the ticket is found by.
func endState(address string) string {
	u, _ := url.Parse(address)
	return changing("state", u.Query().Get("state")[:8]+"ANOTHER")(address)
}

// changing returns a change of one parameter of an address.
func changing(name, value string) func(string) string {
	return func(address string) string {
		u, _ := url.Parse(address)
		q := u.Query()
		q.Set(name, value)
		u.RawQuery = q.Encode()
		return u.String()
	}
}

func (s signedStack) wantRefused(t *testing.T, b browser, v visited, reason string) {
	t.Helper()
	if v.status != http.StatusForbidden || !strings.Contains(v.page, "<h1>You&#39;re not signed in</h1>") {
		t.Errorf("%d %s %s", v.status, v.location, v.page)
	}
	if policy := v.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none';") {
		t.Errorf("policy %q", policy)
	}
	if b.session(t) != "" {
		t.Error("there is a session")
	}
	var noted string
	must(t, s.pool.QueryRow(t.Context(), `SELECT string_agg(reason, ',') FROM sign_in_failures`).Scan(&noted))
	if noted != reason {
		t.Errorf("noted %q, want %q", noted, reason)
	}
}

func TestSignInTakesACodeOnce(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	first := s.browser(t)
	callback := first.callback(t, ada)
	at, err := url.Parse(s.url)
	must(t, err)
	tickets := first.Jar.Cookies(at)
	if v := first.get(t, callback); v.status != http.StatusSeeOther {
		t.Fatal(v)
	}
	// The same address once more, with the ticket that the browser has handed in.
	second := s.browser(t)
	second.Jar.SetCookies(at, tickets)
	s.wantRefused(t, second, second.get(t, callback), "code")
}

// A code of somebody else's sign-in, brought with one's own ticket, must not do: that is
// what the verifier is for.
func TestSignInTakesNoCodeOfAnotherBrowser(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada, vik)
	mine, other := s.browser(t), s.browser(t)
	theirs, err := url.Parse(other.callback(t, vik))
	must(t, err)
	callback := changing("code", theirs.Query().Get("code"))(mine.callback(t, ada))
	s.wantRefused(t, mine, mine.get(t, callback), "code")
}

func TestSignInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	for _, path := range []string{
		"https://evil.example/", "//evil.example", `/\evil.example`, "/\t/evil.example", "evil", "javascript:alert(1)", "/evil\n", "///evil.example", "/%2Fevil.example",
	} {
		b := s.browser(t)
		v := b.get(t, "/login?return_to="+url.QueryEscape(path))
		if v.status != http.StatusForbidden {
			t.Errorf("%q: %d %s", path, v.status, v.location)
		}
	}
}

func TestSignInAfterAnotherEndsTheFirstSession(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	b := s.browser(t)
	b.signIn(t, ada)
	first := b.session(t)
	b.signIn(t, ada)
	if second := b.session(t); second == "" || second == first {
		t.Fatalf("%q after %q", second, first)
	}
	if _, err := s.services.Identity.Authenticate(t.Context(), first); err == nil {
		t.Error("the first session goes on")
	}
}

func TestSignedOutIsSignedOut(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	b := s.browser(t)
	b.signIn(t, ada)
	secret := b.session(t)
	v := b.visit(t, http.MethodPost, "/logout", nil)
	if v.status != http.StatusSeeOther || v.location != s.url+"/login?signed_out" || b.session(t) != "" {
		t.Fatalf("%d %s", v.status, v.location)
	}
	if _, err := s.services.Identity.Authenticate(t.Context(), secret); err == nil {
		t.Error("the session goes on")
	}
	if v := b.get(t, "/login?signed_out"); v.status != http.StatusOK || !strings.Contains(v.page, "signed out") {
		t.Error(v)
	}
}

func TestSessionsEndByTime(t *testing.T) {
	t.Parallel()
	for name, age := range map[string]string{
		"idle":     `last_used_at = now() - interval '12 hours'`,
		"absolute": `created_at = now() - interval '14 days'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startForPeople(t, ada)
			b := s.browser(t)
			b.signIn(t, ada)
			if a := b.ask(t, whoAmI, nil); a.Status != http.StatusOK {
				t.Fatalf("%+v", a)
			}
			_, err := s.pool.Exec(t.Context(), `UPDATE sessions SET `+age)
			must(t, err)
			if a := b.ask(t, whoAmI, nil); a.Status != http.StatusUnauthorized || a.code() != "UNAUTHENTICATED" || len(a.Header.Values("Set-Cookie")) > 0 {
				t.Errorf("%+v", a)
			}
			b.signIn(t, ada)
			if a := b.ask(t, whoAmI, nil); a.Status != http.StatusOK {
				t.Errorf("%+v", a)
			}
		})
	}
}

// Whoever gets an address later is somebody else, and an address that changes makes nobody
// somebody else.
func TestIdentityIsIssuerAndSubject(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	s.newTenant(t, "acme")
	s.member(t, "acme", ada.Email, "ADMIN")
	s.browser(t).signIn(t, ada)
	moved, later := ada, oidcsim.Person{Subject: "99", Email: ada.Email}
	moved.Email = "ada@new.example"
	s.issuer.People = []oidcsim.Person{moved, later}

	b := s.browser(t)
	b.signIn(t, moved)
	if got := get(t, b.ask(t, whoAmI, nil).Data, "viewer", "memberships").([]any); len(got) != 1 {
		t.Errorf("ada lost her memberships with her address: %v", got)
	}
	stranger := s.browser(t)
	s.wantRefused(t, stranger, stranger.signIn(t, later), "other_account")
	if got := s.logged(t); !strings.HasSuffix(got, "sign_in.failed by golive") {
		t.Error(got)
	}
}

// A token says more than a cookie that happens to come along.
func TestBearerBeatsCookie(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	_, tokens := s.newTenant(t, "acme")
	b := s.browser(t)
	b.signIn(t, ada)
	cookie := map[string]string{"Cookie": "golive=" + b.session(t)}
	_, _, body := s.send(t, http.MethodPost, "/graphql", tokens[tenant.RoleViewer], []byte(`{"query":"{ viewer { email } }"}`), cookie)
	if !strings.Contains(string(body), `"viewer@example.com"`) {
		t.Errorf("%s", body)
	}
	if status, _, _ := s.send(t, http.MethodPost, "/graphql", "glt_WRONG", []byte(`{"query":"{ viewer { email } }"}`), cookie); status != http.StatusUnauthorized {
		t.Errorf("a wrong token with a good cookie gives %d", status)
	}
}

// Another website's page can have the cookie sent, and must gain nothing by it.
func TestSessionsServeOurOwnPagesAlone(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	b := s.browser(t)
	b.signIn(t, ada)
	cookie := "golive=" + b.session(t)
	for _, path := range []string{"/graphql", "/logout", "/api/v1/products/deploy"} {
		for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}} {
			header["Cookie"] = cookie
			if status, _, _ := s.send(t, http.MethodPost, path, "", []byte(`{"query":"{ viewer { email } }"}`), header); status != http.StatusForbidden {
				t.Errorf("%s with %v gives %d", path, header, status)
			}
		}
	}
	if _, err := s.services.Identity.Authenticate(t.Context(), b.session(t)); err != nil {
		t.Errorf("another website ended the session: %v", err)
	}
}
