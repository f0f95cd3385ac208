package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/pgtest"
)

// Each subtest has a product of its own, so that they can run side by side on
// one stack.
func TestGoLive(t *testing.T) {
	t.Parallel()
	// A call to Stripe that is held lasts as long as a lease lets it: other commands
	// run meanwhile, which takes seconds on a busy machine.
	s := startStack(t, dataDir(t), "DATABASE_URL="+pgtest.URL(t), "GOLIVE_LEASE=1m")
	for name, test := range map[string]func(*testing.T, *stack){
		"asks only a person":        testAsks,
		"detached, then watched":    testDetached,
		"as JSON":                   testJSON,
		"finds products":            testFindsProducts,
		"tells who is missing":      testAccess,
		"stops at a failed check":   testFailedCheck,
		"tells of a failure":        testFailure,
		"Ctrl-C":                    testInterrupted,
		"over a breaking network":   testBreakingNetwork,
		"refuses a second go-live":  testSecond,
		"shows the plan as a diff":  testPlan,
		"names what would be taken": testValidate,
		"rolls back":                testRollsBack,
		"cancels":                   testCancels,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

func testAsks(t *testing.T, s *stack) {
	r := golive(t, s.env(), "go-live", "prod_PineFree")
	r.fails(t, 1, "--yes")
	if !strings.Contains(r.err, "+ Pine Free") {
		t.Errorf("the plan was not shown: %s", r.err)
	}
	if h := golive(t, s.env(), "history", "prod_PineFree"); h.out != "" || h.status != 0 {
		t.Errorf("something was started: %+v", h)
	}
}

func testDetached(t *testing.T, s *stack) {
	id := golive(t, s.env(), "go-live", "prod_PinePro", "--yes", "--detach", "--reason", "spring launch").line(t)
	if line := golive(t, s.env(), "watch", id).line(t); line != "COMPLETED "+id {
		t.Error(line)
	}
	// Watching what has ended ends at once, and the same.
	watched := golive(t, s.env(), "watch", id)
	if watched.line(t) != "COMPLETED "+id || !strings.Contains(watched.err, "100%") {
		t.Errorf("%+v", watched)
	}
	if h := golive(t, s.env(), "history", "prod_PinePro").line(t); !strings.Contains(h, "spring launch") || !strings.Contains(h, id) {
		t.Error(h)
	}
}

// jsonLine is any line that --json prints.
type jsonLine struct {
	Validation *report       `json:"validation"`
	Plan       *wayBack      `json:"plan"`
	Event      *client.Event `json:"event"`
	Deployment *deployment   `json:"deployment"`
}

func jsonLines(t *testing.T, text string) []jsonLine {
	t.Helper()
	var lines []jsonLine
	for line := range strings.Lines(text) {
		var l jsonLine
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&l); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		lines = append(lines, l)
	}
	return lines
}

func testJSON(t *testing.T, s *stack) {
	r := golive(t, s.env(), "go-live", "prod_PineApi", "--yes", "--json")
	lines := jsonLines(t, r.out)
	if r.status != 0 || len(lines) < 5 || !lines[0].Validation.OK || len(lines[1].Plan.Changes) == 0 {
		t.Fatalf("%+v", r)
	}
	wantWholeHistory(t, lines[2:len(lines)-1])
	if d := lines[len(lines)-1].Deployment; d.Status != "COMPLETED" || d.ProgressPercentage != 100 {
		t.Errorf("%+v", d)
	}
}

func wantWholeHistory(t *testing.T, lines []jsonLine) {
	t.Helper()
	percentage := 0
	for i, l := range lines {
		if l.Event == nil || l.Event.Sequence != i+1 || l.Event.Percentage < percentage || l.Event.Terminal != (i == len(lines)-1) {
			t.Fatalf("event %d of %d is %+v", i+1, len(lines), l.Event)
		}
		percentage = l.Event.Percentage
	}
}

func testFindsProducts(t *testing.T, s *stack) {
	a := &api{URL: s.url + "/", Token: s.token}
	p, err := a.product(t.Context(), "prod_PineTeam")
	if err != nil || p.Name != "Pine Team" {
		t.Fatal(p, err)
	}
	same, err := a.product(t.Context(), p.ID)
	if err != nil || same.StripeProductID != p.StripeProductID {
		t.Error(same, err)
	}
	golive(t, s.env(), "plan", "prod_Nowhere").fails(t, 1, "prod_Nowhere", "demo")
	golive(t, s.env(), "plan", "0198b2c0-0000-7000-8000-000000000000").fails(t, 1, "ID")
	golive(t, s.env(), "watch", "0198b2c0-0000-7000-8000-000000000000").fails(t, 1, "ID")
}

func testAccess(t *testing.T, s *stack) {
	for _, c := range []struct{ env, names []string }{
		{[]string{"GOLIVE_URL=" + s.url}, []string{"GOLIVE_TOKEN", "golive token create"}},
		{[]string{"GOLIVE_URL=" + s.url, "GOLIVE_TOKEN=glt_wrong"}, []string{"token", "golive token create"}},
		{[]string{"GOLIVE_URL=http://" + closedPort, "GOLIVE_TOKEN=" + s.token}, []string{"GOLIVE_URL", "http://" + closedPort}},
		{[]string{"GOLIVE_URL=" + s.url + "/nothing", "GOLIVE_TOKEN=" + s.token}, []string{"GOLIVE_URL", s.url + "/nothing", "404"}},
		{[]string{"GOLIVE_URL=localhost:8080", "GOLIVE_TOKEN=" + s.token}, []string{"GOLIVE_URL", `"localhost:8080"`}},
	} {
		golive(t, c.env, "history", "prod_PinePro").fails(t, 1, c.names...)
	}
	if r := golive(t, []string{"GOLIVE_URL=" + s.url, "GOLIVE_TOKEN=glt_wrong"}, "watch", "x"); r.status != 1 || !strings.Contains(r.err, "token") {
		t.Errorf("%+v", r)
	}
}

// stripe asks the simulator, as Stripe's own API, in a mode of the demo account.
func (s *stack) stripePost(t *testing.T, mode, path string, form url.Values) {
	t.Helper()
	send(t, s.stripe+path, "sk_"+mode+"_harbourandpine", "application/x-www-form-urlencoded", form.Encode())
}

// control talks to the simulator's remote control.
func (s *stack) control(t *testing.T, path, body string) []byte {
	t.Helper()
	return send(t, s.stripe+path, "", "application/json", body)
}

func send(t *testing.T, address, key, contentType, body string) []byte {
	t.Helper()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Authorization", "Bearer "+key)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s %v", address, res.Status, answer, err)
	}
	return answer
}

