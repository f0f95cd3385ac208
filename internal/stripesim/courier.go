package stripesim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// deliveryTimeout is how long an endpoint may take to answer; unverified.
const deliveryTimeout = 20 * time.Second

// maxAttempts bounds the log of deliveries; the older half is forgotten beyond it.
const maxAttempts = 100_000

// courier sends webhooks: to each endpoint in order, and to none later because another
// is slow. It has goroutines only while there is something to send.
type courier struct {
	sim    *Sim
	client *http.Client

	mu       sync.Mutex
	trouble  Delivery
	random   *rand.Rand
	attempts []Attempt
	// busy endpoints have a goroutine that sends to them, which can be cut off.
	busy map[string]context.CancelFunc
	// working are those goroutines; resting is closed once there are none, nil is now.
	working int
	resting chan struct{}
	closed  bool
}

func newCourier(s *Sim) *courier {
	c := &courier{sim: s, busy: map[string]context.CancelFunc{}, client: &http.Client{
		Timeout:       deliveryTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a redirect is a failure
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 10 * time.Second},
	}}
	c.set(Delivery{})
	return c
}

// letter is one delivery with all that it needs, so that no lock is held while it is sent.
type letter struct {
	*delivery
	account *account
	mode    Mode
	webhook webhook
	event   event
	// byHand is not tried again.
	byHand bool
}

// wake sends what is due to the endpoints that are not busy.
func (c *courier) wake() {
	for _, a := range c.sim.allAccounts() {
		for _, mode := range []Mode{Test, Live} {
			for endpoint, letters := range c.claim(a, mode) {
				go c.work(endpoint, letters)
			}
		}
	}
}

// claim takes what is due, by endpoint; each of those is busy until released.
func (c *courier) claim(a *account, mode Mode) map[string][]letter {
	a.mu.Lock()
	defer a.mu.Unlock()
	st := a.store(mode)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(st.deliveries) == 0 || c.closed || c.trouble.Paused {
		return nil
	}
	claimed := map[string][]letter{}
	for _, d := range st.due(c.sim.Now(), c.busy) {
		w, _ := st.webhooks.get(d.EndpointID)
		if e, ok := st.events.get(d.EventID); ok {
			claimed[w.ID] = append(claimed[w.ID], letter{delivery: d, account: a, mode: mode, webhook: *w, event: *e})
		}
	}
	for endpoint := range claimed {
		c.busy[endpoint] = func() {} // work knows better
		c.working++
		if c.resting == nil {
			c.resting = make(chan struct{})
		}
	}
	return claimed
}

// rest is closed when nothing more is due; nil is now.
func (c *courier) rest() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.resting
}

func (c *courier) close() {
	c.mu.Lock()
	c.closed = true
	for _, cut := range c.busy {
		cut()
	}
	c.mu.Unlock()
	if resting := c.rest(); resting != nil {
		<-resting
	}
	c.client.CloseIdleConnections()
}

// work sends letters to one endpoint.
func (c *courier) work(endpoint string, letters []letter) {
	ctx, cut := context.WithCancel(context.Background())
	defer cut()
	hands := c.begin(endpoint, letters, cut)
	var sent sync.WaitGroup
	for _, l := range letters {
		hands <- struct{}{}
		sent.Go(func() {
			c.send(ctx, l)
			<-hands
		})
	}
	sent.Wait()
	c.release(endpoint)
}

// begin puts letters in their order, and tells how many may be on their way at once.
func (c *courier) begin(endpoint string, letters []letter, cut context.CancelFunc) chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy[endpoint] = cut
	if c.closed {
		cut()
	}
	if c.trouble.Shuffle {
		c.random.Shuffle(len(letters), func(i, j int) { letters[i], letters[j] = letters[j], letters[i] })
	}
	return make(chan struct{}, max(1, c.trouble.Parallel))
}

// release lets the endpoint have what has fallen due meanwhile, and the courier rest if
// that is nothing.
func (c *courier) release(endpoint string) {
	c.mu.Lock()
	delete(c.busy, endpoint)
	c.mu.Unlock()
	c.sim.alarm.wake()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.working--; c.working == 0 {
		close(c.resting)
		c.resting = nil
	}
}

// send tries one delivery, or loses it, and notes what came of it.
func (c *courier) send(ctx context.Context, l letter) Attempt {
	c.mu.Lock()
	trouble := c.trouble
	lost, twice := c.random.IntN(100) < trouble.Lost, c.random.IntN(100) < trouble.Duplicates
	c.mu.Unlock()
	a := Attempt{EventID: l.event.ID, Type: l.event.Type, EndpointID: l.webhook.ID, At: c.sim.Now(), Number: l.Attempts, Lost: lost}
	if !lost {
		a.Status, a.Error = c.post(ctx, l, trouble)
	}
	if ctx.Err() != nil {
		return a // cut off, which says nothing of the endpoint
	}
	c.keep(l, a)
	if twice && !lost {
		second := a
		second.Duplicate = true
		second.Status, second.Error = c.post(ctx, l, trouble)
		c.keep(l, second)
	}
	return a
}

func (c *courier) keep(l letter, a Attempt) {
	if a.succeeded() || !l.byHand {
		c.sim.alone(l.account, l.mode, func(o *op) { o.note(l.delivery, a) })
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.attempts) == maxAttempts {
		c.attempts = append([]Attempt{}, c.attempts[maxAttempts/2:]...)
	}
	c.attempts = append(c.attempts, a)
}

// post sends the event and returns the status of the answer, or why there is none.
func (c *courier) post(ctx context.Context, l letter, trouble Delivery) (status int, failure string) {
	e := l.event
	if l.webhook.APIVersion != nil {
		e.APIVersion = *l.webhook.APIVersion
	}
	if trouble.APIVersion != "" {
		e.APIVersion = trouble.APIVersion
	}
	body := encode(e)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.webhook.URL, bytes.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	r.Header.Set("Stripe-Signature", signature(body, l.webhook.Secret, c.sim.Now(), trouble))
	response, err := c.client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)) // so that the connection is kept
	return response.StatusCode, ""
}

// signature is the header Stripe-Signature.
func signature(body []byte, secret string, now time.Time, trouble Delivery) string {
	if trouble.WrongSecret {
		secret = "whsec_wrong" + secret
	}
	at := now.Unix() + trouble.Skew
	header := fmt.Sprintf("t=%d", at)
	if trouble.TwoSignatures {
		header += ",v1=" + sign(body, "whsec_old"+secret, at)
	}
	return header + ",v1=" + sign(body, secret, at)
}

func sign(body []byte, secret string, at int64) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = fmt.Fprintf(mac, "%d.", at) // a hash takes everything
	_, _ = mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
