package stripesim

import (
	"maps"
	"net/http"
	"net/url"
	"time"
)

// keyLifetime is how long Stripe keeps a result, at least; then a reused key
// runs anew.
const keyLifetime = 24 * time.Hour

// typeKeyInUse is unverified: sources disagree on the type of the 409.
const typeKeyInUse = typeIdempotency

// textLongKey is unverified.
const textLongKey = "Idempotency keys must be 255 characters or less."

const codeKeyInUse = "idempotency_key_in_use"

// idempotency keeps results by key, for one account and mode.
type idempotency struct {
	byKey map[string]*result
	order []*result // oldest first, for pruning
}

// result is what a key stands for; Status 0 means that it is still running.
type result struct {
	Key       string            `json:"key"`
	Request   string            `json:"request"` // endpoint and parameters
	RequestID string            `json:"request_id"`
	At        time.Time         `json:"at"`
	Status    int               `json:"status"`
	Body      []byte            `json:"body"`
	Header    map[string]string `json:"header,omitempty"`
}

func newIdempotency() *idempotency { return &idempotency{byKey: map[string]*result{}} }

// idempotencyKey is empty for reads and deletes, where Stripe ignores it.
func (c *call) idempotencyKey() string {
	if c.method != http.MethodPost {
		return ""
	}
	return c.header.Get("Idempotency-Key")
}

// fingerprint is the request as Stripe compares it: what, not how it was
// written down.
func (c *call) fingerprint() string {
	query, _ := url.ParseQuery(c.query)
	body, _ := url.ParseQuery(c.body)
	return c.method + " " + c.path + "?" + query.Encode() + "&" + body.Encode()
}

// beginKey claims the call's key; known is true if the answer is there already.
func (s *Sim) beginKey(c *call) (a answer, known bool) {
	key := c.idempotencyKey()
	if key == "" {
		return answer{}, false
	}
	if len(key) > 255 {
		return s.refuse(c, invalid("", "", textLongKey)), true
	}
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	r, err := c.account.store(c.mode).idempotency.begin(key, c)
	switch {
	case err != nil:
		return s.refuse(c, err), true
	case r != nil:
		return r.replay(), true
	default:
		return answer{}, false
	}
}

// begin returns an earlier result, a refusal, or neither: then the key is the
// call's until finish or drop.
func (i *idempotency) begin(key string, c *call) (*result, *apiError) {
	i.prune(c.now)
	r, ok := i.byKey[key]
	switch {
	case !ok:
		r = &result{Key: key, Request: c.fingerprint(), RequestID: c.id, At: c.now}
		i.byKey[key] = r
		i.order = append(i.order, r)
		return nil, nil
	case r.Request != c.fingerprint():
		return nil, &apiError{
			status: http.StatusBadRequest, typ: typeIdempotency, unstored: true,
			message: "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '" + key + "' if you meant to execute a different request.",
		}
	case r.Status == 0:
		return nil, &apiError{
			status: http.StatusConflict, typ: typeKeyInUse, code: codeKeyInUse, unstored: true,
			message: "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): " + key + ". Please try again later.",
		}
	default:
		return r, nil
	}
}

func (r *result) replay() answer {
	header := maps.Clone(r.Header)
	if header == nil {
		header = map[string]string{}
	}
	header["Idempotent-Replayed"] = "true"
	header["Original-Request"] = r.RequestID
	return answer{status: r.Status, body: r.Body, header: header, replayed: true}
}

// finish keeps the answer, or frees the key if the endpoint never began.
func (i *idempotency) finish(c *call, a answer, unstored bool) {
	r, ok := i.byKey[c.idempotencyKey()]
	if !ok || r.RequestID != c.id {
		return
	}
	if unstored {
		delete(i.byKey, r.Key)
		return
	}
	r.Status, r.Body, r.Header = a.status, a.body, a.header
}

// dropKey forgets a call that was lost before it took effect.
func (a *account) dropKey(c *call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.store(c.mode).idempotency.finish(c, answer{}, true)
}

// prune forgets results past their lifetime; one still running stays.
func (i *idempotency) prune(now time.Time) {
	for len(i.order) > 0 {
		r := i.order[0]
		current := i.byKey[r.Key] == r
		if current && (r.Status == 0 || now.Sub(r.At) < keyLifetime) {
			return
		}
		if current {
			delete(i.byKey, r.Key)
		}
		i.order = i.order[1:]
	}
}
