package stripesim

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"sort"
	"sync"
	"time"
)

// maxRequests bounds the log; the older half is forgotten beyond it.
const maxRequests = 100_000

// EpochHeader is a debug header that clients may send and the log shows.
const EpochHeader = "Golive-Epoch"

// Request is one line of the request log.
type Request struct {
	// Seq numbers requests as they arrive, from 1.
	Seq int `json:"seq"`
	// EffectSeq numbers them as their endpoints ran; 0 is not (yet), or a replay.
	EffectSeq      int       `json:"effect_seq"`
	At             time.Time `json:"at"`
	ID             string    `json:"id"`
	Method         string    `json:"method"`
	Path           string    `json:"path"`
	Endpoint       string    `json:"endpoint"`
	Query          string    `json:"query"`
	Body           string    `json:"body"`
	Account        string    `json:"account"`
	Mode           Mode      `json:"mode"`
	IdempotencyKey string    `json:"idempotency_key"`
	Epoch          string    `json:"epoch"`
	// Status is 0 while the request runs, and if its connection was reset.
	Status   int    `json:"status"`
	Replayed bool   `json:"replayed"`
	Reset    bool   `json:"reset"`
	Fault    string `json:"fault,omitempty"`
}

// RequestFilter picks requests; zero fields match all.
type RequestFilter struct {
	Method string
	// Path is a regular expression.
	Path    string
	Account string
	Mode    Mode
	// Writes leaves out GET.
	Writes bool
	// After leaves out requests up to this Seq.
	After int
}

// requestLog numbers and keeps the requests. Lines change while it is locked
// only, readers get copies.
type requestLog struct {
	mu      sync.Mutex
	lines   []*Request
	seq     int
	effects int
}

func newRequestLog() *requestLog { return &requestLog{} }

func (l *requestLog) begin(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	c.entry = &Request{
		Seq: l.seq, At: c.now, ID: c.id, Method: c.method, Path: c.path, Query: c.query, Body: c.body,
		IdempotencyKey: c.header.Get("Idempotency-Key"), Epoch: c.header.Get(EpochHeader),
	}
	if len(l.lines) == maxRequests {
		l.lines = slices.Clone(l.lines[maxRequests/2:])
	}
	l.lines = append(l.lines, c.entry)
}

func (l *requestLog) identify(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.entry.Account, c.entry.Mode = c.account.id, c.mode
	if c.route != nil {
		c.entry.Endpoint = c.route.endpoint()
	}
}

func (l *requestLog) happened(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.effects++
	c.entry.EffectSeq = l.effects
}

func (l *requestLog) hit(c *call, fault string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.entry.Fault = fault
}

func (l *requestLog) end(c *call, a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.entry.Status, c.entry.Replayed, c.entry.Reset = a.status, a.replayed, a.reset
	if a.reset {
		c.entry.Status = 0
	}
}

// Requests returns the log's matching lines in order of arrival.
func (s *Sim) Requests(f RequestFilter) ([]Request, error) {
	path, err := regexp.Compile(f.Path)
	if err != nil {
		return nil, fmt.Errorf("stripesim: path of the filter: %w", err)
	}
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	found := []Request{}
	lines := s.requests.lines
	first := sort.Search(len(lines), func(i int) bool { return lines[i].Seq > f.After })
	for _, r := range lines[first:] {
		if (f.Account == "" || f.Account == r.Account) && (f.Mode == "" || f.Mode == r.Mode) &&
			(f.Method == "" || f.Method == r.Method) && (!f.Writes || r.Method != http.MethodGet) && path.MatchString(r.Path) {
			found = append(found, *r)
		}
	}
	return found, nil
}

// ClearRequests empties the log; numbers go on.
func (s *Sim) ClearRequests() {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	s.requests.lines = nil
}
