package stripegw_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripegw"
)

func TestRefusalsOfAWrite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		header string // name: value
		body   string
		want   catalog.Error
	}{
		"bad request": {
			400, "", `{"error":{"type":"invalid_request_error","code":"parameter_unknown","param":"colour","message":"Received unknown parameter: colour"}}`,
			catalog.Error{Kind: catalog.KindRequest, Status: 400, Code: "parameter_unknown", Param: "colour", Message: "Received unknown parameter: colour"},
		},
		"other parameters under the key": {
			400, "", `{"error":{"type":"idempotency_error","message":"Keys for idempotent requests"}}`,
			catalog.Error{Kind: catalog.KindRequest, Status: 400, Message: "Keys for idempotent requests"},
		},
		"key revoked": {
			401, "", `{"error":{"type":"invalid_request_error","message":"Invalid API Key provided: ` + testKey + `"}}`,
			catalog.Error{Kind: catalog.KindPermission, Status: 401, Message: "Invalid API Key provided: sk_test_****6789"},
		},
		"right missing": {
			403, "", `{"error":{"type":"invalid_request_error","code":"more_permissions_required","message":"The provided key 'rk_live_***abc' does not have the required permissions"}}`,
			catalog.Error{Kind: catalog.KindPermission, Status: 403, Code: "more_permissions_required", Message: "The provided key 'rk_live_***abc' does not have the required permissions"},
		},
		"missing": {
			404, "", `{"error":{"type":"invalid_request_error","code":"resource_missing","param":"id","message":"No such product: 'x'"}}`,
			catalog.Error{Kind: catalog.KindRequest, Status: 404, Code: "resource_missing", Param: "id", Message: "No such product: 'x'"},
		},
		"key in use": {
			409, "", `{"error":{"type":"idempotency_error","code":"idempotency_key_in_use","message":"in progress"}}`,
			catalog.Error{Kind: catalog.KindConflict, Status: 409, Code: "idempotency_key_in_use", Message: "in progress"},
		},
		"lock": {
			429, "", `{"error":{"type":"invalid_request_error","code":"lock_timeout","message":"locked"}}`,
			catalog.Error{Kind: catalog.KindConflict, Status: 429, Code: "lock_timeout", Message: "locked"},
		},
		"rate": {
			429, "Stripe-Rate-Limited-Reason: endpoint-rate", `{"error":{"type":"invalid_request_error","code":"rate_limit","message":"slow down"}}`,
			catalog.Error{Kind: catalog.KindRateLimit, Status: 429, Code: "rate_limit", LimitReason: "endpoint-rate", Message: "slow down"},
		},
		"stored failure": {
			500, "", `{"error":{"type":"api_error","message":"oops"}}`,
			catalog.Error{Kind: catalog.KindUnavailable, Status: 500, Message: "oops", StoredFailure: true},
		},
		"500 of a proxy": {
			500, "", `<html>`,
			catalog.Error{Kind: catalog.KindUnavailable, Status: 500, Message: "Stripe returned 500 with an unreadable response"},
		},
		"bad gateway": {
			502, "", `<html>`,
			catalog.Error{Kind: catalog.KindUnavailable, Status: 502, Message: "Stripe returned 502 with an unreadable response"},
		},
		"down": {
			503, "", `{"error":{"type":"api_error"}}`,
			catalog.Error{Kind: catalog.KindUnavailable, Status: 503, Message: "Stripe returned 503 without a reason"},
		},
		"429 of a proxy": {
			429, "", ``,
			catalog.Error{Kind: catalog.KindRateLimit, Status: 429, Message: "Stripe returned 429 with an unreadable response"},
		},
		"redirect": {
			302, "Location: https://elsewhere.example", `{"id":"prod_1"}`,
			catalog.Error{Kind: catalog.KindUnavailable, Status: 302, Message: "Stripe returned 302 with an unreadable response"},
		},
		"success cut short": {
			200, "", `{"id":"prod_1","na`,
			catalog.Error{Kind: catalog.KindUnavailable, Status: 200, Message: "Stripe returned 200 with an unreadable response"},
		},
		"success of nothing": {
			200, "", `{}`,
			catalog.Error{Kind: catalog.KindUnavailable, Status: 200, Message: "Stripe returned 200 with an unreadable response: not the object requested"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := answering(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Request-Id", "req_7")
				if name, value, found := strings.Cut(c.header, ": "); found {
					w.Header().Set(name, value)
				}
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			_, err := a.Send(t.Context(), write)
			c.want.RequestID = "req_7"
			var got *catalog.Error
			if !errors.As(err, &got) || got.Took <= 0 {
				t.Fatalf("%v", err)
			}
			got.Took = 0
			if *got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// A firewall or a proxy on the way refuses for reasons of its own, and perhaps for a
// minute only: that must not turn back what is half done.
func TestA4xxWithoutStripesErrorIsNoVerdict(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a page": `<html>Access denied</html>`, "nothing": ``, "JSON of its own": `{"message":"Forbidden"}`,
		"a word": `{"error":"forbidden"}`, "an error of its own": `{"error":{"message":"Forbidden"}}`, "a number": `{"error":{"code":403,"message":"Forbidden"}}`,
	} {
		for _, status := range []int{400, 401, 403, 404, 407, 408, 409, 425, 451} {
			t.Run(fmt.Sprintf("%s, %d", name, status), func(t *testing.T) {
				t.Parallel()
				a := answering(t, func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(status)
					io.WriteString(w, body)
				})
				_, err := a.Send(t.Context(), write)
				wantKind(t, err, catalog.KindUnavailable)
			})
		}
	}
}

func TestAnswerCutOffIsUnreadable(t *testing.T) {
	t.Parallel()
	a := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"id":`)
	})
	_, err := a.Send(t.Context(), write)
	wantKind(t, err, catalog.KindUnavailable)
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	a := stripegw.New(stripegw.Config{APIBase: "http://127.0.0.1:1"}).Open(catalog.Live, "acct_1", testKey)
	_, err := a.Send(t.Context(), write)
	wantKind(t, err, catalog.KindNetwork)
	wantNoMachine(t, err, "no response from Stripe: connection refused", "127.0.0.1:1")
}

// Tenants read why Stripe does not answer; whom we asked, and by which way, is for the log.
func wantNoMachine(t *testing.T, err error, message, cause string) {
	t.Helper()
	var told *catalog.Error
	if !errors.As(err, &told) || told.Message != message || told.Cause == nil || !strings.Contains(told.Cause.Error(), cause) {
		t.Errorf("%+v of %v, want %q", told, err, message)
	}
}

func TestUnreachableStripeNamesNoMachine(t *testing.T) {
	t.Parallel()
	hangsUp := httpServer(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	plain := httpServer(t, func(http.ResponseWriter, *http.Request) {})
	for base, want := range map[string][2]string{
		hangsUp:       {"no response from Stripe: the connection was closed", "EOF"},
		untrusted.URL: {"no response from Stripe: no secure connection", "certificate"},
		strings.Replace(plain, "http", "https", 1): {"no response from Stripe: no secure connection", "HTTP response to HTTPS client"},
		"http://stripe.invalid":                    {"no response from Stripe: its address couldn't be looked up", "stripe.invalid"},
	} {
		a := stripegw.New(stripegw.Config{APIBase: base}).Open(catalog.Live, "acct_1", testKey)
		_, err := a.Send(t.Context(), write)
		wantNoMachine(t, err, want[0], want[1])
	}
}

func TestCallsEndAfterTheTimeout(t *testing.T) {
	t.Parallel()
	for name, headersFirst := range map[string]bool{"no header": false, "no body": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done := make(chan struct{})
			server := httpServer(t, func(w http.ResponseWriter, r *http.Request) {
				if headersFirst {
					w.(http.Flusher).Flush()
				}
				<-done
			})
			t.Cleanup(func() { close(done) })
			a := stripegw.New(stripegw.Config{APIBase: server, Timeout: 20 * time.Millisecond}).Open(catalog.Live, "acct_1", testKey)
			_, err := a.Send(t.Context(), write)
			wantKind(t, err, catalog.KindNetwork)
			if errors.Is(err, context.DeadlineExceeded) {
				t.Error("a timeout of ours must not look like the end of the caller's context")
			}
		})
	}
}

// A long page of prices may take longer than a write ever may.
func TestReadsHaveATimeoutOfTheirOwn(t *testing.T) {
	t.Parallel()
	var reads atomic.Int32
	reading, written := make(chan struct{}), make(chan struct{})
	server := httpServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && reads.Add(1) == 1 {
			close(reading)
		}
		<-written
		io.WriteString(w, `{"livemode":true}`)
	})
	a := stripegw.New(stripegw.Config{APIBase: server, Timeout: 20 * time.Millisecond, ReadTimeout: time.Hour}).Open(catalog.Live, "acct_1", testKey)
	read := make(chan error, 1)
	go func() {
		_, err := a.Balance(t.Context())
		read <- err
	}()
	<-reading
	_, err := a.Send(t.Context(), write) // the read began before, and outlasts it
	wantKind(t, err, catalog.KindNetwork)
	close(written)
	if err := <-read; err != nil || reads.Load() != 1 {
		t.Errorf("%d reads, %v", reads.Load(), err)
	}
	impatient := stripegw.New(stripegw.Config{APIBase: server, Timeout: time.Hour, ReadTimeout: time.Nanosecond}).Open(catalog.Live, "acct_1", testKey)
	_, err = impatient.Balance(t.Context())
	wantKind(t, err, catalog.KindNetwork)
}

func TestEndOfContextPassesThrough(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	server := httpServer(t, func(http.ResponseWriter, *http.Request) { cancel(); <-done })
	t.Cleanup(func() { close(done) })
	a := stripegw.New(stripegw.Config{APIBase: server}).Open(catalog.Live, "acct_1", testKey)
	_, err := a.Balance(ctx)
	var failed *catalog.Error
	if !errors.Is(err, context.Canceled) || errors.As(err, &failed) {
		t.Errorf("error %v, want the context's", err)
	}
	if _, err := a.Snapshot(ctx, "prod_1", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("read after the end of the context: %v", err)
	}
}

// What a write did is worth knowing, whoever wants to stop; but none begins after
// that.
func TestAWriteThatHasBegunOutlastsItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int32
	a := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		cancel()
		io.WriteString(w, `{"id":"prod_1"}`)
	})
	if got, err := a.Send(ctx, write); err != nil || got.ID != "prod_1" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := a.Send(ctx, write); !errors.Is(err, context.Canceled) || calls.Load() != 1 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}

func TestRequestsThatCannotBeSent(t *testing.T) {
	t.Parallel()
	gateway := stripegw.New(stripegw.Config{APIBase: "http://127.0.0.1:1"})
	a := gateway.Open(catalog.Live, "acct_1", testKey)
	for _, key := range []string{"", strings.Repeat("x", 256)} {
		_, err := a.Send(t.Context(), catalog.Write{Path: "/v1/products", IdempotencyKey: key})
		wantKind(t, err, catalog.KindRequest)
	}
	_, _, err := gateway.Prove(t.Context(), testKey+"\n")
	wantKind(t, err, catalog.KindPermission)
}

type refusing struct{ err error }

func (r refusing) RoundTrip(*http.Request) (*http.Response, error) { return nil, r.err }

func TestTransportsOwnErrorStaysInTheChain(t *testing.T) {
	t.Parallel()
	lost := errors.New("lease lost")
	a := stripegw.New(stripegw.Config{HTTPTransport: refusing{lost}}).Open(catalog.Live, "acct_1", testKey)
	if _, err := a.Send(t.Context(), write); !errors.Is(err, lost) {
		t.Errorf("error %v hides its cause", err)
	}
}

func TestReadsComeBackAfterPassingTrouble(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]http.HandlerFunc{
		"rate limit": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) },
		"outage":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
		"no answer":  func(w http.ResponseWriter, _ *http.Request) { hijack(w).Close() },
		"nonsense":   func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{}`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			a := answering(t, func(w http.ResponseWriter, r *http.Request) {
				if calls.Add(1) <= 2 {
					trouble(w, r)
					return
				}
				io.WriteString(w, `{"livemode":true}`)
			})
			if b, err := a.Balance(t.Context()); err != nil || !b.Livemode {
				t.Errorf("balance %v, error %v", b, err)
			}
		})
	}
}

