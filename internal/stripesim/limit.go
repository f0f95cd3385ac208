package stripesim

import (
	"net/http"
	"sync"
	"time"
)

// Limits are requests in any one second; zero is no limit. Stripe documents
// 25 per endpoint, and per account 25 in test and 100 in live mode.
type Limits struct {
	PerAccount  int `json:"per_account_rps"`
	PerEndpoint int `json:"per_endpoint_rps"`
}

// limits count in real time, whatever the simulator's clock says, and in a
// sliding second: that is the strictest reading of what Stripe documents, so
// whoever passes here passes a bucket or fixed windows too.
type limits struct {
	mu      sync.Mutex
	byMode  map[Mode]Limits
	windows map[string]*window
}

// window holds the times of the admitted requests, oldest first.
type window struct{ times []time.Time }

func newLimits() *limits {
	return &limits{byMode: map[Mode]Limits{}, windows: map[string]*window{}}
}

// SetLimits sets the limits of one mode for every account, each counted apart.
func (s *Sim) SetLimits(mode Mode, l Limits) {
	s.limits.mu.Lock()
	defer s.limits.mu.Unlock()
	s.limits.byMode[mode] = l
}

// admit counts the call, or refuses it without counting.
func (l *limits) admit(c *call) *apiError {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit, now := l.byMode[c.mode], time.Now()
	scope := c.account.id + " " + string(c.mode)
	whole := l.window(scope)
	if limit.PerAccount > 0 && whole.count(now) >= limit.PerAccount {
		return rateLimited("global-rate")
	}
	if c.route != nil && limit.PerEndpoint > 0 {
		one := l.window(scope + " " + c.route.endpoint())
		if one.count(now) >= limit.PerEndpoint {
			return rateLimited("endpoint-rate")
		}
		one.times = append(one.times, now)
	}
	if limit.PerAccount > 0 {
		whole.times = append(whole.times, now)
	}
	return nil
}

func (l *limits) window(name string) *window {
	w := l.windows[name]
	if w == nil {
		w = &window{}
		l.windows[name] = w
	}
	return w
}

func (w *window) count(now time.Time) int {
	for len(w.times) > 0 && now.Sub(w.times[0]) >= time.Second {
		w.times = w.times[1:]
	}
	return len(w.times)
}

func rateLimited(reason string) *apiError {
	return &apiError{
		status: http.StatusTooManyRequests, typ: typeInvalid, code: "rate_limit", reason: reason, unstored: true,
		message: "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
	}
}

func lockTimeout() *apiError {
	return &apiError{
		status: http.StatusTooManyRequests, typ: typeInvalid, code: "lock_timeout", unstored: true,
		message: "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request. If you see this error frequently and are making multiple concurrent requests to a single object, make your requests serially or at a lower rate. For more details, see https://stripe.com/docs/rate-limits#object-lock-timeouts.",
	}
}
