package server_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/oidcsim"
)

// seen is what tools/node/sign-in.mjs saw.
type seen struct {
	// Refused is the status where nobody was even asked, 0 elsewhere.
	Refused                                                 int
	Complaints                                              []string
	Asked, Landed, Title, Playground, ScriptSees, SignedOut string
	Cookies                                                 []cookie
	Viewer, After                                           struct {
		Status int
		Body   struct {
			Data *struct{ Viewer struct{ Email, Kind string } }
		}
	}
	Again struct {
		Status  int
		Cookies []string
	}
}

type cookie struct {
	Name, SameSite, Path string
	HTTPOnly             bool
	Length               int
}

// inBrowser signs somebody in by Chromium.
func (s signedStack) inBrowser(t *testing.T, name, returnTo string) (v seen) {
	t.Helper()
	script := domaintest.Node(t, "sign-in.mjs", s.url, name, returnTo)
	text, more := "", 0
	for line := range script.Lines {
		text, more = line, more+1
	}
	script.End(t)
	if err := json.Unmarshal([]byte(text), &v); err != nil || more != 1 {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// In a browser as people have it: its own rules for cookies, redirects, forms and content
// policies hold, and not what a test takes for them.
func TestSignInInABrowser(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	s.newTenant(t, "acme")
	s.member(t, "acme", ada.Email, "DEPLOYER")
	v := s.inBrowser(t, "Ada", "/playground")
	if v.Asked != "Who are you today?" || v.Landed != s.url+"/playground" || v.Playground != v.Landed {
		t.Errorf("%+v", v)
	}
	if len(v.Complaints) > 0 {
		t.Errorf("the browser complains: %q", v.Complaints)
	}
	if len(v.Cookies) != 1 || !v.Cookies[0].HTTPOnly || v.Cookies[0].SameSite != "Lax" || v.Cookies[0].Path != "/" || v.Cookies[0].Length < 43 || v.ScriptSees != "" {
		t.Errorf("cookies are %+v, and scripts see %q", v.Cookies, v.ScriptSees)
	}
	if v.Viewer.Body.Data == nil || v.Viewer.Body.Data.Viewer.Email != ada.Email || v.Viewer.Body.Data.Viewer.Kind != "PERSON" {
		t.Errorf("signed in as %+v", v.Viewer)
	}
	if v.After.Status != http.StatusUnauthorized && v.After.Body.Data != nil || !strings.HasPrefix(v.SignedOut, s.url) {
		t.Errorf("signed out, and yet %+v at %s", v.After, v.SignedOut)
	}
	if v.Again.Status < 400 || len(v.Again.Cookies) > 0 {
		t.Errorf("a code was taken twice: %+v", v.Again)
	}
}

// What the issuer or the address bar says wrong leads nobody in, and nobody away.
func TestSignInInABrowserRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		person   oidcsim.Person
		returnTo string
		tamper   func(map[string]any)
		refused  int
	}{
		"open redirect": {person: ada, returnTo: "//evil.example/", refused: http.StatusForbidden},
		"unverified":    {person: oidcsim.Person{Subject: "9", Email: ada.Email, Name: "Ada", Unverified: true}, returnTo: "/playground"},
		"nonce":         {person: ada, returnTo: "/playground", tamper: func(c map[string]any) { c["nonce"] = "another" }},
		"audience":      {person: ada, returnTo: "/playground", tamper: func(c map[string]any) { c["aud"] = "another" }},
		"expired":       {person: ada, returnTo: "/playground", tamper: func(c map[string]any) { c["exp"] = 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startForPeople(t, c.person)
			s.issuer.Tamper = c.tamper
			s.newTenant(t, "acme")
			s.member(t, "acme", ada.Email, "DEPLOYER")
			v := s.inBrowser(t, "Ada", c.returnTo)
			if !strings.HasPrefix(v.Landed, s.url+"/") {
				t.Errorf("led to %s", v.Landed)
			}
			in := v.Viewer.Body.Data != nil || slices.ContainsFunc(v.Cookies, func(c cookie) bool { return c.Name == "golive" })
			if in || v.Refused != c.refused || v.Playground == s.url+"/playground" {
				t.Errorf("%+v", v)
			}
		})
	}
}
