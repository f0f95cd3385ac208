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

func TestCallsKeepTheirPace(t *testing.T) {
	t.Parallel()
	server := httpServer(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"id":"prod_1"}`) })
	for name, rates := range map[string]stripegw.Rates{"account": {Live: 2}, "endpoint": {Endpoint: 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := stripegw.New(stripegw.Config{APIBase: server, Rates: rates}).Open(catalog.Live, "acct_1", testKey)
			start := time.Now()
			for range 3 {
				if _, err := a.Send(t.Context(), write); err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(start); took < time.Second {
				t.Errorf("three calls at two a second took %s", took)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := a.Send(ctx, write); !errors.Is(err, context.Canceled) {
				t.Errorf("waiting went on after the end of the context: %v", err)
			}
		})
	}
}
