package simtest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

// breach is a rule of the simulator and how to break it: by hiding from the
// simulator what it would refuse, or by spoiling what it answers.
type breach struct {
	rule    string
	hide    func(url.Values)
	spoil   func(answer string) string
	method  string
	path    string
	form    string
	wantHas string
}

var breaches = []breach{
	{
		rule: "a parameter that Stripe doesn't know is refused",
		hide: func(form url.Values) { form.Del("marketing_features[0][name]") },
		form: "name=Plan&marketing_features[0][name]=Fast", method: "POST", path: "/v1/products", wantHas: "stripe-mock refuses",
	}, {
		rule: "a required parameter is required",
		hide: func(form url.Values) { form.Set("currency", "usd") },
		form: "product=prod_plan&unit_amount=100", method: "POST", path: "/v1/prices", wantHas: "stripe-mock refuses",
	}, {
		rule: "the amount of a price never changes",
		hide: func(form url.Values) { form.Del("unit_amount") },
		form: "unit_amount=200", method: "POST", path: "/v1/prices/price_monthly", wantHas: "stripe-mock refuses",
	}, {
		rule: "an integer is an integer",
		hide: func(form url.Values) { form.Set("unit_amount", "100") },
		form: "product=prod_plan&currency=usd&unit_amount=1.00", method: "POST", path: "/v1/prices", wantHas: "stripe-mock refuses",
	}, {
		rule: "prices can't be deleted",
		hide: func(form url.Values) {}, spoil: func(string) string { return `{"id":"price_monthly","object":"price","deleted":true}` },
		method: "DELETE", path: "/v1/prices/price_monthly", wantHas: "stripe-mock refuses",
	}, {
		rule:   "every object says its mode",
		spoil:  func(answer string) string { return strings.Replace(answer, `"livemode":false,`, "", 1) },
		method: "GET", path: "/v1/products/prod_plan", wantHas: "livemode",
	}, {
		rule:   "an answer holds only what Stripe has",
		spoil:  func(answer string) string { return strings.Replace(answer, `{`, `{"marketing_features":[],`, 1) },
		method: "GET", path: "/v1/products/prod_plan", wantHas: "marketing_features",
	}, {
		rule: "what is nested holds only what Stripe has",
		spoil: func(answer string) string {
			return strings.Replace(answer, `"recurring":{`, `"recurring":{"anchor":null,`, 1)
		},
		method: "GET", path: "/v1/prices?expand[]=data.product", wantHas: ".recurring.anchor",
	}, {
		rule: "amounts are numbers",
		spoil: func(answer string) string {
			return strings.Replace(answer, `"unit_amount":1900`, `"unit_amount":"1900"`, 1)
		},
		method: "GET", path: "/v1/prices/price_monthly", wantHas: "unit_amount",
	}, {
		rule:   "lists tell whether there is more",
		spoil:  func(answer string) string { return strings.Replace(answer, `"has_more":false,`, "", 1) },
		method: "GET", path: "/v1/prices", wantHas: "has_more",
	}, {
		rule: "payments are in whole units",
		hide: func(form url.Values) { form.Set("amount", "100") },
		form: "amount=1.00&currency=usd", method: "POST", path: "/v1/payment_intents", wantHas: "stripe-mock refuses",
	}, {
		rule: "sessions say whether they are paid",
		spoil: func(answer string) string {
			return strings.Replace(answer, `"payment_status":"unpaid",`, "", 1)
		},
		form:   "mode=payment&success_url=https://a.example&line_items[0][price]=price_once&line_items[0][quantity]=1",
		method: "POST", path: "/v1/checkout/sessions", wantHas: "payment_status",
	}, {
		rule:   "intents tell nothing that Stripe keeps",
		spoil:  func(answer string) string { return strings.Replace(answer, `{`, `{"_method":"card",`, 1) },
		form:   "amount=100&currency=usd",
		method: "POST", path: "/v1/payment_intents", wantHas: "_method",
	}, {
		rule: "errors have one of Stripe's types",
		spoil: func(answer string) string {
			return strings.Replace(answer, "invalid_request_error", "rate_limit_error", 1)
		},
		method: "GET", path: "/v1/prices/price_other", wantHas: "error/type",
	},
}

