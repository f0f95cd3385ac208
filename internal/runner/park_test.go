package runner_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/evidence"
	"github.com/golive-hq/golive/internal/journal"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
)

// While Stripe hangs, most of the time is that of the calls. It is no part of a
// schedule's grace, and counts for the hour.
func TestParkCountsCallsThatHang(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	const black, tries = 20 * time.Millisecond, 4
	gateway := stripegw.New(stripegw.Config{APIBase: st.Stripe.URL, ReadTimeout: black})
	st.Open = func(mode catalog.Mode, accountID, key string) evidence.Stripe {
		return gateway.Open(mode, accountID, key)
	}
	d := st.InAnHour(t, simple)
	st.fault(t, stripesim.Hold, "GET", "^/v1/account$")
	st.SweepDue(t, d, 0, 1)
	for cycle := range 2 {
		if got := st.turn(t, d.ID); got.Status != deployment.Validating {
			t.Fatalf("%s %+v", got.Status, got.Error)
		}
		if want, got := time.Duration(cycle+1)*tries*black, st.outage(t, d.ID); got < want {
			t.Errorf("calls hung for %v and more, and %v count", want, got)
		}
	}
}

// Whoever knows what a parked run waits for hears no more of it until that changes,
// or the run gets further; each wait is told by its name.
func TestParkIsToldOnce(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Runner.Backoff.Patience = 0
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	told := len(st.history(t, d.ID)) + 1 // that it is being checked
	for _, at := range []struct {
		kind, method, path string
		status             deployment.Status
		reason             deployment.WaitReason
		told               int
	}{
		{"429:endpoint-rate", "GET", "^/v1/account$", deployment.Validating, deployment.WaitStripeRateLimit, 1},
		{stripesim.Error503, "GET", "^/v1/account$", deployment.Validating, deployment.WaitStripeUnavailable, 1},
		{stripesim.Error503, "POST", "", deployment.Deploying, deployment.WaitStripeUnavailable, 2},
	} {
		st.Stripe.Sim.ClearFaults()
		st.fault(t, at.kind, at.method, at.path)
		told += at.told
		for range 2 {
			got := st.turn(t, d.ID)
			if got.Status != at.status || got.WaitReason == nil || *got.WaitReason != at.reason {
				t.Fatalf("%s waiting for %v", got.Status, got.WaitReason)
			}
			if got := st.history(t, d.ID); len(got) != told || got[told-1] == got[told-2] {
				t.Fatalf("told %q, want %d", got, told)
			}
		}
	}
	st.Stripe.Sim.ClearFaults()
	if end := st.turn(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
	st.history(t, d.ID)
}

// So it is where the reading back waits.
func TestParkInReadingBackIsToldOnce(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	st.Runner.Backoff.Patience = 0
	_, err := st.Stripe.Sim.AddFault(stripesim.Fault{
		Kind: stripesim.Error503, Times: -1, Match: stripesim.Match{Method: "GET", Path: "^/v1/products", Mode: stripesim.Live, Nth: 2},
	})
	must(t, err)
	got := st.turn(t, d.ID)
	told := st.history(t, d.ID)
	if got.Status != deployment.Deploying || got.WaitReason == nil || *got.WaitReason != deployment.WaitStripeUnavailable {
		t.Fatalf("%s, told %q", got.Status, told)
	}
	steps, err := st.Steps(st.As, d.ID)
	must(t, err)
	for _, s := range steps {
		if s.Status != journal.StepDone {
			t.Errorf("step %d is %s", s.Index, s.Status)
		}
	}
	if st.turn(t, d.ID); !slices.Equal(st.history(t, d.ID), told) {
		t.Errorf("told %q after %q", st.history(t, d.ID), told)
	}
	st.Stripe.Sim.ClearFaults()
	if end := st.turn(t, d.ID); end.Status != deployment.Completed {
		t.Errorf("%s %+v", end.Status, end.Error)
	}
}

// An object that Stripe cannot read is waited for as long as one that it cannot write;
// an outage of Stripe's before that is not held against it.
func TestParkForOneObjectIsNoOutage(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{stripesim.Error500, stripesim.Truncated} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			st := newStack(t)
			st.Runner.Backoff.Budget = 10 * time.Minute
			st.Runner.Outages.Budget = time.Hour
			d := st.StartGoLive(t, st.Product(t, simple).ID)
			st.fault(t, stripesim.Error503, "GET", "^/v1/account$")
			st.turn(t, d.ID)
			st.Exec(t, `UPDATE deployments SET outage = '50 minutes' WHERE id = $1`, d.ID)
			for _, at := range []struct{ kind, trouble, status string }{
				{kind, "0", "VALIDATING"},
				{kind, "9 minutes", "VALIDATING"},
				{stripesim.Error503, "10 minutes", "VALIDATING"},
				{kind, "", "VALIDATING"},
				{kind, "10 minutes", "FAILED"},
			} {
				if at.trouble != "" {
					st.Exec(t, `UPDATE deployments SET trouble = $2::text::interval WHERE id = $1`, d.ID, at.trouble)
				}
				st.Stripe.Sim.ClearFaults()
				st.fault(t, at.kind, "GET", "^/v1/account$")
				if got := st.turn(t, d.ID); string(got.Status) != at.status {
					t.Fatalf("%s after %s: %s %+v", at.kind, at.trouble, got.Status, got.Error)
				}
			}
			if end := st.Look(t, d.ID); end.Error.Category != "STRIPE_UNAVAILABLE" || *end.LiveOutcome != deployment.Unchanged {
				t.Errorf("%+v %s", end.Error, *end.LiveOutcome)
			}
		})
	}
}

// Two outages with work done between them are two, and neither lasts an hour.
func TestParkForTwoOutagesDoesNotAddUp(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.Runner.Backoff.Patience = 0
	st.Runner.Outages.Budget = time.Hour
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	for _, at := range []struct {
		method, path string
		status       deployment.Status
	}{
		{"GET", "^/v1/account$", deployment.Validating},
		{"POST", "^/v1/products$", deployment.Deploying},
		{"POST", "^/v1/prices$", deployment.Deploying},
	} {
		st.Stripe.Sim.ClearFaults()
		st.fault(t, stripesim.Error503, at.method, at.path)
		if got := st.turn(t, d.ID); got.Status != at.status || got.Direction != deployment.Forward || got.Error != nil {
			t.Fatalf("%s %s: %s %s %+v", at.method, at.path, got.Status, got.Direction, got.Error)
		}
		st.Exec(t, `UPDATE deployments SET outage = '1 hour' WHERE id = $1`, d.ID)
	}
}

// Operators read in the log why Stripe fails, and with what to ask Stripe about it.
func TestParkIsLoggedWithItsReason(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	var log bytes.Buffer
	st.Log = slog.New(slog.NewJSONHandler(&log, nil))
	d := st.StartGoLive(t, st.Product(t, simple).ID)
	st.fault(t, stripesim.Error503, "GET", "^/v1/account$")
	st.turn(t, d.ID)
	var line struct {
		Level, Category, Error string
		Status                 int
		DeploymentID           string `json:"deployment_id"`
		StripeRequest          string `json:"stripe_request"`
	}
	must(t, json.Unmarshal(log.Bytes(), &line))
	if line.Level != "WARN" || line.DeploymentID != d.ID || line.Category != "STRIPE_UNAVAILABLE" || line.Status != http.StatusServiceUnavailable ||
		!strings.HasPrefix(line.StripeRequest, "req_") || !strings.HasPrefix(line.Error, "Stripe is temporarily unavailable.") {
		t.Errorf("%s", log.String())
	}
}
