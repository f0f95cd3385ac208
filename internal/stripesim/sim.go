package stripesim

import (
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Version is the only API version that the simulator speaks.
const Version = "2023-10-16"

// maxBody bounds a request; a full catalogue object is far below it.
const maxBody = 1 << 20

// maxStateBody bounds what PUT /_sim/state loads.
const maxStateBody = 256 << 20

// Config sets up a simulator; its zero value works.
type Config struct {
	// Latency is how long every request takes, half of it before and half
	// after its effect.
	Latency time.Duration
	// Now is the clock of created, updated and idempotency; nil is time.Now.
	Now func() time.Time
	// Log receives one line per request at level debug; nil is silence.
	Log *slog.Logger
	// StateFile keeps accounts and objects across restarts; empty keeps none.
	StateFile string
}

// Sim is the simulator, an http.Handler for Stripe's paths and /_sim/.
type Sim struct {
	*World
	*courier
	log      *slog.Logger
	now      func() time.Time
	offset   atomic.Int64 // nanoseconds that the clock was moved
	latency  atomic.Int64
	control  http.Handler
	faults   *faults
	limits   *limits
	requests *requestLog
	saver    *saver
	alarm    *alarm
	// booking is how long the balance transaction of a charge takes, in nanoseconds.
	booking atomic.Int64

	mu       sync.RWMutex
	accounts map[string]*account
	keys     map[string]*key
}

// New returns a simulator, with no accounts unless Config.StateFile holds
// some. It panics on a state file that it can't read, since going on would
// overwrite it.
func New(config Config) *Sim {
	s := &Sim{
		log:      config.Log,
		now:      config.Now,
		faults:   newFaults(),
		limits:   newLimits(),
		requests: newRequestLog(),
		accounts: map[string]*account{},
		keys:     map[string]*key{},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.latency.Store(int64(config.Latency))
	s.World, s.alarm, s.courier = &World{s}, newAlarm(s), newCourier(s)
	s.control = control{s}.routes()
	s.saver = s.startSaver(config.StateFile)
	s.alarm.wake()
	return s
}

// Close writes the state file a last time and lets held requests go.
func (s *Sim) Close() error {
	s.faults.clear()
	s.alarm.close()
	s.courier.close()
	return s.saver.close()
}

// Now is the simulator's clock.
func (s *Sim) Now() time.Time { return s.now().Add(time.Duration(s.offset.Load())) }

// Advance moves the clock forward, and with it the age of idempotency keys. What
// falls due by it, such as the end of a session, has happened when it returns.
func (s *Sim) Advance(d time.Duration) {
	s.offset.Add(int64(d))
	s.saver.changed()
	s.alarm.tickAll()
}

// SetLatency changes how long requests take from now on.
func (s *Sim) SetLatency(d time.Duration) { s.latency.Store(int64(d)) }

// call is one request on its way through the simulator.
type call struct {
	id      string // Request-Id
	method  string
	path    string
	query   string
	body    string
	header  http.Header
	now     time.Time
	route   *route
	pathID  string
	account *account
	mode    Mode
	entry   *Request
	// base is where the simulator was reached, such as http://127.0.0.1:8082.
	base string
}

// answer is what goes back, unless reset closes the connection instead.
type answer struct {
	status   int
	body     []byte
	header   map[string]string
	reset    bool
	replayed bool
}

// ServeHTTP answers Stripe's paths, and the control API below /_sim/.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isPage(r) {
		s.page(w, r)
		return
	}
	if isControl(r) {
		s.control.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return // the caller went away, or never was a Stripe client
	}
	c := &call{
		id: newID("req_", 14), method: r.Method, path: r.URL.EscapedPath(), query: r.URL.RawQuery,
		body: string(body), header: r.Header, now: s.Now(), base: "http://" + r.Host,
	}
	s.requests.begin(c)
	a := s.serve(c)
	s.requests.end(c, a)
	s.log.Debug("stripe request", "method", c.method, "path", c.path, "status", a.status, "request", c.id)
	s.write(w, c, a)
}

// serve goes the way of Stripe's own layers: key, limiter, idempotency, effect.
func (s *Sim) serve(c *call) answer {
	if err := s.authenticate(c); err != nil {
		return s.refuse(c, err)
	}
	c.route, c.pathID = findRoute(c.method, c.path)
	s.requests.identify(c)
	f := s.faults.take(c)
	if f == nil {
		return s.pass(c, nil)
	}
	a, done := f.arrive(c, s)
	if !done {
		a = s.pass(c, f)
	}
	return f.advise(a)
}

// pass is the way behind the key: limiter, rights, endpoint.
func (s *Sim) pass(c *call, f *fault) answer {
	if err := s.limits.admit(c); err != nil {
		return s.refuse(c, err)
	}
	if c.route == nil {
		return s.refuse(c, unknownURL(c))
	}
	if err := s.authorize(c); err != nil {
		return s.refuse(c, err)
	}
	return s.execute(c, f)
}

func (s *Sim) refuse(c *call, err *apiError) answer {
	a := answer{status: err.status, body: encode(err.body(c)), header: map[string]string{}}
	if err.reason != "" {
		a.header["Stripe-Rate-Limited-Reason"] = err.reason
	}
	return a
}

// write sends the answer. A reset drops the connection without a byte, which
// the client sees as a broken one.
func (s *Sim) write(w http.ResponseWriter, c *call, a answer) {
	if a.reset {
		resetConnection(w)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Request-Id", c.id)
	h.Set("Stripe-Version", Version)
	for _, name := range []string{"Idempotency-Key", "Stripe-Account"} {
		if v := c.header.Get(name); v != "" {
			h.Set(name, v)
		}
	}
	for name, v := range a.header {
		h.Set(name, v)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client may be gone
}

func unknownURL(c *call) *apiError {
	return &apiError{
		status: http.StatusNotFound, typ: typeInvalid,
		message: "Unrecognized request URL (" + c.method + ": " + c.path +
			"). If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. Please see https://stripe.com/docs or we can help at https://support.stripe.com/.",
	}
}
