package stripesim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kinds of faults. "429:" is followed by one of the reasons.
const (
	ResetBefore = "reset_before" // connection lost, nothing happened
	ResetAfter  = "reset_after"  // connection lost, it happened
	LockTimeout = "lock_timeout" // 429 for a locked object
	Error500    = "500"          // nothing happened, nothing kept
	Stored500   = "500_stored"   // nothing happened, the 500 is kept under the key
	After500    = "500_after"    // it happened, and the 500 is kept under the key
	Error503    = "503"          // nothing happened
	Refused     = "400"          // nothing happened, and never will
	Truncated   = "truncated"    // it happened, the body is cut in half
	Firewall    = "403_page"     // nothing happened: something on the way refuses
	Delay       = "delay"        // the request takes longer
	Hold        = "hold"         // the request waits to be released
	// StrictExpand refuses to expand the tiers of a currency that one of the prices
	// of the answer lacks. Whether Stripe does, or passes over those prices as the
	// simulator does without this fault, is unverified.
	StrictExpand = "strict_expand"
	limited      = "429:"
)

// BrokenHeader marks an answer whose body a fault has broken, for those who
// check that all others are sound.
const BrokenHeader = "Sim-Broken"

// rateReasons are Stripe's documented values of Stripe-Rate-Limited-Reason.
var rateReasons = []string{"global-rate", "endpoint-rate", "global-concurrency", "endpoint-concurrency", "resource-specific"}

// Where a delay or hold stops a request.
const (
	AtArrival = "arrival" // on the wire: its idempotency key is still free
	AtBefore  = "before"  // begun: its key is in use, nothing has happened
	AtAfter   = "after"   // it happened, the answer is withheld
)

// Fault is what goes wrong, and with which requests.
type Fault struct {
	Match Match  `json:"match"`
	Kind  string `json:"kind"`
	// Times is how many matching requests it hits; 0 is once, -1 is all.
	Times int `json:"times"`
	// At is for delay and hold; empty is AtBefore.
	At string `json:"at,omitempty"`
	// Delay is for Kind delay, in milliseconds.
	Delay int `json:"delay_ms,omitempty"`
	// IDs are the objects that Hide and Alter are about; empty is all.
	IDs []string `json:"ids,omitempty"`
	// Set is what Alter puts into them.
	Set map[string]json.RawMessage `json:"set,omitempty"`
	// ShouldRetry goes into the header Stripe-Should-Retry; empty is no header.
	ShouldRetry string `json:"should_retry,omitempty"`
}

// Match picks requests that carry a valid key; zero fields match all.
type Match struct {
	Method string `json:"method,omitempty"`
	// Path is a regular expression, not anchored.
	Path string `json:"path,omitempty"`
	// Nth is the first matching request to hit, counted from 1 since the fault
	// was set; 0 is the first.
	Nth     int    `json:"nth,omitempty"`
	Account string `json:"account,omitempty"`
	Mode    Mode   `json:"mode,omitempty"`
	// BodyContains is looked for in the body as sent, form-encoded.
	BodyContains string `json:"body_contains,omitempty"`
}

// FaultStatus is a fault and what became of it.
type FaultStatus struct {
	ID   string `json:"id"`
	Seen int    `json:"seen"` // matching requests
	Hits int    `json:"hits"`
	Fault
}

type fault struct {
	FaultStatus
	path *regexp.Regexp
	all  *faults
	// removed faults hold nothing more.
	removed bool
}

type faults struct {
	mu   sync.Mutex
	list []*fault
	held []*held
	// moved is closed and replaced whenever a request is held or let go.
	moved chan struct{}
}

func newFaults() *faults { return &faults{moved: make(chan struct{})} }

// AddFault sets a fault and returns its id. Where several match a request, the
// one that was set first hits, and the others just count it.
func (s *Sim) AddFault(f Fault) (string, error) {
	path, err := regexp.Compile(f.Match.Path)
	if err != nil {
		return "", fmt.Errorf("stripesim: path of the fault: %w", err)
	}
	if err := f.check(); err != nil {
		return "", err
	}
	if f.Times == 0 {
		f.Times = 1
	}
	if f.At == "" {
		f.At = AtBefore
	}
	added := &fault{FaultStatus: FaultStatus{ID: newID("fault_", 8), Fault: f}, path: path, all: s.faults}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, added)
	return added.ID, nil
}

func (f Fault) check() error {
	kinds := []string{ResetBefore, ResetAfter, LockTimeout, Error500, Stored500, After500, Error503, Refused, Firewall, Truncated, Delay, Hold, StrictExpand, Hide, Stuck, Endless, Alter}
	for _, reason := range rateReasons {
		kinds = append(kinds, limited+reason)
	}
	if !slices.Contains(kinds, f.Kind) {
		return fmt.Errorf("stripesim: unknown kind of fault %q, know %s", f.Kind, strings.Join(kinds, ", "))
	}
	if !slices.Contains([]string{"", AtArrival, AtBefore, AtAfter}, f.At) {
		return fmt.Errorf("stripesim: a fault can't stop a request at %q", f.At)
	}
	return nil
}

