package server_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/notice"
)

// link makes the address that a mail to somebody of the tenant carries.
func (s *stack) link(t *testing.T, tenantID, address string) string {
	t.Helper()
	ticket, err := s.services.Choices.Keys.Ticket("unsubscribe", tenantID+" "+address)
	must(t, err)
	return "/unsubscribe/" + ticket
}

// wanted lists the kinds of mails that the token's person gets.
func (s *stack) wanted(t *testing.T, token string) (kinds []string) {
	t.Helper()
	data := s.ok(t, token, `{ viewer { memberships { mailPreferences { kind wanted } } } }`, nil)
	text, err := json.Marshal(data)
	must(t, err)
	var answer struct {
		Viewer struct {
			Memberships []struct {
				MailPreferences []struct {
					Kind   string
					Wanted bool
				}
			}
		}
	}
	must(t, json.Unmarshal(text, &answer))
	for _, p := range answer.Viewer.Memberships[0].MailPreferences {
		if p.Wanted {
			kinds = append(kinds, p.Kind)
		}
	}
	return kinds
}

// To look at the link changes nothing, since mail scanners look at all links. The
// button ends the mails, and so does a mail program by itself, without a login.
func TestUnsubscribeByOneClick(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, _ := s.newShop(t, "acme")
	path := s.link(t, tenantID, "admin@example.com")
	before := s.wanted(t, token)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		status, header, body := s.send(t, method, path, "", nil, nil)
		if status != http.StatusOK || header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %v", method, status, header)
		}
		if method == http.MethodGet && (!strings.Contains(string(body), "admin@example.com") || !strings.Contains(string(body), `<form method="post">`)) {
			t.Errorf("%s", body)
		}
	}
	if after := s.wanted(t, token); !slices.Equal(after, before) || len(after) != len(notice.Kinds)-1 {
		t.Errorf("%v, before %v", after, before)
	}
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for range 2 {
		status, _, body := s.send(t, http.MethodPost, path, "", []byte("List-Unsubscribe=One-Click"), form)
		if status != http.StatusOK || !strings.Contains(string(body), "admin@example.com") || strings.Contains(string(body), "<form") {
			t.Errorf("%d %s", status, body)
		}
	}
	if after := s.wanted(t, token); len(after) != 0 {
		t.Errorf("%v", after)
	}
	// The button of the page, pressed in a browser.
	own := map[string]string{"Origin": s.url, "Sec-Fetch-Site": "same-origin"}
	if status, _, _ := s.send(t, http.MethodPost, path, "", nil, own); status != http.StatusOK {
		t.Errorf("by the button: %d", status)
	}
	if strings.Contains(s.logs.String(), strings.TrimPrefix(path, "/unsubscribe/")) {
		t.Error("the link is in the log")
	}
}

func TestUnsubscribeByABadLink(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, _ := s.newShop(t, "acme")
	path := s.link(t, tenantID, "admin@example.com")
	other, err := s.services.Choices.Keys.Ticket("invitation", tenantID+" admin@example.com")
	must(t, err)
	gone := s.link(t, "00000000-0000-0000-0000-000000000000", "admin@example.com")
	for _, bad := range []string{path + "x", path[:len(path)-4], "/unsubscribe/" + other, "/unsubscribe/x", gone} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			status, _, body := s.send(t, method, bad, "", nil, nil)
			if status != http.StatusNotFound || strings.Contains(string(body), "<form") {
				t.Errorf("%s %s: %d %s", method, bad, status, body)
			}
		}
	}
	if status, _, _ := s.send(t, http.MethodDelete, path, "", nil, nil); status == http.StatusOK {
		t.Errorf("DELETE: %d", status)
	}
	foreign := map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
	if status, _, _ := s.send(t, http.MethodPost, path, "", nil, foreign); status != http.StatusForbidden {
		t.Errorf("from another site: %d", status)
	}
	if got := s.wanted(t, token); len(got) == 0 {
		t.Error("it was ended")
	}
	s.acting.Close()
	if status, _, body := s.send(t, http.MethodPost, path, "", nil, nil); status != http.StatusInternalServerError || strings.Contains(string(body), "<form") || strings.Contains(string(body), "pool") {
		t.Errorf("without a database: %d %s", status, body)
	}
}

func TestMailPreferencesByGraphQL(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, _ := s.newShop(t, "acme")
	for _, c := range []struct {
		input vars
		want  map[string]any
	}{
		{vars{"kinds": []string{"STARTED"}, "wanted": true}, map[string]any{"kind": "STARTED", "wanted": true, "own": true, "tenant": nil}},
		{vars{"kinds": []string{"REMINDER"}, "wanted": false, "forTenant": true}, map[string]any{"kind": "REMINDER", "wanted": false, "own": nil, "tenant": false}},
		{vars{"wanted": nil}, map[string]any{"kind": "STARTED", "wanted": false, "own": nil, "tenant": nil}},
	} {
		c.input["tenantId"] = tenantID
		data := s.ok(t, token, `mutation ($input: SetMailPreferencesInput!) { setMailPreferences(input: $input) {
			preferences { kind wanted own tenant } userErrors { code } } }`, vars{"input": c.input})
		found, _ := data["setMailPreferences"].(map[string]any)["preferences"].([]any)
		if !slices.ContainsFunc(found, func(p any) bool { return reflect.DeepEqual(p, c.want) }) {
			t.Errorf("%v gives %v", c.input, data)
		}
	}
}
