package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/devstack"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	if line := golive(t, nil, "--version").line(t); !strings.HasPrefix(line, "golive ") {
		t.Error(line)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	golive(t, nil, "tenant", "create").fails(t, exitUsage)
	golive(t, nil, "frobnicate").fails(t, exitUsage, "golive --help")
	golive(t, nil, "token", "create", "--tenant=a", "--email=a@b", "--role=owner").fails(t, exitUsage, "viewer")
}

func TestDatabaseCommandsNeedTheDatabaseAlone(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"migrate"},
		{"tenant", "create", "acme", "--name=Acme"},
		{"tenant", "list"},
		{"token", "create", "--tenant=acme", "--email=a@acme.example", "--role=admin"},
		{"token", "list"},
		{"token", "revoke", "x"},
		{"calendar", "create", "--tenant=acme"},
		{"calendar", "list"},
		{"calendar", "revoke", "x"},
		{"sign-in-link", "ada@acme.example"},
		{"pause", "--reason=x"},
		{"resume"},
		{"tenant", "hold", "acme", "--reason=x"},
		{"tenant", "release", "acme"},
		{"person", "export", "a@acme.example"},
		{"person", "erase", "a@acme.example", "--yes"},
	} {
		golive(t, nil, args...).fails(t, 1, "DATABASE_URL")
	}
	golive(t, []string{"DATABASE_URL=" + pgtest.Empty(t)}, "token", "list").fails(t, 1, "golive migrate")
}

func TestMigrateTwiceAtOnceAndAgain(t *testing.T) {
	t.Parallel()
	env := []string{"DATABASE_URL=" + pgtest.Empty(t)}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if r := golive(t, env, "migrate"); r.status != 0 || r.out != "" {
				t.Errorf("status %d, out %q, err %q", r.status, r.out, r.err)
			}
		})
	}
	both.Wait()
	if r := golive(t, env, "migrate"); r.status != 0 || strings.Contains(r.err, "applied") {
		t.Errorf("repeating applied something: %q", r.err)
	}
}

func TestTenantAndTokens(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	env := []string{"DATABASE_URL=" + url}
	tenants := &tenant.Service{DB: open(t, url)}

	id := golive(t, env, "tenant", "create", "acme", "--name=Acme", "--time-zone=Europe/Berlin").line(t)
	golive(t, env, "tenant", "create", "acme", "--name=Acme").fails(t, 1, "acme")

	if line := golive(t, env, "tenant", "list").line(t); !strings.HasPrefix(line, "acme  Acme  Europe/Berlin  "+id) {
		t.Errorf("the list shows %q", line)
	}
	token := golive(t, env, "token", "create", "--tenant=acme", "--email=Ada@acme.example", "--role=deployer").line(t)
	actor, err := tenants.Authenticate(t.Context(), token)
	if err != nil || actor.Memberships[0].Tenant.ID != id || actor.Memberships[0].Role != tenant.RoleDeployer || actor.Email != "ada@acme.example" {
		t.Fatalf("the token is for %+v, %v", actor, err)
	}

	listed := golive(t, env, "token", "list", "--tenant=acme").line(t)
	tokenID, rest, _ := strings.Cut(listed, " ")
	if strings.Contains(listed, token) || !strings.Contains(rest, "active") {
		t.Errorf("the list shows %q", listed)
	}
	if r := golive(t, env, "token", "revoke", tokenID); r.status != 0 || r.out != "" {
		t.Errorf("revoke: %+v", r)
	}
	if _, err := tenants.Authenticate(t.Context(), token); err == nil {
		t.Error("the revoked token still opens")
	}
	if listed := golive(t, env, "token", "list").line(t); !strings.Contains(listed, "revoked") {
		t.Errorf("the list shows %q", listed)
	}
}