// Faults returns all faults that were set, spent ones too.
func (s *Sim) Faults() []FaultStatus {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	all := []FaultStatus{}
	for _, f := range s.faults.list {
		all = append(all, f.FaultStatus)
	}
	return all
}

// RemoveFault removes one fault and releases what it holds.
func (s *Sim) RemoveFault(id string) {
	s.faults.mu.Lock()
	s.faults.list = slices.DeleteFunc(s.faults.list, func(f *fault) bool {
		f.removed = f.removed || f.ID == id
		return f.ID == id
	})
	waiting := slices.Clone(s.faults.held)
	s.faults.mu.Unlock()
	for _, h := range waiting {
		if h.FaultID == id {
			s.faults.release(h.ID, false)
		}
	}
}

// ClearFaults removes all faults and releases all held requests.
func (s *Sim) ClearFaults() { s.faults.clear() }

func (fs *faults) clear() {
	fs.mu.Lock()
	fs.list = nil
	fs.mu.Unlock()
	fs.release("", false)
}

// take counts the call with every fault it matches and returns the one that
// hits it, nil if none does.
func (fs *faults) take(c *call) *fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var hit *fault
	for _, f := range fs.list {
		if !f.matches(c) {
			continue
		}
		f.Seen++
		if hit == nil && f.Seen >= f.Match.Nth && (f.Hits < f.Times || f.Times < 0) {
			f.Hits++
			hit = f
		}
	}
	return hit
}

func (f *fault) matches(c *call) bool {
	m := f.Match
	return (m.Method == "" || m.Method == c.method) && f.path.MatchString(c.path) &&
		(m.Account == "" || m.Account == c.account.id) && (m.Mode == "" || m.Mode == c.mode) &&
		strings.Contains(c.body, m.BodyContains)
}

// arrive lets the fault act before Stripe has begun; done is true if that ends
// the request.
func (f *fault) arrive(c *call, s *Sim) (a answer, done bool) {
	s.requests.hit(c, f.Kind)
	switch f.Kind {
	case ResetBefore:
		return answer{reset: true}, true
	case LockTimeout:
		return s.refuse(c, lockTimeout()), true
	case Error500:
		return s.refuse(c, internalError()), true
	case Error503:
		return s.refuse(c, unavailable()), true
	case Refused:
		return s.refuse(c, refused("", "This request was refused.")), true
	case Firewall:
		return answer{status: http.StatusForbidden, body: []byte("<html>Access denied</html>"), header: map[string]string{
			"Content-Type": "text/html", BrokenHeader: "true",
		}}, true
	}
	if reason, ok := strings.CutPrefix(f.Kind, limited); ok {
		return s.refuse(c, rateLimited(reason)), true
	}
	return answer{reset: true}, !f.pause(c, AtArrival)
}

// pause delays or holds the call if it is to stop there, and reports whether
// it may go on.
func (f *fault) pause(c *call, at string) bool {
	if f == nil || f.At != at {
		return true
	}
	switch f.Kind {
	case Delay:
		time.Sleep(time.Duration(f.Delay) * time.Millisecond)
	case Hold:
		return f.all.hold(c, f)
	}
	return true
}

func (f *fault) before(c *call) bool { return f.pause(c, AtBefore) }

// after lets the fault spoil the answer of what has happened.
func (f *fault) after(c *call, a *answer) {
	if !f.pause(c, AtAfter) {
		a.reset = true
	}
	if f == nil {
		return
	}
	switch f.Kind {
	case ResetAfter:
		a.reset = true
	case Truncated:
		a.body = a.body[:len(a.body)/2]
		a.header = map[string]string{BrokenHeader: "true"}
	case Alter:
		a.body = f.altered(a.body)
		a.header = map[string]string{BrokenHeader: "true"}
	}
}

// advise adds Stripe's advice to clients, which is not kept under the key.
func (f *fault) advise(a answer) answer {
	if f.ShouldRetry != "" {
		header := map[string]string{"Stripe-Should-Retry": f.ShouldRetry}
		maps.Copy(header, a.header)
		a.header = header
	}
	return a
}

func internalError() *apiError {
	return &apiError{
		status: http.StatusInternalServerError, typ: typeAPI,
		message: "An unexpected error occurred. Please try again, or contact us at https://support.stripe.com/ if the problem persists.",
	}
}

func unavailable() *apiError {
	return &apiError{
		status: http.StatusServiceUnavailable, typ: typeAPI, unstored: true,
		message: "Stripe is temporarily unavailable. Please try again shortly.",
	}
}
