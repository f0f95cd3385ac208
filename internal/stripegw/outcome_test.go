package stripegw_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
)

func TestCallsAreCountedByHowTheyEnd(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]stripegw.Outcome{
		stripesim.Delay:       stripegw.OK,
		stripesim.Refused:     stripegw.Refused,
		stripesim.LockTimeout: stripegw.Limited,
		"429:endpoint-rate":   stripegw.Limited,
		stripesim.Error503:    stripegw.Unavailable,
		stripesim.ResetBefore: stripegw.Unavailable,
		stripesim.Truncated:   stripegw.Unavailable,
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			set(t, s, stripesim.Fault{Kind: fault})
			_, _ = s.live.Send(t.Context(), write)
			ended := map[stripegw.Ended]int64{{Mode: catalog.Live, Outcome: want}: 1}
			wantCalls(t, s.gateway, ended)

			// One that was given up says nothing of Stripe.
			given, up := context.WithCancel(t.Context())
			up()
			if _, err := s.test.Balance(given); err == nil {
				t.Error("no error")
			}
			wantCalls(t, s.gateway, ended)
		})
	}
}

func TestAnAnswerThatCannotBeReadIsCountedAsNone(t *testing.T) {
	t.Parallel()
	server := httpServer(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{}`) })
	gateway := stripegw.New(stripegw.Config{APIBase: server})
	_, err := gateway.Open(catalog.Test, "acct_1", testKey).Send(t.Context(), write)
	wantKind(t, err, catalog.KindUnavailable)
	wantCalls(t, gateway, map[stripegw.Ended]int64{{Mode: catalog.Test, Outcome: stripegw.Unavailable}: 1})
}

func wantCalls(t *testing.T, gateway *stripegw.Gateway, want map[stripegw.Ended]int64) {
	t.Helper()
	calls := gateway.Calls()
	if len(calls) != 12 {
		t.Errorf("%d kinds of calls", len(calls))
	}
	for ended, n := range calls {
		if n != want[ended] {
			t.Errorf("%+v: %d, want %d", ended, n, want[ended])
		}
	}
}
