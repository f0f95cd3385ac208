package stripegw_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripesim"
)

func TestSendAgainIsAReplay(t *testing.T) {
	t.Parallel()
	s := start(t)
	first, err := s.live.Send(t.Context(), write)
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.live.Send(t.Context(), write)
	if err != nil {
		t.Fatal(err)
	}
	if first.Replayed || !second.Replayed || first.ID != second.ID || first.RequestID == second.RequestID {
		t.Errorf("first %+v, second %+v", first, second)
	}
	var product catalog.Product
	if err := json.Unmarshal(first.Raw, &product); err != nil || product.Name != "Pro" {
		t.Errorf("product %+v, error %v", product, err)
	}
}

func TestBodyAndKeyArriveAsGiven(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := catalog.Write{
		Path: "/v1/products", IdempotencyKey: "golive:0190:a", Epoch: 42,
		Body: "metadata%5Bgolive%5D=%7B%22d%22%3A%221%22%7D&name=Caf%C3%A9+%26+%E2%9C%93&id=prod_chosen",
	}
	if res, err := s.live.Send(t.Context(), r); err != nil || res.ID != "prod_chosen" {
		t.Fatalf("response %+v, error %v", res, err)
	}
	calls := s.calls(t)
	if len(calls) != 1 {
		t.Fatalf("%d calls", len(calls))
	}
	if c := calls[0]; c.Body != r.Body || c.IdempotencyKey != r.IdempotencyKey || c.Epoch != "42" || c.Mode != stripesim.Live {
		t.Errorf("call %+v", c)
	}
	product, err := s.live.Product(t.Context(), "prod_chosen")
	if err != nil || product.Name != "Café & ✓" || product.Metadata["golive"] != `{"d":"1"}` {
		t.Errorf("product %+v, error %v", product, err)
	}
}

func TestDecimalsAndTiersSurviveAWrite(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.seed(t, stripesim.Live, []string{`{"id":"prod_1","name":"One"}`}, nil)
	body := strings.Join([]string{
		"product=prod_1", "currency=usd", "recurring[interval]=month", "billing_scheme=tiered", "tiers_mode=volume",
		"tiers[0][up_to]=10", "tiers[0][flat_amount_decimal]=0", "tiers[0][unit_amount_decimal]=0.123456789012",
		"tiers[1][up_to]=inf", "tiers[1][unit_amount_decimal]=0",
		"currency_options[eur][tiers][0][up_to]=inf", "currency_options[eur][tiers][0][unit_amount_decimal]=99.999999999999",
	}, "&")
	res, err := s.live.Send(t.Context(), catalog.Write{Path: "/v1/prices", Body: body, IdempotencyKey: "golive:1:p"})
	if err != nil {
		t.Fatal(err)
	}
	price, err := s.live.Price(t.Context(), res.ID)
	if err != nil {
		t.Fatal(err)
	}
	ten := int64(10)
	wantSame(t, "tiers", price.Tiers, []catalog.Tier{
		{FlatAmountDecimal: "0", UnitAmountDecimal: "0.123456789012", UpTo: &ten}, {UnitAmountDecimal: "0"},
	})
	wantSame(t, "tiers in euro", price.CurrencyOptions["eur"].Tiers, []catalog.Tier{{UnitAmountDecimal: "99.999999999999"}})
}

func TestEveryFaultOfStripeByKind(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]catalog.Error{
		stripesim.ResetBefore:    {Kind: catalog.KindNetwork},
		stripesim.ResetAfter:     {Kind: catalog.KindNetwork},
		stripesim.LockTimeout:    {Kind: catalog.KindConflict, Status: 429, Code: "lock_timeout"},
		stripesim.Error500:       {Kind: catalog.KindUnavailable, Status: 500, StoredFailure: true},
		stripesim.Stored500:      {Kind: catalog.KindUnavailable, Status: 500, StoredFailure: true},
		stripesim.After500:       {Kind: catalog.KindUnavailable, Status: 500, StoredFailure: true},
		stripesim.Error503:       {Kind: catalog.KindUnavailable, Status: 503},
		stripesim.Truncated:      {Kind: catalog.KindUnavailable, Status: 200},
		"429:endpoint-rate":      {Kind: catalog.KindRateLimit, Status: 429, Code: "rate_limit", LimitReason: "endpoint-rate"},
		"429:global-concurrency": {Kind: catalog.KindRateLimit, Status: 429, Code: "rate_limit", LimitReason: "global-concurrency"},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			warm(t, s)
			set(t, s, stripesim.Fault{Kind: fault, Match: stripesim.Match{Method: "POST"}})
			_, err := s.live.Send(t.Context(), write)
			wantKind(t, err, want.Kind)
			var failed *catalog.Error
			if !errors.As(err, &failed) {
				t.Fatal(err)
			}
			got := catalog.Error{Kind: failed.Kind, Status: failed.Status, Code: failed.Code, LimitReason: failed.LimitReason, StoredFailure: failed.StoredFailure}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if told := failed.RequestID != ""; told != (failed.Status != 0) {
				t.Errorf("request id %q with status %d", failed.RequestID, failed.Status)
			}
			if calls := s.calls(t); len(calls) != 1 {
				t.Errorf("%d calls for one write", len(calls))
			}
		})
	}
}

func TestKeyInUseIsAConflict(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := set(t, s, stripesim.Fault{Kind: stripesim.Hold})
	first := make(chan error, 1)
	go func() {
		_, err := s.live.Send(t.Context(), write)
		first <- err
	}()
	if _, err := s.Sim.Held(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	_, err := s.live.Send(t.Context(), write)
	wantKind(t, err, catalog.KindConflict)
	s.Sim.Release("", false)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestReadsOutliveEveryPassingFault(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{stripesim.ResetBefore, stripesim.LockTimeout, stripesim.Error500, stripesim.Error503, stripesim.Truncated, "429:endpoint-rate"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			s.seed(t, stripesim.Live, []string{proProduct}, proPrices)
			set(t, s, stripesim.Fault{Kind: fault, Times: 2, Match: stripesim.Match{Path: "/v1/prices"}})
			snapshot, err := s.live.Snapshot(t.Context(), "prod_pro", nil)
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, "snapshot", *snapshot, proSnapshot())
		})
	}
}

// warm leaves a connection that served before, which is the kind that net/http
// would repeat a request on, and forgets the call.
func warm(t *testing.T, s bench) {
	t.Helper()
	if _, err := s.live.Balance(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Sim.ClearRequests()
}

func set(t *testing.T, s bench, f stripesim.Fault) (id string) {
	t.Helper()
	id, err := s.Sim.AddFault(f)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