func TestSignInLink(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	env := []string{"DATABASE_URL=" + url, "GOLIVE_PUBLIC_URL=https://golive.example.com"}
	golive(t, env, "sign-in-link", "nobody").fails(t, 1, "nobody")
	golive(t, append(env, "GOLIVE_PUBLIC_URL=http://golive.example.com"), "sign-in-link", "ada@acme.example").fails(t, 1, "https")
	link := golive(t, env, "sign-in-link", "Ada@acme.example").line(t)
	secret, found := strings.CutPrefix(link, "https://golive.example.com/login/link/")
	people := identity.New(identity.Deps{DB: open(t, url)})
	if email, err := people.LinkFor(t.Context(), secret); !found || email != "ada@acme.example" || err != nil {
		t.Errorf("%q is for %q, %v", link, email, err)
	}
}

func TestCalendars(t *testing.T) {
	t.Parallel()
	env := []string{"DATABASE_URL=" + pgtest.URL(t)}
	golive(t, env, "tenant", "create", "acme", "--name=Acme").line(t)
	golive(t, env, "calendar", "create", "--tenant=nobody").fails(t, 1, "nobody")
	golive(t, append(env, "GOLIVE_PUBLIC_URL=golive.example.com"), "calendar", "create", "--tenant=acme").fails(t, 1, "GOLIVE_PUBLIC_URL", "golive.example.com")

	if address := golive(t, env, "calendar", "create", "--tenant=acme").line(t); !strings.HasPrefix(address, "http://127.0.0.1:8080/calendar/glc_") {
		t.Error(address)
	}
	address := golive(t, append(env, "GOLIVE_PUBLIC_URL=https://golive.example.com/"), "calendar", "create", "--tenant=acme").line(t)
	secret, found := strings.CutPrefix(address, "https://golive.example.com/calendar/")
	if !found || !strings.HasSuffix(secret, ".ics") {
		t.Error(address)
	}
	list := golive(t, env, "calendar", "list", "--tenant=acme").out
	last := strings.Fields(strings.Split(strings.TrimSpace(list), "\n")[1])
	if strings.Contains(list, strings.TrimSuffix(secret, ".ics")) || last[len(last)-1] != "active" {
		t.Errorf("the list shows %q", list)
	}
	if r := golive(t, env, "calendar", "revoke", last[0]); r.status != 0 || r.out != "" {
		t.Errorf("%+v", r)
	}
	if list := golive(t, env, "calendar", "list").out; strings.Count(list, "revoked") != 1 {
		t.Errorf("the list shows %q", list)
	}
}

func open(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func TestKeys(t *testing.T) {
	t.Parallel()
	keyset := golive(t, nil, "keys", "new").line(t)
	rotated := golive(t, []string{"GOLIVE_SEALING_KEYS=" + keyset}, "keys", "rotate").line(t)
	if _, err := seal.ParseKeys(rotated); err != nil || rotated == keyset {
		t.Errorf("the rotated keyset: %v", err)
	}
	golive(t, nil, "keys", "rotate").fails(t, 1, "GOLIVE_SEALING_KEYS")
	r := golive(t, []string{"DATABASE_URL=" + pgtest.URL(t), "GOLIVE_SEALING_KEYS=" + rotated}, "keys", "reseal")
	if r.status != 0 || !strings.Contains(r.err, "0 ") {
		t.Errorf("reseal: %+v", r)
	}
}

func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	env := []string{"DATABASE_URL=" + url}
	pool := open(t, url)
	golive(t, env, "tenant", "create", "acme", "--name=Acme").line(t)

	golive(t, env, "resume").fails(t, 1, "paused")
	if r := golive(t, env, "pause", "--reason", "Stripe moves house"); r.status != 0 || r.out != "" {
		t.Errorf("%+v", r)
	}
	golive(t, env, "pause", "--reason=again").fails(t, 1, "already paused")
	if r := golive(t, env, "resume"); r.status != 0 || r.out != "" {
		t.Errorf("%+v", r)
	}
	var actions []string
	err := pool.QueryRow(t.Context(), `SELECT array_agg(action ORDER BY id) FROM audit_log WHERE action LIKE 'operations.%'`).Scan(&actions)
	if err != nil || len(actions) != 2 {
		t.Errorf("audited: %q, %v", actions, err)
	}
}

func TestSecretFromFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(path, []byte(pgtest.URL(t)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := golive(t, []string{"DATABASE_URL_FILE=" + path}, "token", "list"); r.status != 0 {
		t.Errorf("%+v", r)
	}
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	keyless := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	stripe := httptest.NewServer(keyless)
	t.Cleanup(stripe.Close)
	keyset := golive(t, nil, "keys", "new").line(t)

	env := []string{"DATABASE_URL=" + pgtest.URL(t), "GOLIVE_SEALING_KEYS=" + keyset, "GOLIVE_STRIPE_API_BASE=" + stripe.URL}
	good := golive(t, env, "doctor")
	if good.status != 0 || strings.Contains(good.out, "FIX") {
		t.Errorf("healthy: %+v", good)
	}
	golive(t, env, "pause", "--reason", "stocktaking")
	paused := golive(t, env, "doctor")
	if paused.status != 1 || strings.Count(paused.out, "FIX ") != 1 {
		t.Errorf("paused: %+v", paused)
	}
	_, finding, _ := strings.Cut(paused.out, "FIX ")
	for _, want := range []string{"operator", "stocktaking", "golive resume"} {
		if !strings.Contains(finding, want) {
			t.Errorf("%q is not told: %s", want, finding)
		}
	}

	bad := golive(t, []string{
		"DATABASE_URL=" + pgtest.Empty(t), "GOLIVE_STRIPE_API_BASE=http://" + closedPort,
		"GOLIVE_SMTP_URL=smtp://" + closedPort, "GOLIVE_LOG=xml", "GOLIVE_OIDC_ISSUER=http://" + closedPort, "GOLIVE_OIDC_CLIENT_ID=golive",
	}, "doctor")
	for _, want := range []string{"GOLIVE_SEALING_KEYS", "GOLIVE_LOG", "golive migrate", "FIX  stripe: http", "FIX  sign-in: ", "FIX  mail: ", "127.0.0.1:"} {
		if bad.status != 1 || !strings.Contains(bad.out, want) {
			t.Errorf("%q is not told: %+v", want, bad)
		}
	}
}

func TestDoctorLogsInAtTheMailServerAndSendsNothing(t *testing.T) {
	t.Parallel()
	sink, err := devstack.StartMail(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sink.Stop)
	env := []string{"GOLIVE_SMTP_URL=" + sink.URL}
	nobody := golive(t, env, "doctor")
	if !strings.Contains(nobody.out, "ok   mail: ") || !strings.Contains(nobody.out, "FIX  mail: GOLIVE_MAIL_FROM") {
		t.Errorf("%+v", nobody)
	}
	if r := golive(t, append(env, "GOLIVE_MAIL_FROM=Golive <golive@acme.example>"), "doctor"); strings.Contains(r.out, "FIX  mail") {
		t.Errorf("%+v", r)
	}
	encrypted := strings.Replace(sink.URL, "tls=none", "tls=mandatory", 1)
	if r := golive(t, []string{"GOLIVE_SMTP_URL=" + encrypted}, "doctor"); !strings.Contains(r.out, "FIX  mail: ") || !strings.Contains(r.out, "STARTTLS") || !strings.Contains(r.out, "smtps://") {
		t.Errorf("%+v", r)
	}
	known := strings.Replace(sink.URL, "smtp://", "smtp://golive:hunter2@", 1)
	if r := golive(t, []string{"GOLIVE_SMTP_URL=" + known}, "doctor"); !strings.Contains(r.out, "FIX  mail: ") || !strings.Contains(r.out, "SCRAM-SHA-256") || strings.Contains(r.out+r.err, "hunter2") {
		t.Errorf("%+v", r)
	}
	if len(sink.Messages()) > 0 {
		t.Error("it sends mail")
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(s.Close)
	if r := golive(t, nil, "doctor", "--probe", s.URL+"/readyz"); r.status != 0 || r.out != "" {
		t.Errorf("%+v", r)
	}
	golive(t, nil, "doctor", "--probe", s.URL+"/other").fails(t, 1, "503")
	golive(t, nil, "doctor", "--probe", "http://"+closedPort).fails(t, 1, "refused")
}

// closedPort is an address where nobody answers: no test gets that port.
const closedPort = "127.0.0.1:1"

// freePort returns an address of this machine that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	var c net.ListenConfig
	l, err := c.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
