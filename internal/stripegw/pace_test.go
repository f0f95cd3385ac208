package stripegw_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripegw"
)

// never is a rate with one call now and no other within any test.
const never = 1e-6

func TestOnlyTheBusyEndpointWaits(t *testing.T) {
	t.Parallel()
	gateway := paced(t, stripegw.Rates{Endpoint: never})
	first := gateway.Open(catalog.Live, "acct_1", testKey)
	mustPass(t, first, "/v1/prices/price_1")
	mustWait(t, first, "/v1/prices/price_2")
	mustPass(t, first, "/v1/prices")
	mustPass(t, first, "/v1/products/prod_1")
	mustPass(t, gateway.Open(catalog.Test, "acct_1", testKey), "/v1/prices/price_1")
	mustPass(t, gateway.Open(catalog.Live, "acct_2", testKey), "/v1/prices/price_1")
	mustWait(t, gateway.Open(catalog.Live, "acct_1", "another key"), "/v1/prices/price_1")
}

func TestAccountsAreBoundByMode(t *testing.T) {
	t.Parallel()
	gateway := paced(t, stripegw.Rates{Live: never, Test: 1000})
	live, test := gateway.Open(catalog.Live, "acct_1", testKey), gateway.Open(catalog.Test, "acct_1", testKey)
	mustPass(t, live, "/v1/prices")
	mustWait(t, live, "/v1/products")
	mustPass(t, test, "/v1/prices")
	mustPass(t, test, "/v1/products")
}

func TestWhoWaitsForAnEndpointHoldsNoSlotOfTheAccount(t *testing.T) {
	t.Parallel()
	a := paced(t, stripegw.Rates{Live: 2, Endpoint: never}).Open(catalog.Live, "acct_1", testKey)
	mustPass(t, a, "/v1/prices")
	mustWait(t, a, "/v1/prices")
	mustPass(t, a, "/v1/products")
}

func paced(t *testing.T, rates stripegw.Rates) *stripegw.Gateway {
	t.Helper()
	server := httpServer(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"id":"x"}`) })
	return stripegw.New(stripegw.Config{APIBase: server, Rates: rates})
}

func mustPass(t *testing.T, a *stripegw.Account, path string) {
	t.Helper()
	if err := sendWithin(t, a, path); err != nil {
		t.Errorf("%s: %v", path, err)
	}
}

func mustWait(t *testing.T, a *stripegw.Account, path string) {
	t.Helper()
	if err := sendWithin(t, a, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%s did not wait: %v", path, err)
	}
}

// sendWithin gives a call a minute; who would wait longer is told at once.
func sendWithin(t *testing.T, a *stripegw.Account, path string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := a.Send(ctx, stripegw.Request{Path: path, IdempotencyKey: "golive:1:a"})
	return err
}
