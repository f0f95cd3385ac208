package stripesim

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// heldTimeout is how long GET /_sim/held waits unless told otherwise.
const heldTimeout = 30 * time.Second

func isControl(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/_sim/") }

// control is the simulator's remote control, JSON in and out:
//
//	POST   /_sim/accounts             AccountConfig -> Account
//	GET    /_sim/accounts             all accounts with their keys
//	PATCH  /_sim/accounts/{id}        {set, omit}, see SetAccount
//	PUT    /_sim/accounts/{id}/keys   KeyConfig, see SetKey
//	POST   /_sim/faults               Fault -> {id}; GET lists, DELETE clears, with ?id=ID that one
//	GET    /_sim/held                 ?fault=ID&timeout=10s waits for held requests
//	POST   /_sim/release              {id, drop}, see Release -> {released}
//	GET    /_sim/requests             ?method&path&account&mode&writes=true&after&count=true; DELETE clears
//	POST   /_sim/clock                {advance: "25h"} -> {now}; GET tells
//	PUT    /_sim/latency              {latency: "120ms"}
//	PUT    /_sim/limits               {mode, per_account_rps, per_endpoint_rps}, both modes without mode
//	GET    /_sim/state                ?account&mode -> State; PUT replaces it, POST adds to it
//	POST   /_sim/pay                  {id, method}, see Pay
//	POST   /_sim/authenticate         {id, succeed}, see Authenticate
//	POST   /_sim/settle               {id, succeed}, see Settle
//	POST   /_sim/expire               {id}, see Expire
//	POST   /_sim/disable              {id}, see Disable
//	POST   /_sim/refund               {id, amount}, see Refund -> {id}
//	POST   /_sim/dispute              {id} and Dispute -> {id}
//	POST   /_sim/decide               {id, outcome}, see Decide
//	POST   /_sim/payout               {account, mode} -> {ids}
//	POST   /_sim/adjust               {account, mode, currency, amount, type} -> {id}
//	PUT    /_sim/booking              {seconds}, see SetBookingDelay
//	PUT    /_sim/delivery             Delivery
//	POST   /_sim/deliver              {account, mode, events}, see Deliver -> attempts
//	GET    /_sim/attempts             all attempts to deliver
//	GET    /_sim/delivered            waits until what is due has been tried
type control struct{ sim *Sim }

func (c control) routes() http.Handler {
	mux := http.NewServeMux()
	handlers := map[string]func(*http.Request) (any, error){
		"POST /_sim/accounts":          c.postAccount,
		"GET /_sim/accounts":           func(*http.Request) (any, error) { return c.sim.Accounts(), nil },
		"PATCH /_sim/accounts/{id}":    c.patchAccount,
		"PUT /_sim/accounts/{id}/keys": c.putKey,
		"POST /_sim/faults":            c.postFault,
		"GET /_sim/faults":             func(*http.Request) (any, error) { return c.sim.Faults(), nil },
		"DELETE /_sim/faults":          c.deleteFaults,
		"GET /_sim/held":               c.getHeld,
		"POST /_sim/release":           c.postRelease,
		"GET /_sim/requests":           c.getRequests,
		"DELETE /_sim/requests":        func(*http.Request) (any, error) { c.sim.ClearRequests(); return nil, nil },
		"GET /_sim/clock":              func(*http.Request) (any, error) { return map[string]any{"now": c.sim.Now()}, nil },
		"POST /_sim/clock":             c.postClock,
		"PUT /_sim/latency":            c.putLatency,
		"PUT /_sim/limits":             c.putLimits,
		"GET /_sim/state":              c.getState,
		"PUT /_sim/state":              c.putState,
		"POST /_sim/state":             c.putState,
	}
	maps.Copy(handlers, c.paymentRoutes())
	for pattern, handle := range handlers {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxStateBody)
			result, err := handle(r)
			respond(w, result, err)
		})
	}
	return mux
}

func respond(w http.ResponseWriter, result any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		result = map[string]string{"error": err.Error()}
	} else if result == nil {
		result = map[string]any{}
	}
	_, _ = w.Write(encode(result)) // the client may be gone
}

// readJSON refuses unknown fields, so that a typo in a test is an error and
// not a fault that never hits.
func readJSON[T any](r *http.Request) (T, error) {
	var v T
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, fmt.Errorf("stripesim: body of %s %s: %w", r.Method, r.URL.Path, err)
	}
	return v, nil
}

