package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/tenant"
)

// Whatever comes in, the server answers within its time, says what is wrong with it, and
// takes the fault for nobody's but the sender's.

// fuzzing sends what nobody would send on purpose. It follows no redirects.
var fuzzing = &http.Client{
	Timeout:       patience,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// sane sends a request, and returns its answer, which must be no fault of the server's. What
// Go's client refuses to send, somebody else's may: that goes over a connection as it is.
func sane(t *testing.T, method, address string, body []byte, header http.Header) (*http.Response, string) {
	t.Helper()
	resp, err := send(t, method, address, body, header)
	if errors.Is(err, errCutOff) {
		return refused, ""
	}
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode >= 500 || strings.Contains(string(text), `"INTERNAL"`) {
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
	return resp, string(text)
}

func send(t *testing.T, method, address string, body []byte, header http.Header) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		return sendRaw(t, method, address, body, header)
	}
	req.Header = header
	resp, err := fuzzing.Do(req)
	var failed *url.Error
	if errors.As(err, &failed) && strings.HasPrefix(failed.Err.Error(), "net/http: invalid") {
		return sendRaw(t, method, address, body, header)
	}
	return resp, err
}

// errCutOff is for a request that is none, of which net/http read no more than it took to see
// that: closing the connection on the rest may take the answer away before it is read. A
// handler that panics ends otherwise.
var errCutOff = errors.New("cut off")

// refused is what such a request would have been answered.
var refused = &http.Response{StatusCode: http.StatusBadRequest, Body: http.NoBody}

// sendRaw writes a request that is none. Line breaks are left out, because they would make
// another one of it, maybe one with a body that never comes.
func sendRaw(t *testing.T, method, address string, body []byte, header http.Header) (*http.Response, error) {
	t.Helper()
	host, path, _ := strings.Cut(strings.TrimPrefix(address, "http://"), "/")
	conn, err := net.DialTimeout("tcp", host, patience)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = conn.Close() })
	must(t, conn.SetDeadline(time.Now().Add(patience)))
	line := strings.NewReplacer("\r", "", "\n", "").Replace
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s /%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: %d\r\n", method, line(path), host, len(body))
	for name, values := range header {
		for _, value := range values {
			fmt.Fprintf(&text, "%s: %s\r\n", name, line(value))
		}
	}
	text.WriteString("\r\n")
	text.Write(body)
	_, err = conn.Write(text.Bytes())
	var resp *http.Response
	if err == nil {
		resp, err = http.ReadResponse(bufio.NewReader(conn), nil)
	}
	if err == nil {
		var answer []byte
		answer, err = io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(bytes.NewReader(answer))
	}
	if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		err = errCutOff
	}
	return resp, err
}

// bearing is a header with a token.
func bearing(token string) http.Header {
	return http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + token}}
}

func FuzzDocument(f *testing.F) {
	s := start(f)
	_, tokens := s.newTenant(f, "acme")
	for _, seed := range []string{
		`{ viewer { email } }`, `query ($s: String!) { tenant(slug: $s) { id } }`, `{ __schema { types { name } } }`,
		`{ a: viewer { ...f } } fragment f on Viewer { memberships { tenant { products(first: 3) { nodes { id } totalCount } } } }`,
		`mutation { goLive(input: {productId: "\u0000", adopt: true}) { userErrors { code field } } }`, `subscription { deploymentProgress(deploymentId: 1) { sequence } }`,
		`{ tenant(slug: "acme") { auditLog(first: 1e9, after: "x") { nodes { details } } upcoming(first: -1) { totalCount } } }`,
		"query @skip(if: true) { viewer @include(if: $x) { email } }", `{ "`, "{ viewer { email } } # \xff", `fragment a on Query { ...a } { ...a }`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, document string) {
		body, err := json.Marshal(vars{"query": document, "variables": vars{"s": "acme"}})
		if err != nil {
			t.Fatal(err)
		}
		sane(t, http.MethodPost, s.url+"/graphql", body, bearing(tokens[tenant.RoleViewer]))
	})
}

