package server_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/postgres"
)

// asked schedules a go-live of which somebody outside is to be told, and returns the id and
// the path of the link in the mail that asks.
func (s *stack) asked(t *testing.T, token, productID, address string) (id, path string) {
	t.Helper()
	input := christmas(productID)
	input["notifications"] = vars{"recipients": []string{address}}
	data := s.ok(t, token, scheduleMutation, vars{"i": input})
	var n outbox.Notice
	must(t, s.pool.QueryRow(t.Context(), `SELECT id, tenant_id::text, subject_id::text, recipient FROM mails WHERE kind = 'RECIPIENT_ASKED' AND recipient = $1`, address).
		Scan(&n.ID, &n.TenantID, &n.Subject, &n.Recipient))
	c, err := s.services.Recipients.Compose(postgres.For(t.Context(), n.TenantID), n)
	must(t, err)
	return get(t, data, "scheduleGoLive", "deployment", "id").(string), c.Mail.URL[strings.Index(c.Mail.URL, "/recipient/"):]
}

const statesQuery = `query ($id: ID!) { deployment(id: $id) { notifications { recipients states { email state } } } }`

func (s *stack) wantState(t *testing.T, token, id, want string) {
	t.Helper()
	states := get(t, s.ok(t, token, statesQuery, vars{"id": id}), "deployment", "notifications", "states").([]any)
	if got := get(t, states[0], "state"); len(states) != 1 || got != want {
		t.Errorf("%v, want %s", states, want)
	}
}

// To look at the link changes nothing, since mail scanners look at all links. The buttons
// answer, without a login, and either answer may be changed.
func TestRecipientsAnswerByAButton(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	id, path := s.asked(t, token, products[0], "press@printer.example")
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": s.url, "Sec-Fetch-Site": "same-origin"}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		status, header, body := s.send(t, method, path, "", nil, nil)
		if status != http.StatusOK || header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %v", method, status, header)
		}
		for _, part := range []string{"press@printer.example", `value="confirm"`, `value="refuse"`, `<form method="post">`} {
			if method == http.MethodGet && !strings.Contains(string(body), part) {
				t.Errorf("no %s in %s", part, body)
			}
		}
	}
	if status, _, _ := s.send(t, http.MethodPost, path, "", nil, form); status != http.StatusBadRequest {
		t.Errorf("without an answer: %d", status)
	}
	s.wantState(t, token, id, "WAITING")
	for _, c := range []struct{ answer, want, next string }{
		{"confirm", "CONFIRMED", `value="refuse"`}, {"confirm", "CONFIRMED", `value="refuse"`}, {"refuse", "REFUSED", `value="confirm"`},
	} {
		status, _, body := s.send(t, http.MethodPost, path, "", []byte("answer="+c.answer), form)
		if status != http.StatusOK || !strings.Contains(string(body), c.next) || strings.Contains(string(body), `value="`+c.answer) {
			t.Errorf("%s: %d %s", c.answer, status, body)
		}
		s.wantState(t, token, id, c.want)
	}
	if strings.Contains(s.logs.String(), strings.TrimPrefix(path, "/recipient/")) {
		t.Error("the link is in the log")
	}
}

func TestRecipientsByABadLink(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	id, path := s.asked(t, token, products[0], "press@printer.example")
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for _, bad := range []string{path + "x", path[:len(path)-4], "/recipient/x"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			status, _, body := s.send(t, method, bad, "", []byte("answer=confirm"), form)
			if status != http.StatusNotFound || strings.Contains(string(body), "<form") {
				t.Errorf("%s %s: %d %s", method, bad, status, body)
			}
		}
	}
	foreign := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
	if status, _, _ := s.send(t, http.MethodPost, path, "", []byte("answer=confirm"), foreign); status != http.StatusForbidden {
		t.Errorf("from another site: %d", status)
	}
	s.wantState(t, token, id, "WAITING")
}

var domainMutations = regexp.MustCompile(`confirm|remove`)

// Domains are those of the contract, and a person who has signed in confirms their own.
func TestMailDomainsByGraphQL(t *testing.T) {
	t.Parallel()
	s := startForPeople(t, ada)
	tenantID, token, _ := s.newShop(t, "acme")
	s.member(t, "acme", ada.Email, "ADMIN")
	b := s.browser(t)
	b.signIn(t, ada)
	const mutation = `mutation ($i: MailDomainInput!) { confirmMailDomain(input: $i) { mailDomains userErrors { code field } } }`
	ask := func(mutation, domain string) any {
		t.Helper()
		name := domainMutations.FindString(mutation) + "MailDomain"
		return get(t, b.ask(t, mutation, vars{"i": vars{"tenantId": tenantID, "domain": domain}}).Data, name)
	}
	if got := get(t, ask(mutation, "other.example"), "userErrors").([]any); len(got) != 1 || get(t, got[0], "code") != "INVALID_INPUT" {
		t.Errorf("%v", got)
	}
	if got := get(t, ask(mutation, "example.com"), "mailDomains").([]any); len(got) != 1 || got[0] != "example.com" {
		t.Errorf("%v", got)
	}
	shown := get(t, s.ok(t, token, `{ tenant(slug: "acme") { mailDomains } }`, nil), "tenant", "mailDomains").([]any)
	if len(shown) != 1 || shown[0] != "example.com" {
		t.Errorf("%v", shown)
	}
	if got := get(t, ask(strings.ReplaceAll(mutation, "confirmMail", "removeMail"), "example.com"), "mailDomains").([]any); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// Where recipients stand is one question to the database, however long the page is.
func TestStatesOfAPageAreAskedAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	for i, id := range products[:6] {
		s.asked(t, token, id, fmt.Sprintf("press%d@printer.example", i))
	}
	cost := func(n int) int64 {
		before := s.queries.n.Load()
		data := s.ok(t, token, `query ($n: Int!) { tenant(slug: "acme") { upcoming(first: $n) { nodes { notifications { states { email state } } } } } }`, vars{"n": n})
		if nodes := get(t, data, "tenant", "upcoming", "nodes").([]any); len(nodes) != n {
			t.Fatalf("%v", nodes)
		}
		return s.queries.n.Load() - before
	}
	cost(1)
	few := cost(1)
	eventually(t, "a page of six takes as many questions as one entry", func() bool { return cost(6) <= few })
}
