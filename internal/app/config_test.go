package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/ratelimit"
	"github.com/golive-hq/golive/internal/seal"
)

const databaseURL = "postgres://golive:hunter2@db:5432/golive"

func environment(t *testing.T, changes map[string]string) app.Lookup {
	t.Helper()
	keys, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"DATABASE_URL": databaseURL, "GOLIVE_SEALING_KEYS": keys}
	for name, value := range changes {
		env[name] = value
	}
	return func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := app.Load(environment(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	if c.Keys == nil || c.DatabaseURL.Reveal() != databaseURL {
		t.Error("the required variables were not read")
	}
	got := []string{c.Addr, c.WorkerAddr, c.AdminAddr, c.PublicURL, c.StripeAPIBase, c.SMTPURL.Reveal(), c.LogFormat}
	want := []string{"127.0.0.1:8080", "127.0.0.1:8081", "127.0.0.1:9090", "http://127.0.0.1:8080", "https://api.stripe.com", "", "text"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if c.Rates != ratelimit.DefaultRates {
		t.Errorf("%+v", c.Rates)
	}
}

func TestSignInSettings(t *testing.T) {
	t.Parallel()
	c, err := app.Load(environment(t, map[string]string{
		"GOLIVE_OIDC_ISSUER": "http://dex.localhost:5556/dex/", "GOLIVE_OIDC_CLIENT_ID": "golive", "GOLIVE_OIDC_CLIENT_SECRET": "hush",
		"GOLIVE_OIDC_NAME": "Dex", "GOLIVE_OIDC_TRUST_EMAIL": "true",
	}))
	want := identity.Issuer{URL: "http://dex.localhost:5556/dex/", Name: "Dex", ClientID: "golive", ClientSecret: "hush", TrustEmail: true}
	if err != nil || c.Issuer != want {
		t.Errorf("%+v, %v", c.Issuer, err)
	}
}

func TestOnlyThePagesDocumentsRunWhereThatIsWanted(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"": false, "false": false, "true": true} {
		if c, err := app.Load(environment(t, map[string]string{"GOLIVE_GRAPHQL_TRUSTED_ONLY": value})); err != nil || c.TrustedOnly != want {
			t.Errorf("%q: %v, %v", value, c.TrustedOnly, err)
		}
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	c, err := app.Load(environment(t, map[string]string{"GOLIVE_RATE_LIVE": "400", "GOLIVE_RATE_TEST": "10", "GOLIVE_RATE_ENDPOINT": "1"}))
	if want := (ratelimit.Rates{Live: 400, Test: 10, Endpoint: 1}); err != nil || c.Rates != want {
		t.Errorf("%+v, %v", c.Rates, err)
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := app.Load(environment(t, map[string]string{
		"DATABASE_URL":                "",
		"GOLIVE_SEALING_KEYS":         "nonsense",
		"GOLIVE_ADDR":                 "8080",
		"GOLIVE_WORKER_ADDR":          "localhost:http-alt",
		"GOLIVE_ADMIN_ADDR":           "9090",
		"GOLIVE_TRUSTED_PROXIES":      "10.0.0.0/8, proxy",
		"GOLIVE_TLS_CERT":             "/nowhere/cert.pem",
		"GOLIVE_TLS_KEY":              "/nowhere/key.pem",
		"GOLIVE_PUBLIC_URL":           "golive.example.com",
		"GOLIVE_STRIPE_API_BASE":      "ftp://stripe",
		"GOLIVE_SMTP_URL":             "smtp://golive:hunter2@mail:port",
		"GOLIVE_MAIL_FROM":            "nobody",
		"GOLIVE_OIDC_ISSUER":          "http://login.example.com",
		"GOLIVE_OIDC_CLIENT_ID":       "go live",
		"GOLIVE_OIDC_CLIENT_SECRET":   "hunter2 hunter2",
		"GOLIVE_OIDC_NAME":            strings.Repeat("x", 61),
		"GOLIVE_OIDC_TRUST_EMAIL":     "yes",
		"GOLIVE_GRAPHQL_TRUSTED_ONLY": "perhaps",
		"GOLIVE_LOG":                  "xml",
		"GOLIVE_LEASE":                "1ms",
		"GOLIVE_AUDIT_KEEP":           "2y",
		"GOLIVE_CALLER_RATES":         "slow",
		"GOLIVE_EVENTS_KEEP":          "2y",
		"GOLIVE_RATE_LIVE":            "0",
		"GOLIVE_RATE_TEST":            "1001",
		"GOLIVE_RATE_ENDPOINT":        "many",
	}))
	faults := app.Faults(err)
	if len(faults) != len(app.Variables) {
		t.Errorf("%d faults of %d: %q", len(faults), len(app.Variables), faults)
	}
	for i, f := range faults {
		if !strings.HasPrefix(f, app.Variables[i].Name+" ") {
			t.Errorf("fault %d does not begin with its variable: %s", i, f)
		}
		if strings.Contains(f, "hunter2") || strings.Contains(f, "\n") {
			t.Errorf("not one sentence without secrets: %q", f)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		set   map[string]string
		names []string // the variable, with which it begins, and what else it names
	}{
		"both":           {map[string]string{"DATABASE_URL_FILE": "/run/secrets/db"}, []string{"DATABASE_URL ", "DATABASE_URL_FILE"}},
		"file missing":   {map[string]string{"DATABASE_URL": "", "DATABASE_URL_FILE": "/nowhere/db"}, []string{"DATABASE_URL_FILE ", "/nowhere/db"}},
		"file empty":     {map[string]string{"DATABASE_URL": "", "DATABASE_URL_FILE": empty}, []string{"DATABASE_URL_FILE ", empty}},
		"no port":        {map[string]string{"GOLIVE_ADDR": "0.0.0.0"}, []string{"GOLIVE_ADDR ", `"0.0.0.0"`}},
		"port too large": {map[string]string{"GOLIVE_ADDR": ":65536"}, []string{"GOLIVE_ADDR ", `":65536"`}},
		"tls":            {map[string]string{"GOLIVE_SMTP_URL": "smtp://mail:25?tls=maybe"}, []string{"GOLIVE_SMTP_URL ", "tls=mandatory", "tls=none"}},
		"no client":      {map[string]string{"GOLIVE_OIDC_ISSUER": "https://login.example.com"}, []string{"GOLIVE_OIDC_CLIENT_ID "}},
		"plain http":     {map[string]string{"GOLIVE_OIDC_ISSUER": "https://login.example.com", "GOLIVE_OIDC_CLIENT_ID": "x", "GOLIVE_PUBLIC_URL": "http://golive.example.com"}, []string{"GOLIVE_PUBLIC_URL ", "https"}},
		"password":       {map[string]string{"DATABASE_URL": "postgres://golive:hunter%2@db/golive"}, []string{"DATABASE_URL ", "percent-encoded"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := app.Load(environment(t, c.set))
			faults := app.Faults(err)
			if len(faults) != 1 || !strings.HasPrefix(faults[0], c.names[0]) {
				t.Fatalf("got %q, want one fault of %s", faults, c.names[0])
			}
			wantError(t, err, c.names...)
		})
	}
}

func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{"DATABASE_URL": databaseURL, "GOLIVE_SEALING_KEYS": keys, "GOLIVE_SMTP_URL": "smtp://mail:25"}
	set := map[string]string{}
	for name, value := range secrets {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		set[name], set[name+"_FILE"] = "", path
	}
	c, err := app.Load(environment(t, set))
	if err != nil {
		t.Fatal(err)
	}
	if c.DatabaseURL.Reveal() != databaseURL || c.Keys == nil || c.SMTPURL.Reveal() != "smtp://mail:25" {
		t.Error("a secret was not read from its file")
	}
	text, _, err := app.LoadKeys(environment(t, set))
	if err != nil || text.Reveal() != keys {
		t.Errorf("keys from a file: %v", err)
	}
}

func TestDatabaseURLAlone(t *testing.T) {
	t.Parallel()
	url, err := app.LoadDatabaseURL(environment(t, map[string]string{"GOLIVE_SEALING_KEYS": "", "GOLIVE_ADDR": "wrong"}))
	if err != nil || url.Reveal() != databaseURL {
		t.Errorf("got %v, %v", url, err)
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	c, err := app.Load(environment(t, map[string]string{"GOLIVE_SMTP_URL": "smtp://golive:hunter2@mail:25", "GOLIVE_OIDC_CLIENT_SECRET": "hunter2"}))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("starting", "config", c)
	slog.New(slog.NewTextHandler(&log, nil)).Info("starting", "config", c, "url", c.DatabaseURL)
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	shown := log.String() + string(encoded) + fmt.Sprintf("%v %+v %#v %s", c, c, c, c.DatabaseURL)
	if strings.Contains(shown, "hunter2") {
		t.Errorf("a secret is shown: %s", shown)
	}
	if !strings.Contains(shown, "127.0.0.1:8080") {
		t.Error("nothing is shown at all")
	}
}
