package connection_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
)

func TestConnect(t *testing.T) {
	t.Parallel()
	b := connected(t)
	list, err := b.List(as(b.acme, tenant.RoleViewer), b.acme.ID)
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	if c := list[0]; c.Mode != catalog.Test || c.AccountID != "acct_1" || c.KeyHint != "sk_test_…mnop" || c.ConnectedAt.IsZero() {
		t.Errorf("%+v", c)
	}
	if list[1].Mode != catalog.Live || list[1].KeyHint != "sk_live_…cdef" {
		t.Errorf("%+v", list[1])
	}
	if got := actions(t, b); got != "[stripe.connected by ann@acme.test stripe.connected by ann@acme.test tenant.created by operator]" {
		t.Error(got)
	}
}

func TestConnectNeedsAnAdmin(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.makeTenant(t, "other")
	b.Prove = func(context.Context, string) (connection.Proof, error) {
		t.Error("Stripe was asked")
		return connection.Proof{}, nil
	}
	in := connection.Input{TenantID: b.acme.ID, Mode: catalog.Test, SecretKey: testKey}
	for ctx, want := range map[context.Context]fault.Code{
		as(b.acme, tenant.RoleDeployer): fault.Forbidden,
		as(other, tenant.RoleAdmin):     fault.NotFound,
		context.Background():            fault.Unauthenticated,
	} {
		_, err := b.Connect(ctx, in)
		wantCode(t, err, want)
		wantCode(t, b.Disconnect(ctx, b.acme.ID, catalog.Test), want)
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Prove = func(_ context.Context, key string) (connection.Proof, error) {
		switch {
		case strings.Contains(key, "liar"):
			return connection.Proof{Account: catalog.Account{ID: "acct_1"}, Livemode: strings.HasPrefix(key, "sk_test")}, nil
		case strings.Contains(key, "poor"):
			return connection.Proof{}, &catalog.Error{Kind: catalog.KindPermission, Status: 403, Message: "The provided key 'rk_test_***r' does not have the required permissions for this endpoint"}
		case strings.Contains(key, "down"):
			return connection.Proof{}, &catalog.Error{Kind: catalog.KindUnavailable, Status: 503}
		case strings.Contains(key, "busy"):
			return connection.Proof{}, &catalog.Error{Kind: catalog.KindRateLimit, Status: 429}
		case strings.Contains(key, "lost"):
			return connection.Proof{}, fmt.Errorf("balance: %w", &catalog.Error{Kind: catalog.KindNetwork, Message: "connection refused"})
		case strings.Contains(key, "nobody"):
			return connection.Proof{}, nil
		}
		return connection.Proof{}, &catalog.Error{Kind: catalog.KindPermission, Status: 401, Message: "Invalid API Key provided"}
	}
	for _, bad := range []struct {
		mode catalog.Mode
		key  string
		code fault.Code
		says string // what the sentence names
	}{
		{catalog.Test, "", fault.StripeKeyInvalid, "sk_live_"},
		{catalog.Test, "whsec_abcdefghijkl", fault.StripeKeyInvalid, "sk_live_"},
		{catalog.Test, "sk_test_", fault.StripeKeyInvalid, "sk_live_"},
		{catalog.Test, "sk_test_abc def", fault.StripeKeyInvalid, "a space"},
		{catalog.Test, "sk_test_abc\r\nX: y", fault.StripeKeyInvalid, "a space"},
		{catalog.Test, "rk_test_abc\u200bdef", fault.StripeKeyInvalid, "invisible"},
		{catalog.Live, "sk_org_live_abcdefgh", fault.StripeKeyInvalid, "organization"},
		{catalog.Test, "sk_org_test_abcdefgh", fault.StripeKeyInvalid, "organization"},
		{catalog.Test, " pk_test_abcdefghijkl", fault.StripeKeyInvalid, "pk_…"},
		{catalog.Test, "\tsk_live_abcdefghijkl\n", fault.StripeKeyInvalid, "live mode"},
		{catalog.Test, "sk_test_" + strings.Repeat("a", 500), fault.StripeKeyInvalid, "sk_live_"},
		{catalog.Test, "pk_test_abcdefghijkl", fault.StripeKeyInvalid, "pk_…"},
		{catalog.Test, "sk_live_abcdefghijkl", fault.StripeKeyInvalid, "live mode"},
		{catalog.Test, "rk_live_abcdefghijkl", fault.StripeKeyInvalid, "live mode"},
		{catalog.Live, "sk_test_abcdefghijkl", fault.StripeKeyInvalid, "test mode"},
		{catalog.Live, "rk_test_abcdefghijkl", fault.StripeKeyInvalid, "test mode"},
		{catalog.Test, "sk_test_liarliarliar", fault.StripeKeyInvalid, "test mode"},
		{catalog.Live, "sk_live_liarliarliar", fault.StripeKeyInvalid, "live mode"},
		{catalog.Test, "sk_test_unknownunkno", fault.StripeKeyInvalid, ""},
		{catalog.Test, "rk_test_poorpoorpoor", fault.StripeKeyInvalid, "required permissions"},
		{catalog.Test, "sk_test_downdowndown", fault.StripeUnavailable, ""},
		{catalog.Test, "sk_test_busybusybusy", fault.StripeUnavailable, ""},
		{catalog.Test, "sk_test_lostlostlost", fault.StripeUnavailable, ""},
		{catalog.Test, "sk_test_nobodynobody", fault.Internal, ""},
	} {
		b.later(t)
		_, err := b.Connect(b.ctx(), connection.Input{TenantID: b.acme.ID, Mode: bad.mode, SecretKey: bad.key})
		wantCode(t, err, bad.code)
		if err == nil || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("%s: %v", bad.key, err)
		}
		if f := fault.As(err); bad.code == fault.StripeKeyInvalid && fmt.Sprint(f.Field) != "[input secretKey]" {
			t.Errorf("%s: field %v", bad.key, f.Field)
		}
		if body := bad.key[min(8, len(bad.key)):]; body != "" && leaks(err, body) {
			t.Errorf("the error quotes the key: %v", err)
		}
	}
	if n := scalar[int](t, b.DB, `SELECT count(*) FROM stripe_connections`); n != 0 {
		t.Errorf("%d keys were stored", n)
	}
}

