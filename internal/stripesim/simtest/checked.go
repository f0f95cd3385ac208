package simtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/golive-hq/golive/internal/stripesim"
)

// Checker passes requests on and then judges them and their answers, without
// making the client wait for it.
type Checker struct {
	next   http.Handler
	report func(string)

	queue chan exchange
	mu    sync.Mutex
	// pending exchanges are yet to be judged; idle is told when there are none.
	pending int
	idle    *sync.Cond
	found   []string
}

// exchange is one request and its answer.
type exchange struct {
	method, path, query     string
	contentType, answerType string
	body, answer            []byte
	status                  int
}

// Checked wraps a simulator. Every disagreement with Stripe's documents goes to
// report, from another goroutine: a request that stripe-mock refuses and the
// handler answered 2xx, and an answer that departs from the OpenAPI document.
// It also serves GET /_sim/disagreements, a JSON array of all so far, for
// tests in another process.
func Checked(next http.Handler, report func(string)) *Checker {
	c := &Checker{next: next, report: report, queue: make(chan exchange, 1024)}
	c.idle = sync.NewCond(&c.mu)
	go c.run()
	return c
}

// Close waits until everything is judged. The handler must not be used after it.
func (c *Checker) Close() {
	c.Disagreements()
	close(c.queue)
}

// Disagreements waits until everything so far is judged and returns what was
// found.
func (c *Checker) Disagreements() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.pending > 0 {
		c.idle.Wait()
	}
	return append([]string{}, c.found...)
}

// ServeHTTP passes the control API through unjudged.
func (c *Checker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/_sim/disagreements":
		_ = json.NewEncoder(w).Encode(c.Disagreements()) // the client may be gone
		return
	case strings.HasPrefix(r.URL.Path, "/_sim/"):
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
	c.queue <- exchange{
		method: r.Method, path: r.URL.EscapedPath(), query: r.URL.RawQuery, contentType: r.Header.Get("Content-Type"), body: body,
		status: tee.status, answerType: w.Header().Get("Content-Type"), answer: tee.body.Bytes(),
	}
}

func (c *Checker) run() {
	for x := range c.queue {
		c.judge(x)
		c.mu.Lock()
		if c.pending--; c.pending == 0 {
			c.idle.Broadcast()
		}
		c.mu.Unlock()
	}
}

func (c *Checker) judge(x exchange) {
	if x.status/100 == 2 {
		if err := official().checkRequest(x); err != nil {
			c.disagree("%s %s?%s\n%s\nwas answered %d, but stripe-mock refuses it: %v", x.method, x.path, x.query, x.body, x.status, err)
		}
	}
	if err := official().checkAnswer(x); err != nil {
		c.disagree("%s %s?%s\n%s\n%d %s\n%v", x.method, x.path, x.query, x.body, x.status, x.answer, err)
	}
}

func (c *Checker) disagree(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	c.mu.Lock()
	c.found = append(c.found, text)
	c.mu.Unlock()
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