// variousOperations take all kinds of input.
var variousOperations = []string{
	`query ($i: ID!, $a: Boolean) { product(id: $i) { id } deployment(id: $i) { id } validateProduct(productId: $i) { ok } planGoLive(productId: $i, adopt: $a) { hash } }`,
	`query ($s: String!, $f: Int, $a: String, $l: [LiveStatus!], $t: DateTime) { tenant(slug: $s) { products(first: $f, after: $a, search: $a, liveStatus: $l) { totalCount } auditLog(first: $f, after: $a, since: $t) { nodes { id } } } }`,
	`mutation ($i: ScheduleGoLiveInput!) { scheduleGoLive(input: $i) { timeCandidates { instant } userErrors { code field } } }`,
	`mutation ($i: RescheduleDeploymentInput!) { rescheduleDeployment(input: $i) { userErrors { code field } } }`,
	`mutation ($i: GoLiveInput!) { goLive(input: $i) { userErrors { code field } } }`,
	`mutation ($i: CreateTokenInput!) { createToken(input: $i) { userErrors { code field } } }`,
	`mutation ($i: InviteMemberInput!) { inviteMember(input: $i) { userErrors { code field } } }`,
	`mutation ($i: SetMailPreferencesInput!) { setMailPreferences(input: $i) { userErrors { code field } } }`,
	`mutation ($i: ConnectStripeInput!) { connectStripe(input: $i) { userErrors { code field } } }`,
	`mutation ($i: CreateCalendarFeedInput!) { createCalendarFeed(input: $i) { userErrors { code field } } }`,
}

func FuzzVariables(f *testing.F) {
	s := start(f)
	id, token, products := s.newShop(f, "acme")
	for i, seed := range []string{
		`{"i": "` + products[0] + `"}`, `{"s": "acme", "f": 100, "a": "", "l": ["LIVE"], "t": "2026-12-25T09:00:00Z"}`,
		`{"i": {"productId": "` + products[0] + `", "localTime": "2027-03-28T02:30:00", "timeZone": "Europe/Berlin", "disambiguation": "REJECT"}}`,
		`{"i": {"deploymentId": "x", "version": 1, "instant": "0000-01-01T00:00:00Z", "timeZone": "UTC"}}`, `{"i": {"productId": "\u0000"}}`,
		`{"i": {"tenantId": "` + id + `", "role": "VIEWER", "expiresAt": "9999-12-31T23:59:59.999999999Z"}}`,
		`{"i": {"tenantId": "` + id + `", "email": "a@b.example", "role": "VIEWER"}}`, `{"i": {"tenantId": "` + id + `", "kinds": []}}`,
		`{"i": {"tenantId": "` + id + `", "mode": "TEST", "secretKey": "sk_test_x"}}`, `{"i": {"tenantId": 1e400}}`,
	} {
		f.Add(uint8(i), seed)
	}
	f.Fuzz(func(t *testing.T, which uint8, variables string) {
		query, err := json.Marshal(variousOperations[int(which)%len(variousOperations)])
		if err != nil {
			t.Fatal(err)
		}
		body := []byte(`{"query":` + string(query) + `,"variables":` + variables + `}`)
		sane(t, http.MethodPost, s.url+"/graphql", body, bearing(token))
	})
}

func FuzzREST(f *testing.F) {
	s := start(f)
	_, token, _ := s.newShop(f, "acme")
	for path, seed := range map[string]string{
		"/api/v1/products/deploy": `{"product_id": "prod_x"}`, "/api/v1/products/deploy/": `{"product_id": 1, "schedule": null}`, "/graphql?query={viewer{email}}": `{}`,
		"/audit/acme.csv": "", "/calendar/glc_x.ics": "", "/unsubscribe/x": "a=b", "/logout": "", "/api/openapi.json": "\xff", "/api/v1/..%2f": "[]", "/%zz": "", "/a b\x00": "{}",
	} {
		f.Add(true, path, []byte(seed))
		f.Add(false, path, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, post bool, path string, body []byte) {
		method := http.MethodGet
		if post {
			method = http.MethodPost
		}
		sane(t, method, s.url+"/"+strings.TrimPrefix(path, "/"), body, bearing(token))
	})
}