// Whoever guesses keys has a few, and asks Stripe for nothing beyond.
func TestKeysHaveAQuota(t *testing.T) {
	t.Parallel()
	b := setup(t)
	asked := 0
	b.Prove = func(context.Context, string) (connection.Proof, error) {
		asked++
		return connection.Proof{}, &catalog.Error{Kind: catalog.KindPermission, Status: 401, Message: "Invalid API Key provided"}
	}
	for i := range 20 {
		_, err := b.Connect(b.ctx(), connection.Input{TenantID: b.acme.ID, Mode: catalog.Test, SecretKey: "sk_test_guessguessgue"})
		want := fault.StripeKeyInvalid
		if i >= 5 {
			want = fault.RateLimited
		}
		wantCode(t, err, want)
	}
	if asked != 5 {
		t.Errorf("Stripe was asked %d times", asked)
	}
	// What can be no key counts, too: each is told in the log.
	_, err := b.Connect(b.ctx(), connection.Input{TenantID: b.acme.ID, Mode: catalog.Test, SecretKey: "pk_test_abcdefghijkl"})
	wantCode(t, err, fault.RateLimited)
}

// Keys that are refused are told in the log, also where nobody waits for the answer any
// more; what says nothing of a key is not.
func TestRefusedKeysAreTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	told := func() int {
		return scalar[int](t, b.DB, `SELECT count(*) FROM audit_log WHERE action = 'stripe.connect_refused'`)
	}
	ctx, hangUp := context.WithCancel(b.ctx())
	defer hangUp()
	kind := catalog.KindUnavailable
	b.Prove = func(context.Context, string) (connection.Proof, error) {
		if kind == catalog.KindPermission {
			hangUp()
		}
		return connection.Proof{}, &catalog.Error{Kind: kind, Status: 401, Message: "no"}
	}
	key := connection.Input{TenantID: b.acme.ID, Mode: catalog.Test, SecretKey: "sk_test_abcdefghijkl"}
	_, err := b.Connect(ctx, key)
	wantCode(t, err, fault.StripeUnavailable)
	if told() != 0 {
		t.Error("an outage was told as a refusal")
	}
	kind = catalog.KindPermission
	_, err = b.Connect(ctx, key)
	wantCode(t, err, fault.StripeKeyInvalid)
	if told() != 1 {
		t.Errorf("%d refusals were told", told())
	}
}

// leaks looks at everything a log would show of err, causes too.
func leaks(err error, secret string) bool {
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Error("failed", "error", err)
	for ; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintf(&out, "%v %+v %#v", err, err, err)
	}
	return strings.Contains(out.String(), secret)
}