func (c control) postAccount(r *http.Request) (any, error) {
	config, err := readJSON[AccountConfig](r)
	if err != nil {
		return nil, err
	}
	return c.sim.AddAccount(config), nil
}

// Accounts lists all accounts, by id.
func (s *Sim) Accounts() []Account {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := []Account{}
	for _, a := range s.accounts {
		a.mu.Lock()
		all = append(all, Account{ID: a.id, TestKey: a.config.TestKey, LiveKey: a.config.LiveKey})
		a.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b Account) int { return strings.Compare(a.ID, b.ID) })
	return all
}

func (c control) patchAccount(r *http.Request) (any, error) {
	change, err := readJSON[struct {
		Set  map[string]any `json:"set"`
		Omit []string       `json:"omit"`
	}](r)
	if err != nil {
		return nil, err
	}
	return nil, c.sim.SetAccount(r.PathValue("id"), change.Set, change.Omit...)
}

func (c control) putKey(r *http.Request) (any, error) {
	k, err := readJSON[KeyConfig](r)
	if err != nil {
		return nil, err
	}
	return nil, c.sim.SetKey(r.PathValue("id"), k)
}

func (c control) postFault(r *http.Request) (any, error) {
	f, err := readJSON[Fault](r)
	if err != nil {
		return nil, err
	}
	id, err := c.sim.AddFault(f)
	return map[string]string{"id": id}, err
}

func (c control) deleteFaults(r *http.Request) (any, error) {
	if id := r.FormValue("id"); id != "" {
		c.sim.RemoveFault(id)
	} else {
		c.sim.ClearFaults()
	}
	return nil, nil
}

func (c control) getHeld(r *http.Request) (any, error) {
	timeout := heldTimeout
	if t := r.FormValue("timeout"); t != "" {
		var err error
		if timeout, err = time.ParseDuration(t); err != nil {
			return nil, fmt.Errorf("stripesim: timeout: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	return c.sim.Held(ctx, r.FormValue("fault"))
}

func (c control) postRelease(r *http.Request) (any, error) {
	release, err := readJSON[struct {
		ID   string `json:"id"`
		Drop bool   `json:"drop"`
	}](r)
	if err != nil {
		return nil, err
	}
	return map[string]int{"released": c.sim.Release(release.ID, release.Drop)}, nil
}

func (c control) getRequests(r *http.Request) (any, error) {
	after, _ := strconv.Atoi(r.FormValue("after"))
	found, err := c.sim.Requests(RequestFilter{
		Method: r.FormValue("method"), Path: r.FormValue("path"), Account: r.FormValue("account"),
		Mode: Mode(r.FormValue("mode")), Writes: r.FormValue("writes") == "true", After: after,
	})
	if err == nil && r.FormValue("count") == "true" {
		return map[string]int{"count": len(found)}, nil
	}
	return found, err
}

func (c control) postClock(r *http.Request) (any, error) {
	move, err := readJSON[struct {
		Advance string `json:"advance"`
	}](r)
	if err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(move.Advance)
	if err != nil {
		return nil, fmt.Errorf("stripesim: advance: %w", err)
	}
	c.sim.Advance(d)
	return map[string]any{"now": c.sim.Now()}, nil
}

func (c control) putLatency(r *http.Request) (any, error) {
	set, err := readJSON[struct {
		Latency string `json:"latency"`
	}](r)
	if err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(set.Latency)
	if err != nil {
		return nil, fmt.Errorf("stripesim: latency: %w", err)
	}
	c.sim.SetLatency(d)
	return nil, nil
}

func (c control) putLimits(r *http.Request) (any, error) {
	set, err := readJSON[struct {
		Mode Mode `json:"mode"`
		Limits
	}](r)
	if err != nil {
		return nil, err
	}
	if set.Mode != Live {
		c.sim.SetLimits(Test, set.Limits)
	}
	if set.Mode != Test {
		c.sim.SetLimits(Live, set.Limits)
	}
	return nil, nil
}

func (c control) getState(r *http.Request) (any, error) {
	return c.sim.Dump(r.FormValue("account"), Mode(r.FormValue("mode")))
}

func (c control) putState(r *http.Request) (any, error) {
	state, err := readJSON[State](r)
	if err != nil {
		return nil, err
	}
	id, mode := r.FormValue("account"), Mode(r.FormValue("mode"))
	if r.Method == http.MethodPost {
		return nil, c.sim.Add(id, mode, state)
	}
	return nil, c.sim.Load(id, mode, state)
}
