package stripegw_test

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stripe/stripe-go/v76"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripegw"
)

const testKey = "sk_test_51NotARealKeyAtAll0123456789"

func TestLibrarySpeaksOurVersion(t *testing.T) {
	t.Parallel()
	if stripe.APIVersion != catalog.APIVersion {
		t.Errorf("stripe-go speaks %s, the catalogue %s", stripe.APIVersion, catalog.APIVersion)
	}
}

func TestWriteIsExactOnTheWire(t *testing.T) {
	t.Parallel()
	const body = "name=Pro+%26+more&metadata%5Bgolive%5D=%7B%7D&images=&unit_amount_decimal=0.123456789012"
	var got *http.Request
	var gotBody string
	a := answering(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, gotBody = r, string(b)
		w.Header().Set("Request-Id", "req_1")
		w.Header().Set("Idempotent-Replayed", "true")
		io.WriteString(w, `{"id":"prod_1","big":1.000000000000000000001}`)
	})
	res, err := a.Send(t.Context(), catalog.Write{Path: "/v1/products", Body: body, IdempotencyKey: "golive:1:a", Epoch: 7})
	if err != nil {
		t.Fatal(err)
	}
	if res.ID != "prod_1" || res.RequestID != "req_1" || !res.Replayed || !strings.Contains(string(res.Raw), "1.000000000000000000001") {
		t.Errorf("response %+v", res)
	}
	if got.Method != http.MethodPost || got.RequestURI != "/v1/products" || gotBody != body {
		t.Errorf("%s %s with body %q", got.Method, got.RequestURI, gotBody)
	}
	if got.ContentLength != int64(len(body)) || got.TransferEncoding != nil {
		t.Errorf("length %d, transfer encoding %v", got.ContentLength, got.TransferEncoding)
	}
	for name, want := range map[string]string{
		"Authorization":             "Bearer " + testKey,
		"Content-Type":              "application/x-www-form-urlencoded",
		"Stripe-Version":            "2023-10-16",
		"Idempotency-Key":           "golive:1:a",
		"Golive-Epoch":              "7",
		"X-Stripe-Client-Telemetry": "",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), want)
		}
	}
}

// Go's own transport repeats a request that carries an idempotency key when a
// connection that served before breaks.
func TestNothingRepeatsAWrite(t *testing.T) {
	t.Parallel()
	for name, breakOff := range map[string]func(*net.TCPConn){
		"reset":  func(c *net.TCPConn) { _ = c.SetLinger(0) },
		"closed": func(*net.TCPConn) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			a := answering(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if calls.Add(1) == 1 {
					io.WriteString(w, `{"id":"prod_1"}`)
					return
				}
				conn := hijack(w)
				breakOff(conn)
				conn.Close()
			})
			for range 2 {
				if _, err := a.Send(t.Context(), write); calls.Load() == 2 {
					wantKind(t, err, catalog.KindNetwork)
				} else if err != nil {
					t.Fatal(err)
				}
			}
			if calls.Load() != 2 {
				t.Errorf("the server saw %d calls, want 2", calls.Load())
			}
		})
	}
}

func TestWritesAreNotRetriedNorRedirected(t *testing.T) {
	t.Parallel()
	for _, status := range []int{307, 308, 409, 429, 500, 502, 503} {
		var calls atomic.Int32
		a := answering(t, func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			w.Header().Set("Stripe-Should-Retry", "true")
			w.Header().Set("Location", "/v1/elsewhere")
			w.WriteHeader(status)
			io.WriteString(w, `{"error":{"message":"no"}}`)
		})
		if _, err := a.Send(t.Context(), write); err == nil || calls.Load() != 1 {
			t.Errorf("%d: %d calls, error %v", status, calls.Load(), err)
		}
	}
}

func TestReadsUseOneConnectionAgain(t *testing.T) {
	t.Parallel()
	var conns atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"livemode":false}`)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	a := stripegw.New(stripegw.Config{APIBase: server.URL}).Open(catalog.Test, "acct_1", testKey)
	for range 10 {
		if _, err := a.Balance(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if conns.Load() != 1 {
		t.Errorf("%d connections for ten calls in a row", conns.Load())
	}
}

func TestLogTellsTheCallWithoutTheKey(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Request-Id", "req_9")
		io.WriteString(w, `{"livemode":true}`)
	}))
	t.Cleanup(server.Close)
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a := stripegw.New(stripegw.Config{APIBase: server.URL, Log: logger}).Open(catalog.Live, "acct_1", testKey)
	if b, err := a.Balance(t.Context()); err != nil || !b.Livemode {
		t.Fatalf("balance %v, error %v", b, err)
	}
	logger.Info("account", "account", a)
	if got := log.String(); !strings.Contains(got, "req_9") || strings.Contains(got, testKey) {
		t.Errorf("log: %s", got)
	}
}

var write = catalog.Write{Path: "/v1/products", Body: "name=Pro", IdempotencyKey: "golive:1:a"}

// answering returns a test account whose Stripe is handler.
func answering(t *testing.T, handler http.HandlerFunc) *stripegw.Account {
	t.Helper()
	return stripegw.New(stripegw.Config{APIBase: httpServer(t, handler)}).Open(catalog.Test, "acct_1", testKey)
}

// httpServer returns the address of handler.
func httpServer(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func hijack(w http.ResponseWriter) *net.TCPConn {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	return conn.(*net.TCPConn)
}