func (s *stack) importProduct(t *testing.T, id string) {
	t.Helper()
	type answer struct {
		Viewer struct {
			Memberships []struct{ Tenant struct{ ID string } }
		}
	}
	c := &client.Client{URL: s.url, Token: s.token}
	tenants, err := client.Do[answer](t.Context(), c, `{ viewer { memberships { tenant { id } } } }`, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Mutate[struct{}](t.Context(), c, "importProducts",
		map[string]any{"tenantId": tenants.Viewer.Memberships[0].Tenant.ID, "stripeProductIds": []string{id}}, "")
	if err != nil {
		t.Fatal(err)
	}
}

func testFailedCheck(t *testing.T, s *stack) {
	s.stripePost(t, "test", "/v1/products", url.Values{"id": {"prod_Bare"}, "name": {"Bare \x1b[31mred"}})
	s.importProduct(t, "prod_Bare")
	r := golive(t, s.env(), "go-live", "prod_Bare", "--yes")
	if r.status != 1 || r.out != "" || !strings.Contains(r.err, "✗ product_price: ") || strings.Contains(r.err, "\x1b") {
		t.Errorf("%+v", r)
	}
	if h := golive(t, s.env(), "history", "prod_Bare"); h.out != "" || h.status != 0 {
		t.Errorf("something was started: %+v", h)
	}
	v := golive(t, s.env(), "validate", "prod_Bare", "--json")
	var told report
	if err := json.Unmarshal([]byte(v.out), &told); err != nil || v.status != 1 || told.OK {
		t.Errorf("%v %+v", err, v)
	}
}

// hold makes the next live write of a product wait, and returns a function that
// waits until it does and one that lets it go.
func (s *stack) hold(t *testing.T, productID string) (held, release func()) {
	t.Helper()
	fault := fmt.Sprintf(`{"kind": "hold", "at": "arrival", "match": {"method": "POST", "mode": "live", "path": "^/v1/prices$", "body_contains": %q}}`, productID)
	var set struct{ ID string }
	if err := json.Unmarshal(s.control(t, "/_sim/faults", fault), &set); err != nil {
		t.Fatal(err)
	}
	var requests []struct{ ID string }
	held = func() {
		if err := json.Unmarshal(s.control(t, "/_sim/held?fault="+set.ID, ""), &requests); err != nil {
			t.Fatal(err)
		}
	}
	release = func() { s.control(t, "/_sim/release", fmt.Sprintf(`{"id": %q}`, requests[0].ID)) }
	return held, release
}

func testFailure(t *testing.T, s *stack) {
	s.stripePost(t, "test", "/v1/products", url.Values{"id": {"prod_Taken"}, "name": {"Taken"}, "description": {"x"}})
	s.stripePost(t, "test", "/v1/prices", url.Values{"product": {"prod_Taken"}, "currency": {"usd"}, "unit_amount": {"700"}, "lookup_key": {"taken"}})
	s.importProduct(t, "prod_Taken")
	held, release := s.hold(t, "prod_Taken")
	first := start(t, s.env(), "go-live", "prod_Taken", "--yes")
	held()
	// Somebody else takes the lookup key between the checks and the write.
	s.stripePost(t, "live", "/v1/products", url.Values{"id": {"prod_Other"}, "name": {"Other"}})
	s.stripePost(t, "live", "/v1/prices", url.Values{"product": {"prod_Other"}, "currency": {"usd"}, "unit_amount": {"1"}, "lookup_key": {"taken"}})
	release()
	r := first.wait()
	if r.status != 1 || !strings.HasPrefix(r.out, "FAILED ") {
		t.Errorf("%+v", r)
	}
	for _, want := range []string{"STRIPE_REQUEST", "request: req_", outcomes["RESTORED"]} {
		if !strings.Contains(r.err, want) {
			t.Errorf("%q is not told: %s", want, r.err)
		}
	}
}

func testInterrupted(t *testing.T, s *stack) {
	held, release := s.hold(t, "prod_PineTeam")
	watching := start(t, s.env(), "go-live", "prod_PineTeam", "--yes")
	held()
	watching.err.await(t, "% ") // an event, so it watches
	if err := watching.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	r := watching.wait()
	_, again, found := strings.Cut(r.err, "golive ")
	if r.status != 130 || !found {
		t.Fatalf("%+v", r)
	}
	release()
	golive(t, s.env(), strings.Fields(again)...).line(t)
}

// The connection breaks right after each thing the server says; still every
// event is shown, once.
func testBreakingNetwork(t *testing.T, s *stack) {
	id := golive(t, s.env(), "go-live", "prod_CoffeeBag", "--yes", "--detach").line(t)
	broken := breakingProxy(t, strings.TrimPrefix(s.url, "http://"))
	r := golive(t, []string{"GOLIVE_URL=http://" + broken, "GOLIVE_TOKEN=" + s.token}, "watch", id, "--json")
	lines := jsonLines(t, r.out)
	if r.status != 0 || strings.TrimSpace(r.err) == "" {
		t.Fatalf("%+v", r)
	}
	wantWholeHistory(t, lines[:len(lines)-1])
}

// breakingProxy passes connections on to addr; each WebSocket breaks after its
// third message from there: the handshake, the acknowledgement, one event.
func breakingProxy(t *testing.T, addr string) string {
	t.Helper()
	var c net.ListenConfig
	l, err := c.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go passOn(near, addr)
		}
	}()
	return l.Addr().String()
}

