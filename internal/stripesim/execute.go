package stripesim

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// op is a call that has passed every layer and acts on its store, while it
// holds the account's lock.
type op struct {
	*call
	*store
	// foreign is the account's other mode, looked at for a hint only.
	foreign *store
	in      input
	expand  expansion
	// fault hits the call, nil for none.
	fault *fault
	sim   *Sim
}

func (o *op) created() int64 { return o.now.Unix() }

// execute runs the endpoint between the two halves of the latency. The client
// going away changes nothing: Stripe finishes what it has begun, too.
func (s *Sim) execute(c *call, f *fault) answer {
	if a, known := s.beginKey(c); known {
		return a
	}
	pause := time.Duration(s.latency.Load()) / 2
	time.Sleep(pause)
	if !f.before(c) {
		c.account.dropKey(c)
		return answer{reset: true}
	}
	a := s.effect(c, f)
	s.alarm.wake()
	if c.method != http.MethodGet {
		s.saver.settled()
	}
	f.after(c, &a)
	time.Sleep(pause)
	return a
}

// effect is the one instant at which the request happens and its result is
// kept under the key.
func (s *Sim) effect(c *call, f *fault) answer {
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	c.now = s.Now()
	s.requests.happened(c)
	a, err := s.run(c, f)
	if err != nil {
		a = s.refuse(c, err)
	}
	c.account.store(c.mode).idempotency.finish(c, a, err != nil && err.unstored)
	if c.method != http.MethodGet {
		s.saver.changed()
	}
	return a
}

func (s *Sim) run(c *call, f *fault) (answer, *apiError) {
	if f.is(Stored500) {
		return s.refuse(c, internalError()), nil
	}
	o := newOp(s, c, f)
	o.tick()
	result, err := o.do()
	defer o.tick()
	if err != nil {
		return answer{}, err
	}
	if f.is(After500) {
		return s.refuse(c, internalError()), nil
	}
	return answer{status: http.StatusOK, body: encode(result), header: map[string]string{}}, nil
}

func newOp(s *Sim, c *call, f *fault) *op {
	return &op{call: c, store: c.account.store(c.mode), foreign: c.account.store(c.mode.other()), fault: f, sim: s}
}

// do validates the parameters, then hands over to the endpoint.
func (o *op) do() (any, *apiError) {
	if err := o.checkEncoding(); err != nil {
		return nil, err
	}
	tree, err := parseForm(o.query + "&" + o.body)
	if err != nil {
		return nil, err
	}
	if err := o.route.params.check("", tree); err != nil {
		return nil, err
	}
	o.in = input{tree}
	if o.expand, err = parseExpand(o.in.texts("expand"), o.route.answers); err != nil {
		return nil, err
	}
	return o.route.run(o)
}

func (o *op) checkEncoding() *apiError {
	contentType := o.header.Get("Content-Type")
	if o.body != "" && strings.HasPrefix(contentType, "application/json") {
		return invalid("", "", "Invalid request: the API accepts form-encoded bodies only (Content-Type: %s).", contentType)
	}
	return nil
}

// missing is the answer for an id that isn't there: 404 for the path's own,
// 400 for a reference in a parameter.
func (o *op) missing(status int, noun, id, param string) *apiError {
	hint := ""
	if o.foreign.has(noun, id) {
		hint = "; a similar object exists in " + string(o.mode.other()) + " mode, but a " +
			string(o.mode) + " mode key was used to make this request."
	}
	return noSuch(status, noun, id, param, hint)
}

// encode can't fail for our own types: a failure is a bug that tests must see.
func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}
