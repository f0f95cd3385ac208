package main

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/pgtest"
)

// A developer says with one click who they are, and is that one: by the way that people in
// production go, none of whom has a token.
func TestDevAsksWhoYouAre(t *testing.T) {
	t.Parallel()
	s := startStack(t, dataDir(t), "DATABASE_URL="+pgtest.URL(t))
	if !strings.Contains(s.banner, s.url+"/login") {
		t.Errorf("the banner does not say where to sign in:\n%s", s.banner)
	}
	for name, role := range map[string]string{"Ada": "ADMIN", "Dan": "DEPLOYER", "Vik": "VIEWER"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			browser := &http.Client{Jar: jar}
			page, at := visit(t, browser, s.url+"/login")
			link := regexp.MustCompile(`<a href="([^"]+)">` + name + `,`).FindStringSubmatch(page)
			if link == nil {
				t.Fatalf("no %s on %s", name, page)
			}
			issuer, _, _ := strings.Cut(at, "/authorize")
			if _, at = visit(t, browser, issuer+html.UnescapeString(link[1])); at != s.url+"/" {
				t.Errorf("the click leads to %s", at)
			}
			got := viewer(t, browser, s.url)
			if !strings.Contains(got, strings.ToLower(name)+"@golive.localhost") || !strings.Contains(got, `"role":"`+role+`"`) {
				t.Errorf("%s is %s", name, got)
			}
		})
	}
}

// visit returns a page and where it is in the end.
func visit(t *testing.T, browser *http.Client, address string) (page, at string) {
	t.Helper()
	resp, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s %v", address, resp.StatusCode, text, err)
	}
	return string(text), resp.Request.URL.String()
}

func viewer(t *testing.T, browser *http.Client, url string) string {
	t.Helper()
	resp, err := browser.Post(url+"/graphql", "application/json", strings.NewReader(`{"query":"{ viewer { email memberships { role } } }"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
