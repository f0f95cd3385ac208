package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/tenant"
)

const (
	feedMutation    = `mutation ($i: CreateCalendarFeedInput!) { createCalendarFeed(input: $i) { url feed { id createdBy hint createdAt revokedAt } userErrors { code field } } }`
	endFeedMutation = `mutation ($i: RevokeCalendarFeedInput!) { revokeCalendarFeed(input: $i) { feed { id revokedAt } userErrors { code field } } }`
	feedsQuery      = `{ tenant(slug: "acme") { calendarFeeds { id createdBy hint revokedAt } } }`
)

// opens tells what status the calendar at that address answers with.
func (b browser) opens(t *testing.T, url string) int {
	t.Helper()
	return b.get(t, url).status
}

func TestCalendarsThatPeopleMake(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada, dan, vik)
	id, tokens := s.newTenant(t, "acme")
	admin, deployer, viewer := s.browser(t), s.browser(t), s.browser(t)
	s.member(t, "acme", ada.Email, "ADMIN")
	s.member(t, "acme", dan.Email, "DEPLOYER")
	s.member(t, "acme", vik.Email, "VIEWER")
	admin.signIn(t, ada)
	deployer.signIn(t, dan)
	viewer.signIn(t, vik)
	in := vars{"i": vars{"tenantId": id}}

	made := deployer.ask(t, feedMutation, in)
	url := get(t, made.Data, "createCalendarFeed", "url").(string)
	feed := get(t, made.Data, "createCalendarFeed", "feed").(map[string]any)
	if !strings.HasPrefix(url, s.url+"/calendar/glc_") || feed["createdBy"] != dan.Email || feed["revokedAt"] != nil {
		t.Fatalf("%+v", made)
	}
	if status := viewer.opens(t, url); status != http.StatusOK {
		t.Errorf("the calendar answers %d", status)
	}
	admin.ask(t, feedMutation, in)
	count := func(b browser) int {
		return len(get(t, b.ask(t, feedsQuery, nil).Data, "tenant", "calendarFeeds").([]any))
	}
	if all, own, none := count(admin), count(deployer), count(viewer); all != 2 || own != 1 || none != 0 {
		t.Errorf("an admin sees %d, a deployer %d, a viewer %d", all, own, none)
	}
	for name, c := range map[string]struct {
		got  answer
		want string
	}{
		"made by a viewer":           {viewer.ask(t, feedMutation, in), "FORBIDDEN"},
		"made by a deployer's token": {s.post(t, tokens[tenant.RoleDeployer], feedMutation, in), "FORBIDDEN"},
		"made elsewhere":             {admin.ask(t, feedMutation, vars{"i": vars{"tenantId": "nowhere"}}), "NOT_FOUND"},
		"another's, by a viewer":     {viewer.ask(t, endFeedMutation, vars{"i": vars{"feedId": feed["id"]}}), "FORBIDDEN"},
		"one that is none":           {admin.ask(t, endFeedMutation, vars{"i": vars{"feedId": "x"}}), "NOT_FOUND"},
	} {
		if got := firstProblem(t, c.got); got != c.want {
			t.Errorf("%s: %q, want %q: %+v", name, got, c.want, c.got)
		}
	}
	for range 2 { // it may be repeated
		ended := deployer.ask(t, endFeedMutation, vars{"i": vars{"feedId": feed["id"]}})
		if get(t, ended.Data, "revokeCalendarFeed", "feed", "revokedAt") == nil {
			t.Errorf("%+v", ended)
		}
	}
	if status := viewer.opens(t, url); status != http.StatusNotFound {
		t.Errorf("a revoked calendar answers %d", status)
	}
	if got := s.logged(t); strings.Count(got, "calendar.created by") != 2 || strings.Count(got, "calendar.revoked by "+dan.Email) != 1 {
		t.Error(got)
	}
}

// Whoever is removed reads on from no calendar, and gets none back by coming back.
func TestCalendarsEndWithTheMembership(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, dan)
	id, tokens := s.newTenant(t, "acme")
	s.member(t, "acme", dan.Email, "DEPLOYER")
	b := s.browser(t)
	b.signIn(t, dan)
	made := b.ask(t, feedMutation, vars{"i": vars{"tenantId": id}})
	url := get(t, made.Data, "createCalendarFeed", "url").(string)
	// A version before this one removes members alone.
	setGone := func(gone string) {
		_, err := s.pool.Exec(t.Context(), `UPDATE members SET removed_at = `+gone+` WHERE email = $1`, dan.Email)
		must(t, err)
	}
	setGone("now()")
	if status := b.opens(t, url); status != http.StatusNotFound {
		t.Errorf("the calendar of a member whom an older version removed answers %d", status)
	}
	setGone("NULL")
	s.ok(t, tokens[tenant.RoleAdmin], removeMutation, vars{"i": vars{"memberId": s.memberID(t, tokens[tenant.RoleAdmin], "acme", dan.Email)}})
	if status := b.opens(t, url); status != http.StatusNotFound {
		t.Errorf("a removed member's calendar answers %d", status)
	}
	setGone("NULL")
	if status := b.opens(t, url); status != http.StatusNotFound {
		t.Errorf("the calendar of one who came back answers %d", status)
	}
}

func TestCalendarsAreLimitedAndOfPeople(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	id, tokens := s.newTenant(t, "acme")
	admin, in := tokens[tenant.RoleAdmin], vars{"i": vars{"tenantId": id}}
	service := s.ok(t, admin, tokenMutation, vars{"i": vars{"tenantId": id, "role": "ADMIN", "service": true, "name": "shop"}})
	a := s.post(t, get(t, service, "createToken", "secret").(string), feedMutation, in)
	if a.code() != "FORBIDDEN" {
		t.Errorf("a service token's: %+v", a)
	}
	for range 20 {
		s.ok(t, admin, feedMutation, in)
	}
	a = s.post(t, admin, feedMutation, in)
	if a.problem(t, "createCalendarFeed") != "LIMIT_REACHED" || get(t, a.Data, "createCalendarFeed", "url") != nil {
		t.Errorf("%+v", a)
	}
}