// What is copied along with a key is not part of it.
func TestConnectTrimsWhatIsUnseen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Prove = proves(map[string]string{testKey: "acct_1"})
	for _, key := range []string{testKey + "\n", " " + testKey, testKey + "\u00a0", testKey + "\r\n", "\ufeff" + testKey, "\u200b" + testKey + "\u2060"} {
		b.later(t)
		b.connect(t, catalog.Test, key)
		b.opens(t, catalog.Test, testKey)
	}
}

func TestStoredKeysCannotBeRead(t *testing.T) {
	t.Parallel()
	b := connected(t)
	stored := scalar[string](t, b.DB, `SELECT concat((SELECT json_agg(c) FROM stripe_connections c), (SELECT json_agg(a) FROM audit_log a),
		(SELECT string_agg(encode(sealed_key, 'escape'), ' ') FROM stripe_connections))`)
	for _, key := range []string{testKey, liveKey} {
		if strings.Contains(stored, key) || strings.Contains(stored, key[8:len(key)-4]) || strings.Contains(stored, fmt.Sprintf("%x", key)) {
			t.Errorf("%s can be read in %s", key, stored)
		}
	}
}

func TestNoTransactionIsOpenWhileStripeIsAsked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Prove = func(context.Context, string) (connection.Proof, error) {
		// A pool takes a connection back behind whoever has released it.
		domaintest.Until(t, "no connection is in use", func() bool { return b.DB.Stat().AcquiredConns() == 0 })
		return connection.Proof{Account: catalog.Account{ID: "acct_1"}}, nil
	}
	b.connect(t, catalog.Test, testKey)
}

func TestAConnectionAndItsAuditEntryAreOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Prove = proves(map[string]string{testKey: "acct_1"})
	exec(t, b.DB, `ALTER TABLE audit_log ADD CHECK (action <> 'stripe.connected')`)
	if _, err := b.Connect(b.ctx(), connection.Input{TenantID: b.acme.ID, Mode: catalog.Test, SecretKey: testKey}); err == nil {
		t.Error("connected without an audit entry")
	}
	if n := scalar[int](t, b.DB, `SELECT count(*) FROM stripe_connections`); n != 0 {
		t.Error("the key was stored")
	}
}

func TestTestAndLiveAreOneAccountUnlessAllowed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sandboxNew := "sk_test_51SandboxRolledKey"
	b.Prove = proves(map[string]string{testKey: "acct_sandbox", sandboxNew: "acct_sandbox", liveKey: "acct_1"})
	b.connect(t, catalog.Live, liveKey)
	in := connection.Input{TenantID: b.acme.ID, Mode: catalog.Test, SecretKey: testKey}
	_, err := b.Connect(b.ctx(), in)
	wantCode(t, err, fault.InvalidInput)
	if !strings.Contains(err.Error(), "acct_sandbox") || !strings.Contains(err.Error(), "acct_1") {
		t.Error(err)
	}
	in.AllowDifferentAccount = true
	if _, err := b.Connect(b.ctx(), in); err != nil {
		t.Fatal(err)
	}
	// A rolled key of the account that is connected asks nothing again.
	b.connect(t, catalog.Test, sandboxNew)
}

func TestConcurrentConnectsCannotSlipPastTheAccountGuard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Prove = proves(map[string]string{testKey: "acct_sandbox", liveKey: "acct_1"})
	errs := make([]error, 2)
	var group sync.WaitGroup
	for i, in := range []connection.Input{{Mode: catalog.Test, SecretKey: testKey}, {Mode: catalog.Live, SecretKey: liveKey}} {
		in.TenantID = b.acme.ID
		group.Go(func() { _, errs[i] = b.Connect(b.ctx(), in) })
	}
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("%v / %v; want one of two", errs[0], errs[1])
	}
}

// Who tries keys that are not theirs is seen, without the key.
func TestRefusedConnectsAreAudited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, key := range []string{testKey, "no key at all", liveKey + "wrong"} {
		if _, err := b.Connect(as(b.acme, tenant.RoleAdmin), connection.Input{TenantID: b.acme.ID, Mode: catalog.Live, SecretKey: key}); err == nil {
			t.Errorf("%q was connected", key)
		}
	}
	page, err := b.tenants.AuditLog(as(b.acme, tenant.RoleAdmin), audit.Filter{TenantID: b.acme.ID, Action: new("stripe.connect_refused")}, 10, "")
	if err != nil || len(page.Entries) != 3 {
		t.Fatal(page, err)
	}
	for i, hint := range []string{"sk_live_…rong", "", ""} {
		if details := page.Entries[i].Details.(map[string]any); details["keyHint"] != hint || details["code"] != "STRIPE_KEY_INVALID" || details["mode"] != "LIVE" {
			t.Errorf("%v", details)
		}
	}
}
