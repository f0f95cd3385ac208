package stripesim_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"
)

// receiver is an endpoint that keeps what it gets.
type receiver struct {
	url    string
	id     string
	secret string

	mu     sync.Mutex
	status int
	got    []delivered
}

type delivered struct {
	body   []byte
	header string
}

// receive registers an endpoint that answers 200 until told otherwise.
func (b bench) receive(more string, changes ...with) *receiver {
	b.t.Helper()
	r := &receiver{status: http.StatusOK}
	server := httptest.NewServer(r)
	b.t.Cleanup(server.Close)
	a := b.ok("POST", "/v1/webhook_endpoints", "api_version=2023-10-16&url="+server.URL+"/hook&enabled_events[]=payment_intent.created"+
		"&enabled_events[]=charge.succeeded&enabled_events[]=payment_intent.succeeded"+more, changes...)
	r.url, r.id, r.secret = a.get("url"), a.get("id"), a.get("secret")
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, delivered{body, request.Header.Get("Stripe-Signature")})
	w.WriteHeader(r.status)
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// take returns what has come since the last take.
func (r *receiver) take() []delivered {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.got
	r.got = nil
	return got
}

func (r *receiver) verify(d delivered) (stripe.Event, error) {
	return webhook.ConstructEvent(d.body, d.header, r.secret)
}

// settle waits until all that is due is sent.
func (b bench) settle() {
	b.t.Helper()
	b.did(b.Sim.Delivered(b.t.Context()))
}

// types are those of verified events.
func (r *receiver) types(t *testing.T) string {
	t.Helper()
	var types []string
	for _, d := range r.take() {
		e, err := r.verify(d)
		if err != nil {
			t.Errorf("%v: %s", err, d.header)
		}
		types = append(types, string(e.Type))
	}
	return strings.Join(types, " ")
}

func (b bench) pending(want string) {
	b.t.Helper()
	a := b.ok("GET", "/v1/events?delivery_success=false", "")
	if got := fmt.Sprint(len(a.body["data"].([]any))); got != want {
		b.t.Errorf("%s events are undelivered, want %s", got, want)
	}
}
