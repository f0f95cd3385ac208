package main

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
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
			if page, at = visit(t, browser, issuer+html.UnescapeString(link[1])); at != s.url+"/" || !strings.Contains(page, `<div id="root">`) {
				t.Errorf("the click leads to %s: %s", at, page)
			}
			got := viewer(t, browser, s.url)
			if !strings.Contains(got, strings.ToLower(name)+"@golive.localhost") || !strings.Contains(got, `"role":"`+role+`"`) {
				t.Errorf("%s is %s", name, got)
			}
		})
	}
}

// The same in Chromium, by a click.
func TestDevAsksWhoYouAreInABrowser(t *testing.T) {
	t.Parallel()
	s := startStack(t, dataDir(t), "DATABASE_URL="+pgtest.URL(t))
	script := domaintest.Node(t, "sign-in.mjs", s.url, "Dan", "/playground")
	var seen struct {
		Asked, Landed string
		Complaints    []string
		Viewer        struct {
			Body struct {
				Data struct {
					Viewer struct {
						Email, Kind string
						Memberships []struct{ Role string }
					}
				}
			}
		}
	}
	line := <-script.Lines
	script.End(t)
	if err := json.Unmarshal([]byte(line), &seen); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	dan := seen.Viewer.Body.Data.Viewer
	if seen.Asked != "Who are you today?" || seen.Landed != s.url+"/playground" || len(seen.Complaints) > 0 ||
		dan.Email != "dan@golive.localhost" || dan.Kind != "PERSON" || len(dan.Memberships) != 1 || dan.Memberships[0].Role != "DEPLOYER" {
		t.Errorf("%s", line)
	}
}

// visit returns a page and where it is in the end, for one who asks as browsers do.
func visit(t *testing.T, browser *http.Client, address string) (page, at string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	resp, err := browser.Do(req)
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