// TestBrokenRuleIsReported breaks one rule at a time and sees the checker turn
// red, and stay green as long as the rule holds.
func TestBrokenRuleIsReported(t *testing.T) {
	t.Parallel()
	for _, b := range breaches {
		t.Run(b.rule, func(t *testing.T) {
			t.Parallel()
			if found := b.run(t, false); len(found) > 0 {
				t.Fatalf("disagreements while the rule holds: %s", found)
			}
			found := b.run(t, true)
			if len(found) != 1 || !strings.Contains(found[0], b.wantHas) {
				t.Errorf("want one disagreement that names %q, got %s", b.wantHas, found)
			}
		})
	}
}

func (b breach) run(t *testing.T, broken bool) []string {
	t.Helper()
	sim := stripesim.New(stripesim.Config{})
	account := sim.AddAccount(stripesim.AccountConfig{})
	seed(t, sim, account)
	var handler http.Handler = sim
	if broken {
		handler = b.breaking(sim)
	}
	checker := simtest.Checked(handler, func(string) {})
	server := httptest.NewServer(checker)
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), b.method, server.URL+b.path, strings.NewReader(b.form))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+account.TestKey)
	if b.form != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	return checker.Disagreements()
}

func seed(t *testing.T, sim *stripesim.Sim, account stripesim.Account) {
	t.Helper()
	err := sim.Seed(account.ID, stripesim.Test,
		raw(`{"id": "prod_plan", "name": "Plan"}`),
		raw(`{"id": "price_monthly", "product": "prod_plan", "currency": "usd", "unit_amount": 1900, "recurring": {"interval": "month"}}`))
	if err == nil {
		err = sim.Seed(account.ID, stripesim.Test, nil, raw(`{"id": "price_once", "product": "prod_plan", "currency": "usd", "unit_amount": 1900, "created": 1}`))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// breaking is the simulator without the rule.
func (b breach) breaking(sim http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.hide != nil {
			form, err := url.ParseQuery(b.form)
			if err != nil {
				panic(err)
			}
			b.hide(form)
			r = r.Clone(r.Context())
			r.Body = io.NopCloser(strings.NewReader(form.Encode()))
		}
		if b.spoil == nil {
			sim.ServeHTTP(w, r)
			return
		}
		kept := httptest.NewRecorder()
		sim.ServeHTTP(kept, r)
		w.Header().Set("Content-Type", "application/json")
		if b.method != http.MethodDelete {
			w.WriteHeader(kept.Code)
		} else {
			w.WriteHeader(http.StatusOK)
		}
		_, _ = io.Copy(w, bytes.NewBufferString(b.spoil(kept.Body.String())))
	})
}

// TestFaultsAreNotDisagreements: what a test breaks on purpose is no news.
func TestFaultsAreNotDisagreements(t *testing.T) {
	t.Parallel()
	s := simtest.Start(t) // fails the test by itself
	for _, kind := range []string{
		stripesim.ResetBefore, stripesim.ResetAfter, stripesim.Truncated, stripesim.Error500, stripesim.Error503,
		stripesim.LockTimeout, "429:global-rate",
	} {
		if _, err := s.Sim.AddFault(stripesim.Fault{Kind: kind}); err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/v1/products", strings.NewReader("name=x"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+s.Account.TestKey)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
		}
	}
}

func BenchmarkChecker(b *testing.B) {
	s := simtest.Start(b)
	body := "product=prod_plan&currency=usd&unit_amount=1900&recurring[interval]=month&metadata[a]=b&nickname=Monthly"
	seedBench(b, s)
	for _, handler := range []struct {
		name string
		http.Handler
	}{{"simulator alone", s.Sim}, {"checked", nil}} {
		b.Run(handler.name, func(b *testing.B) {
			h := handler.Handler
			var checker *simtest.Checker
			if h == nil {
				checker = simtest.Checked(s.Sim, func(found string) { b.Error(found) })
				h = checker
			}
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/v1/prices", strings.NewReader(body))
				r.Header.Set("Authorization", "Bearer "+s.Account.TestKey)
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
			if checker != nil {
				checker.Close()
			}
		})
	}
}

func seedBench(b *testing.B, s *simtest.Server) {
	b.Helper()
	if err := s.Sim.Seed(s.Account.ID, stripesim.Test, raw(`{"id": "prod_plan", "name": "Plan"}`), nil); err != nil {
		b.Fatal(err)
	}
}

func raw(object string) []json.RawMessage { return []json.RawMessage{json.RawMessage(object)} }