func passOn(near net.Conn, addr string) {
	defer near.Close()
	far, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(context.Background(), "tcp", addr)
	if err != nil {
		return
	}
	defer far.Close()
	go func() { _, _ = io.Copy(far, near) }()
	buffer := make([]byte, 64<<10)
	for said := ""; ; {
		n, err := far.Read(buffer)
		if err != nil {
			return
		}
		passed := len(said)
		said += string(buffer[:n])
		upTo, last := firstEvent(said)
		if _, err := near.Write([]byte(upTo[passed:])); err != nil || last {
			return
		}
	}
}

// firstEvent cuts what a server said after its first event: many may come at once.
func firstEvent(said string) (upTo string, found bool) {
	start := strings.Index(said, "deploymentProgress")
	if start < 0 {
		return said, false
	}
	end := strings.Index(said[start:], "}}}}")
	if end < 0 {
		return said, false
	}
	return said[:start+end+4], true
}

func testSecond(t *testing.T, s *stack) {
	held, release := s.hold(t, "prod_ForestFund")
	running := start(t, s.env(), "go-live", "prod_ForestFund", "--yes")
	held()
	r := golive(t, s.env(), "go-live", "prod_ForestFund", "--yes")
	r.fails(t, 1, "golive watch ")
	release()
	if first := running.wait(); first.status != 0 {
		t.Errorf("%+v", first)
	}
}

func testPlan(t *testing.T, s *stack) {
	r := golive(t, s.env(), "plan", "prod_PineStorage")
	for _, want := range []string{"changes in live mode\n  + ", "name ", "      ! "} {
		if r.status != 0 || !strings.Contains(r.out, want) {
			t.Errorf("no %q in %+v", want, r)
		}
	}
	var asJSON plan
	if err := json.Unmarshal([]byte(golive(t, s.env(), "plan", "prod_PineStorage", "--json").line(t)), &asJSON); err != nil || !strings.HasPrefix(asJSON.Hash, "v2:") {
		t.Error(err, asJSON.Hash)
	}
}

func testValidate(t *testing.T, s *stack) {
	r := golive(t, s.env(), "validate", "prod_PineStorage")
	if r.status != 0 || !strings.Contains(r.err, "prod_PineStorage") {
		t.Errorf("%+v", r)
	}
}
