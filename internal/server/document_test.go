package server_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var script = regexp.MustCompile(`src="(/assets/[^"]+\.js)"`)

// The page comes to whoever is signed in, for any address of its own; everybody else is
// led to the sign-in first, and to where they wanted afterwards: mails lead here.
func TestThePageIsForPeopleWhoAreSignedIn(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	s.newTenant(t, "acme")
	s.member(t, "acme", ada.Email, "VIEWER")
	b := s.browser(t)
	for range 2 {
		v := b.read(t, "/?deployment=1")
		if v.status != http.StatusFound || v.location != s.url+"/login?return_to=%2F%3Fdeployment%3D1" {
			t.Fatalf("%d %s", v.status, v.location)
		}
		back := b.get(t, b.get(t, b.toIssuer(t, v.location, ada)).location)
		if back.location != s.url+"/?deployment=1" {
			t.Errorf("back to %s", back.location)
		}
		for _, path := range []string{"/?deployment=1", "/t/acme/products", "/anything"} {
			if page := b.read(t, path); page.status != http.StatusOK || !strings.Contains(page.page, `<div id="root">`) {
				t.Errorf("%s: %d %.200s", path, page.status, page.page)
			}
		}
		_, err := s.pool.Exec(t.Context(), `UPDATE sessions SET ended_at = now()`)
		must(t, err)
	}
}

func TestThePageAllowsNothingUnsafe(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	s.newTenant(t, "acme")
	s.member(t, "acme", ada.Email, "VIEWER")
	b := s.browser(t)
	b.signIn(t, ada)
	page := b.read(t, "/")
	policy := page.header.Get("Content-Security-Policy")
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || strings.Contains(policy, "*") ||
		!strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "require-trusted-types-for 'script'") {
		t.Errorf("policy %q", policy)
	}
	if strings.Contains(page.page, "<style") || strings.Contains(page.page, "onload=") || len(regexp.MustCompile(`<script`).FindAllString(page.page, -1)) != 1 {
		t.Errorf("what the policy forbids: %s", page.page)
	}
	if page.header.Get("Cache-Control") != "no-cache" || page.header.Get("Vary") != "Accept" {
		t.Errorf("%v", page.header)
	}
	file := b.get(t, script.FindStringSubmatch(page.page)[1])
	if file.status != http.StatusOK || file.header.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
		file.header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%d %v", file.status, file.header)
	}
}

// Who belongs nowhere learns whom to ask, instead of a page with nothing in it.
func TestThePageIsForMembers(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, vik)
	b := s.browser(t)
	b.signIn(t, vik)
	if v := b.read(t, "/t/acme"); v.status != http.StatusSeeOther || v.location != s.url+"/login/welcome" {
		t.Errorf("%d %s", v.status, v.location)
	}
}