func FuzzSocketFrames(f *testing.F) {
	s := start(f)
	_, tokens := s.newTenant(f, "acme")
	hello := `{"type":"connection_init","payload":{"authorization":"Bearer ` + tokens[tenant.RoleViewer] + `"}}`
	for _, seed := range []string{
		`{"type":"ping"}`, `{"type":"complete"}`, `{"type":"complete","id":"1"}`, `{"id":"1","type":"subscribe","payload":{"query":"{ viewer { email } }"}}`, hello,
		`{"id":"1","type":"subscribe","payload":{"query":"subscription { deploymentsChanged(tenantId: \"x\") { id } }"}}` + "\n" + `{"type":"complete","id":"1"}`,
		`{"TYPE":"ping"}`, `[]`, `null`, "\xff", `{"id":"","type":"subscribe","payload":{}}`, `{"type":"pong","payload":[]}`, strings.Repeat("[", 1000), "",
	} {
		f.Add(true, []byte(seed))
		f.Add(false, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, known bool, frames []byte) {
		c := s.dial(t, nil)
		defer func() { _ = c.ws.CloseNow() }()
		if known {
			c.sendText(t, hello)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		for frame := range bytes.SplitSeq(append(frames, "\n"+`{"type":"ping"}`...), []byte("\n")) {
			if c.ws.Write(ctx, websocket.MessageText, frame) != nil {
				break // it has closed
			}
		}
		c.wantSane(t)
	})
}

// wantSane reads until the server answers a ping or closes, and not by a fault of its own.
func (c *rawSocket) wantSane(t *testing.T) {
	t.Helper()
	for {
		m, err := c.read()
		switch {
		case err == nil && m.Type == "pong":
			return
		case err == nil && !strings.Contains(string(m.Payload), `"INTERNAL"`):
		case err == nil:
			t.Fatalf("%s %s", m.Type, m.Payload)
		default:
			if code := websocket.CloseStatus(err); code < 1007 || code == websocket.StatusInternalError {
				t.Fatalf("closed with %d: %v", code, err)
			}
			return
		}
	}
}

func FuzzCredentials(f *testing.F) {
	s := startForPeople(f, ada)
	_, tokens := s.newTenant(f, "acme")
	for _, seed := range []string{"Bearer " + tokens[tenant.RoleViewer], "Bearer glt_", "bearer  x", "Basic YTpi", "", "Bearer \x00", "Bearer " + strings.Repeat("x", 9000)} {
		f.Add(seed, "golive="+strings.TrimPrefix(seed, "Bearer ")+`; golive-sign-in-ABCDEFGH=x; a="b`)
	}
	f.Fuzz(func(t *testing.T, authorization, cookie string) {
		header := http.Header{"Content-Type": {"application/json"}, "Authorization": {authorization}, "Cookie": {cookie}}
		for _, path := range []string{"/graphql", "/logout", "/login/callback"} {
			sane(t, http.MethodPost, s.url+path, []byte(`{"query":"{ viewer { email } }"}`), header)
		}
		sane(t, http.MethodGet, s.url+"/login/callback?state=ABCDEFGH&code=x", nil, header)
	})
}

// Wherever somebody wants to be led after signing in, it is a place of ours.
func FuzzReturnTo(f *testing.F) {
	s := startForPeople(f, ada)
	s.newTenant(f, "acme")
	s.member(f, "acme", ada.Email, "VIEWER")
	for _, seed := range []string{"/", "/playground?a=b#c", "//evil.example", `/\evil.example`, "/\t/evil.example", "https://evil.example/", "javascript:alert(1)", "/\x00", "/%2f%2fevil.example", "///", "/..//evil.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, returnTo string) {
		to := "/login?return_to=" + url.QueryEscape(returnTo)
		if resp, _ := sane(t, http.MethodGet, s.url+to, nil, http.Header{}); resp.StatusCode == http.StatusForbidden {
			return
		}
		b := s.browser(t)
		v := b.get(t, b.get(t, b.toIssuer(t, to, ada)).location)
		at, err := url.Parse(v.location)
		if err != nil || !strings.HasPrefix(v.location, s.url+"/") || "http://"+at.Host != s.url {
			t.Errorf("%q leads to %q, %v", returnTo, v.location, err)
		}
	})
}
