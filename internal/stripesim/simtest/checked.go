package simtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

// patience is how long exchanges wait for their verdict. The witness may have to be
// compiled first.
const patience = 5 * time.Minute

// Checker passes requests on and has them and their answers judged, without
// making the client wait for it.
type Checker struct {
	next    http.Handler
	report  func(string)
	witness *witness
	// patience is how long verdicts are waited for.
	patience time.Duration

	mu sync.Mutex
	// pending exchanges are yet to be judged; idle is told when there are none, or
	// when those are given up.
	pending int
	givenUp bool
	idle    *sync.Cond
	found   []string
}

// Checked wraps a simulator. Every disagreement with Stripe's documents goes to
// report, from another goroutine: a request that stripe-mock refuses and the
// handler answered 2xx, and an answer that departs from the OpenAPI document.
// It also serves GET /_sim/disagreements, a JSON array of all so far, for
// tests in another process.
func Checked(next http.Handler, report func(string)) *Checker {
	return newChecker(next, report, theWitness(), patience)
}

func newChecker(next http.Handler, report func(string), w *witness, patience time.Duration) *Checker {
	c := &Checker{next: next, report: report, witness: w, patience: patience}
	c.idle = sync.NewCond(&c.mu)
	return c
}

// Close waits until everything is judged. The handler must not be used after it.
func (c *Checker) Close() { c.Disagreements() }

// Disagreements waits until everything so far is judged and returns what was
// found.
func (c *Checker) Disagreements() []string {
	defer time.AfterFunc(c.patience, c.giveUp).Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.pending > 0 && !c.givenUp {
		c.idle.Wait()
	}
	return append([]string{}, c.found...)
}

func (c *Checker) giveUp() {
	c.disagree("not all exchanges were judged within %s", c.patience)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.givenUp = true
	c.idle.Broadcast()
}

// ServeHTTP passes the control API and the payers' pages through unjudged.
func (c *Checker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/_sim/disagreements":
		_ = json.NewEncoder(w).Encode(c.Disagreements()) // the client may be gone
		return
	case strings.HasPrefix(r.URL.Path, "/_sim/"), strings.HasPrefix(r.URL.Path, "/pay/"):
		c.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	tee := &tee{ResponseWriter: w}
	c.next.ServeHTTP(tee, r)
	if tee.status == 0 || w.Header().Get(stripesim.BrokenHeader) != "" {
		return // no answer, or one broken on purpose
	}
	c.mu.Lock()
	c.pending++
	c.mu.Unlock()
	x := exchange{
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, ContentType: r.Header.Get("Content-Type"), Body: body,
		Status: tee.status, AnswerType: w.Header().Get("Content-Type"), Answer: tee.body.Bytes(),
	}
	c.witness.asked <- &question{x, func(v verdict) { c.judged(x, v) }}
}

func (c *Checker) judged(x exchange, v verdict) {
	if v.failure != nil {
		c.disagree("%s %s: %v", x.Method, x.Path, v.failure)
	}
	if v.Refusal != "" {
		c.disagree("%s %s?%s\n%s\nwas answered %d, but stripe-mock refuses it: %s", x.Method, x.Path, x.Query, x.Body, x.Status, v.Refusal)
	}
	if v.Departure != "" {
		c.disagree("%s %s?%s\n%s\n%d %s\n%s", x.Method, x.Path, x.Query, x.Body, x.Status, x.Answer, v.Departure)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending--; c.pending == 0 {
		c.idle.Broadcast()
	}
}

func (c *Checker) disagree(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.givenUp {
		return // its test may have ended
	}
	c.found = append(c.found, text)
	c.report(text)
}

// tee keeps a copy of the answer. Unwrap lets the simulator reset connections.
type tee struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (t *tee) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

func (t *tee) Write(data []byte) (int, error) {
	t.body.Write(data)
	return t.ResponseWriter.Write(data)
}

func (t *tee) Unwrap() http.ResponseWriter { return t.ResponseWriter }
