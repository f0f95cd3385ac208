package stripegw_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/stripegw"
	"github.com/golive-hq/golive/internal/stripesim"
)

func TestProveTellsAccountAndMode(t *testing.T) {
	t.Parallel()
	s := start(t)
	for key, livemode := range map[string]bool{s.Account.TestKey: false, s.Account.LiveKey: true} {
		account, balance, err := s.gateway.Prove(t.Context(), key)
		if err != nil || account.ID != s.Account.ID || balance.Livemode != livemode {
			t.Errorf("account %s, live %t, error %v", account.ID, balance.Livemode, err)
		}
	}
}

// Keys come and go for as long as a process runs; those that were disconnected or
// replaced must not stay in its memory.
func TestKeysThatNobodyUsesAreForgotten(t *testing.T) {
	t.Parallel()
	gateway := stripegw.New(stripegw.Config{})
	used := gateway.Open(catalog.Live, "acct_1", testKey)
	for i := range 100 {
		gateway.Open(catalog.Live, "acct_1", fmt.Sprint(testKey, i))
	}
	for deadline := time.Now().Add(time.Minute); gateway.Accounts() > 1; runtime.GC() {
		if time.Now().After(deadline) {
			t.Fatalf("%d accounts are remembered", gateway.Accounts())
		}
	}
	if gateway.Open(catalog.Live, "acct_1", testKey) != used {
		t.Error("one that is in use was opened twice")
	}
	runtime.KeepAlive(used)
}

func TestUnknownIsNotFalse(t *testing.T) {
	t.Parallel()
	s := start(t)
	if err := s.Sim.SetAccount(s.Account.ID, map[string]any{"payouts_enabled": false, "requirements.past_due": []string{"tos_acceptance.date"}}, "charges_enabled"); err != nil {
		t.Fatal(err)
	}
	account, err := s.live.Account(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if account.ChargesEnabled != nil || account.PayoutsEnabled == nil || *account.PayoutsEnabled || account.DetailsSubmitted == nil || !*account.DetailsSubmitted {
		t.Errorf("account %+v", account)
	}
	if len(account.Requirements.PastDue) != 1 || account.Settings.Payments.StatementDescriptor == "" {
		t.Errorf("account %+v", account)
	}
}

func TestKeysThatMayNot(t *testing.T) {
	t.Parallel()
	s := start(t)
	const revoked, expired, restricted = "sk_live_revokedrevokedrevoked", "sk_live_expiredexpiredexpired", "rk_live_restrictedrestricted"
	for _, k := range []stripesim.KeyConfig{
		{Key: revoked, Mode: stripesim.Live, Revoked: true},
		{Key: expired, Mode: stripesim.Live, Expired: true},
		{Key: restricted, Mode: stripesim.Live, Rights: []string{"products:read"}},
	} {
		if err := s.Sim.SetKey(s.Account.ID, k); err != nil {
			t.Fatal(err)
		}
	}
	for key, code := range map[string]string{"sk_live_neverissuedneverissued": "", revoked: "", expired: "api_key_expired", restricted: "more_permissions_required"} {
		_, err := s.gateway.Open(catalog.Live, s.Account.ID, key).Send(t.Context(), write)
		wantKind(t, err, catalog.KindPermission)
		wantNoKey(t, err, key)
		var failed *catalog.Error
		if errors.As(err, &failed) && failed.Code != code {
			t.Errorf("%s: code %q", key, failed.Code)
		}
		_, _, err = s.gateway.Prove(t.Context(), key)
		wantKind(t, err, catalog.KindPermission)
		wantNoKey(t, err, key)
	}
}

func TestWebhookEndpoints(t *testing.T) {
	t.Parallel()
	s := start(t)
	if _, err := s.live.Send(t.Context(), catalog.Write{
		Path: "/v1/webhook_endpoints", IdempotencyKey: "golive:1:w",
		Body: "url=https%3A%2F%2Fshop.example%2Fhook&enabled_events%5B%5D=price.created&api_version=2023-10-16",
	}); err != nil {
		t.Fatal(err)
	}
	endpoints, err := s.live.WebhookEndpoints(t.Context())
	if err != nil || len(endpoints) != 1 {
		t.Fatalf("endpoints %v, error %v", endpoints, err)
	}
	if w := endpoints[0]; w.ID == "" || w.URL != "https://shop.example/hook" || w.Status != "enabled" || w.APIVersion != catalog.APIVersion || len(w.EnabledEvents) != 1 {
		t.Errorf("endpoint %+v", w)
	}
}
