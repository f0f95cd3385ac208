package server_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// Every page on the way has a policy that lets nothing run and knows its style by its hash.
func TestPagesOfTheSignInAllowNothingUnsafe(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, vik)
	link, err := s.services.Identity.CreateLink(t.Context(), vik.Email)
	must(t, err)
	b := s.browser(t)
	pages := map[string]visited{
		"who are you": b.get(t, b.get(t, "/login").location), "a link": b.get(t, "/login/link/"+link),
		"refused": b.get(t, "/login/callback?state=ABCDEFGH&code=x"), "signed out": b.get(t, "/login?signed_out"),
	}
	b.signIn(t, vik)
	pages["no member"] = b.get(t, "/login/welcome")
	for name, v := range pages {
		style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(v.page)
		if style == nil {
			t.Errorf("%s: no style in %s", name, v.page)
			continue
		}
		sum := sha256.Sum256([]byte(style[1]))
		policy := v.header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src") ||
			!strings.Contains(policy, "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			t.Errorf("%s: policy %q", name, policy)
		}
		if strings.Contains(v.page, "style=") || strings.Contains(v.page, "<script") {
			t.Errorf("%s has what its policy forbids", name)
		}
	}
}

// Whoever wants to read a page that is for people we know signs in first, and then reads it;
// so does somebody whose session has ended.
func TestPagesLeadToTheSignIn(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	s.newTenant(t, "acme")
	s.member(t, "acme", ada.Email, "VIEWER")
	b := s.browser(t)
	if v := b.get(t, "/playground"); v.status != http.StatusUnauthorized {
		t.Errorf("a program gets %d", v.status)
	}
	for range 2 {
		v := b.read(t, "/playground?query=x")
		if v.status != http.StatusFound || v.location != s.url+"/login?return_to=%2Fplayground%3Fquery%3Dx" {
			t.Fatalf("%d %s", v.status, v.location)
		}
		back := b.get(t, b.get(t, b.toIssuer(t, v.location, ada)).location)
		if page := b.read(t, back.location); page.status != http.StatusOK || !strings.Contains(page.page, `<div id="root">`) {
			t.Errorf("%s: %d", back.location, page.status)
		}
		_, err := s.pool.Exec(t.Context(), `UPDATE sessions SET ended_at = now()`)
		must(t, err)
	}
}

func TestSignInWithoutMembershipSaysWhomToAsk(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, vik)
	b := s.browser(t)
	if v := b.signIn(t, vik); v.location != s.url+"/login/welcome" {
		t.Fatal(v)
	}
	if v := b.get(t, "/login/welcome"); v.status != http.StatusForbidden || !strings.Contains(v.page, vik.Email) || !strings.Contains(v.page, "Ask an admin") {
		t.Error(v)
	}
	s.newTenant(t, "acme")
	s.member(t, "acme", vik.Email, "VIEWER")
	if v := b.get(t, "/login/welcome"); v.status != http.StatusSeeOther || v.location != s.url+"/" {
		t.Error(v)
	}
}

func TestSignInByAnOperatorsLink(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	s.newTenant(t, "acme")
	s.member(t, "acme", ada.Email, "ADMIN")
	link, err := s.services.Identity.CreateLink(t.Context(), "Ada@Example.com")
	must(t, err)
	b := s.browser(t)
	for range 2 { // programs that look for harmful links follow them
		if v := b.get(t, "/login/link/"+link); v.status != http.StatusOK || !strings.Contains(v.page, ada.Email) || b.session(t) != "" {
			t.Fatal(v)
		}
	}
	if v := b.visit(t, http.MethodPost, "/login/link/"+link, nil); v.status != http.StatusSeeOther || v.location != s.url+"/" {
		t.Fatal(v)
	}
	if got := get(t, b.ask(t, whoAmI, nil).Data, "viewer", "memberships").([]any); len(got) != 1 {
		t.Error(got)
	}
	if strings.Contains(s.logs.String(), link) {
		t.Error("the log has the link")
	}
	again := s.browser(t)
	s.wantRefused(t, again, again.visit(t, http.MethodPost, "/login/link/"+link, nil), "link")
	if got := s.logged(t); !strings.Contains(got, "sign_in_link.created by operator") || !strings.Contains(got, "person.signed_in_by_link by "+ada.Email) {
		t.Error(got)
	}
	// The person's first account at the issuer is taken for the same person.
	if v := b.signIn(t, ada); v.location != s.url+"/" {
		t.Error(v)
	}
	late, err := s.services.Identity.CreateLink(t.Context(), ada.Email)
	must(t, err)
	_, err = s.pool.Exec(t.Context(), `UPDATE sign_in_links SET expires_at = now()`)
	must(t, err)
	if v := again.get(t, "/login/link/"+late); v.status != http.StatusForbidden {
		t.Error(v)
	}
}

// Whoever guesses links is turned away before the database is asked.
func TestSignInLinksAreNotGuessed(t *testing.T) {
	t.Parallel()
	s := startForPeople(t)
	link, err := s.services.Identity.CreateLink(t.Context(), ada.Email)
	must(t, err)
	b := s.browser(t)
	for range 10 {
		if v := b.get(t, "/login/link/WRONG"); v.status != http.StatusForbidden {
			t.Fatal(v)
		}
	}
	noted := s.count(t, `SELECT count(*) FROM sign_in_failures`)
	for _, path := range []string{"/login/link/WRONG", "/login/link/" + link} {
		v := b.visit(t, http.MethodPost, path, nil)
		if v.status != http.StatusTooManyRequests || v.header.Get("Retry-After") == "" || b.session(t) != "" {
			t.Errorf("%s: %d", path, v.status)
		}
	}
	if now := s.count(t, `SELECT count(*) FROM sign_in_failures`); now != noted {
		t.Errorf("%d failures are noted, %d before", now, noted)
	}
}

// So is whoever comes back from an issuer again and again without having been sent there.
func TestSignInsThatNobodyBeganAreFew(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	b := s.browser(t)
	for range 10 {
		if v := b.get(t, "/login/callback?state=ABCDEFGH&code=x"); v.status != http.StatusForbidden {
			t.Fatal(v)
		}
	}
	if v := b.get(t, "/login/callback?state=ABCDEFGH&code=x"); v.status != http.StatusTooManyRequests || v.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", v.status, v.page)
	}
	if noted := s.count(t, `SELECT count(*) FROM sign_in_failures`); noted != 10 {
		t.Errorf("%d failures are noted", noted)
	}
}

// What failed is noted of those, too, who go away before they are told.
func TestSignInsOfThoseWhoLeaveAreNoted(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	s.server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/login/callback?state=ABCDEFGH&code=x", nil))
	if noted := s.count(t, `SELECT count(*) FROM sign_in_failures`); noted != 1 {
		t.Errorf("%d failures are noted", noted)
	}
}

func TestSignInSaysThatTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	link, err := s.services.Identity.CreateLink(t.Context(), ada.Email)
	must(t, err)
	var database string
	must(t, s.pool.QueryRow(t.Context(), `SELECT quote_ident(current_database())`).Scan(&database))
	_, err = s.pool.Exec(t.Context(), `ALTER DATABASE `+database+` SET default_transaction_read_only = on`)
	must(t, err)
	s.acting.Reset()
	b := s.browser(t)
	v := b.visit(t, http.MethodPost, "/login/link/"+link, nil)
	if v.status != http.StatusServiceUnavailable || v.header.Get("Retry-After") == "" || b.session(t) != "" {
		t.Errorf("%d %s", v.status, v.page)
	}
}