func TestReadsGiveUp(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int32{400: 1, 401: 1, 503: 4} {
		var calls atomic.Int32
		a := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			w.WriteHeader(status)
			io.WriteString(w, `{"error":{"type":"invalid_request_error","message":"no"}}`)
		})
		if _, err := a.Balance(t.Context()); err == nil || calls.Load() != want {
			t.Errorf("%d: %d calls, want %d; error %v", status, calls.Load(), want, err)
		}
	}
}

func TestFailedReadLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	a := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(500)
		io.WriteString(w, `{"error":{"type":"api_error","message":"oops"}}`)
	})
	_, err := a.Balance(t.Context())
	var failed *catalog.Error
	if !errors.As(err, &failed) || failed.StoredFailure || failed.Message != "oops" {
		t.Errorf("error %+v", failed)
	}
}

func wantKind(t *testing.T, err error, kind catalog.ErrorKind) {
	t.Helper()
	var failed *catalog.Error
	if !errors.As(err, &failed) || failed.Kind != kind {
		t.Errorf("error %v, want one of kind %s", err, kind)
	}
	wantNoKey(t, err, testKey)
}

func wantNoKey(t *testing.T, err error, key string) {
	t.Helper()
	if err != nil && strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), key) {
		t.Errorf("error holds the key: %#v", err)
	}
}
