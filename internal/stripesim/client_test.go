package stripesim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

// bench is one test's simulator and a client of it that speaks plain HTTP, so
// that tests see exactly what goes over the wire.
type bench struct {
	*simtest.Server
	t testing.TB
}

func setup(t testing.TB) bench {
	t.Helper()
	return bench{simtest.Start(t), t}
}

// reply is an answer of the simulator.
type reply struct {
	status int
	header http.Header
	body   map[string]any
	text   string
}

// with changes a request before it is sent.
type with func(*http.Request)

func header(name, value string) with {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func inContext(ctx context.Context) with {
	return func(r *http.Request) { *r = *r.WithContext(ctx) }
}

func key(idempotencyKey string) with { return header("Idempotency-Key", idempotencyKey) }

func (b bench) live() with { return header("Authorization", "Bearer "+b.Account.LiveKey) }

// send returns the answer, or the error of a connection that broke.
func (b bench) send(method, path, form string, changes ...with) (reply, error) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.URL+path, strings.NewReader(form))
	if err != nil {
		b.t.Fatal(err)
	}
	r.GetBody = nil // or net/http itself would repeat a request whose connection broke
	r.Header.Set("Authorization", "Bearer "+b.Account.TestKey)
	r.Header.Set("Stripe-Version", stripesim.Version)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, change := range changes {
		change(r)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{}, err
	}
	a := reply{status: response.StatusCode, header: response.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body) // a fault may have broken it
	return a, nil
}

func (b bench) must(method, path, form string, changes ...with) reply {
	b.t.Helper()
	a, err := b.send(method, path, form, changes...)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// ok is must with status 200.
func (b bench) ok(method, path, form string, changes ...with) reply {
	b.t.Helper()
	a := b.must(method, path, form, changes...)
	if a.status != http.StatusOK {
		b.t.Fatalf("%s %s %s: %d %s", method, path, form, a.status, a.text)
	}
	return a
}

// refused is must with an error; wants are pairs of an error's field and what
// it must contain, "" for absent.
func (b bench) refused(status int, method, path, form string, wants ...string) reply {
	b.t.Helper()
	a := b.must(method, path, form)
	a.isRefusal(b.t, status, wants...)
	return a
}

func (a reply) isRefusal(t testing.TB, status int, wants ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d %s, want %d", a.status, a.text, status)
	}
	for i := 0; i+1 < len(wants); i += 2 {
		got := a.get("error." + wants[i])
		if wants[i+1] == "" && got != "<nil>" || !strings.Contains(got, wants[i+1]) {
			t.Errorf("error's %s is %q, want %q", wants[i], got, wants[i+1])
		}
	}
}

// get reads a dotted path as text, numbers for lists included.
func (a reply) get(path string) string {
	var value any = a.body
	for name := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(v) {
				return "<none>"
			}
			value = v[i]
		default:
			return "<none>"
		}
	}
	if f, ok := value.(float64); ok {
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.12f", f), "0"), ".")
	}
	return fmt.Sprint(value)
}

// has reports whether the top-level property is there at all.
func (a reply) has(name string) bool { _, ok := a.body[name]; return ok }

func (a reply) wants(t testing.TB, pairs ...string) {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if got := a.get(pairs[i]); got != pairs[i+1] {
			t.Errorf("%s is %q, want %q", pairs[i], got, pairs[i+1])
		}
	}
}

// ids lists a page's ids, newest first.
func (a reply) ids() string {
	var ids []string
	data, _ := a.body["data"].([]any)
	for _, each := range data {
		ids = append(ids, fmt.Sprint(each.(map[string]any)["id"]))
	}
	return strings.Join(ids, " ")
}

// product creates a product and returns its id.
func (b bench) product(id string) string {
	b.t.Helper()
	return b.ok("POST", "/v1/products", "name=Plan&id="+url.QueryEscape(id)).get("id")
}

// price creates a price of one dollar and returns its id.
func (b bench) price(product, more string) string {
	b.t.Helper()
	return b.ok("POST", "/v1/prices", "currency=usd&unit_amount=100&product="+product+"&"+more).get("id")
}

// eventually asks until the condition holds; the test's own deadline is the
// only limit.
func (b bench) eventually(condition func() bool) {
	b.t.Helper()
	for !condition() {
		if b.t.Context().Err() != nil {
			b.t.Fatal("the test ended first")
		}
	}
}
