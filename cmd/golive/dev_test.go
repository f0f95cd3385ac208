package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// dataDir is one where Postgres' user can pass even when the tests run as root.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "golive-dev-") //nolint:usetesting // its parents are for us alone
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// paste takes a command out of the banner and puts it into a shell, as a person
// would.
func paste(t *testing.T, s *stack, form *regexp.Regexp) *exec.Cmd {
	t.Helper()
	found := form.FindStringSubmatch(s.banner)
	if found == nil {
		t.Fatalf("no command in %s", s.banner)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", found[1])
	cmd.Env = append(os.Environ(), actAs+"=1")
	return cmd
}

func kill(t *testing.T, pid string) {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(n, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// The road of somebody new: start, paste the command, live. Then the machine
// loses its power, and all is still there.
func TestDevFromNothingAndAfterKill(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := startStack(t, dir)
	pasted := finish(t, paste(t, s, regexp.MustCompile(`(?m)^  (GOLIVE_URL=.*)$`)))
	if line := pasted.line(t); !strings.HasPrefix(line, "COMPLETED ") {
		t.Errorf("the pasted command ends with %q", line)
	}
	if s.end(syscall.SIGKILL) != -1 {
		t.Error("it was not killed")
	}

	again := startStack(t, dir)
	if again.token != s.token {
		t.Error("the token is another one after a restart")
	}
	product := regexp.MustCompile(`go-live (\S+)`).FindStringSubmatch(s.banner)[1]
	if history := golive(t, again.env(), "history", product).line(t); !strings.Contains(history, "COMPLETED") {
		t.Errorf("history: %q", history)
	}
	if r := golive(t, again.env(), "plan", product, "--json"); !strings.Contains(r.out, `"isEmpty":true`) {
		t.Errorf("live was lost: %+v", r)
	}
	if status := again.end(syscall.SIGINT); status != 0 {
		t.Errorf("Ctrl-C ends with status %d:\n%s", status, again.log.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "postgres", "data", "postmaster.pid")); err == nil {
		t.Error("Postgres outlived the stack")
	}
}

// The power fails while a call is on its way; the next start brings it to its
// end, and to the same one.
func TestDevGoesOnAfterKill(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := startStack(t, dir, "GOLIVE_LEASE=1s")
	held, _ := s.hold(t, "prod_PineStorage")
	id := golive(t, s.env(), "go-live", "prod_PineStorage", "--yes", "--detach").line(t)
	held()
	s.end(syscall.SIGKILL)

	again := startStack(t, dir, "GOLIVE_LEASE=1s")
	if line := golive(t, again.env(), "watch", id).line(t); line != "COMPLETED "+id {
		t.Error(line)
	}
	if r := golive(t, again.env(), "plan", "prod_PineStorage", "--json"); !strings.Contains(r.out, `"isEmpty":true`) {
		t.Errorf("%+v", r)
	}
}

func TestDevKeepsSecretsToItself(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := startStack(t, dir, "DATABASE_URL="+pgtest.URL(t))
	for _, name := range []string{"token", "sealing_keys"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "postgres")); err == nil {
		t.Error("DATABASE_URL was given, and an embedded Postgres made all the same")
	}
	s.end(syscall.SIGTERM)
	keys, err := os.ReadFile(filepath.Join(dir, "sealing_keys"))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{s.token, strings.TrimSpace(string(keys)), "sk_test_harbour", "sk_live_harbour"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log shows %.12s…", secret)
		}
	}
}

func TestDevByMutation(t *testing.T) {
	t.Parallel()
	s := startStack(t, dataDir(t), "DATABASE_URL="+pgtest.URL(t))
	r := finish(t, paste(t, s, regexp.MustCompile(`(?ms)^  (curl .*?)\n\n`)))
	if !strings.Contains(r.out, `"userErrors":[]`) || !strings.Contains(r.out, `"status":"PENDING"`) {
		t.Errorf("%+v", r)
	}
}

func TestDevSaysWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	dir, database := dataDir(t), pgtest.URL(t)
	s := startStack(t, dir, "DATABASE_URL="+database)
	taken := strings.TrimPrefix(s.url, "http://")
	ports := func() []string {
		return []string{"GOLIVE_WORKER_ADDR=" + freePort(t), "GOLIVE_ADMIN_ADDR=" + freePort(t), "GOLIVE_DEV_STRIPE_ADDR=" + freePort(t), "GOLIVE_DEV_MAIL_ADDR=" + freePort(t), "GOLIVE_DEV_SIGN_IN_ADDR=" + freePort(t)}
	}
	// All at once, and before anything is started.
	golive(t, append(ports(), "DATABASE_URL="+database, "GOLIVE_DATA_DIR="+dataDir(t), "GOLIVE_ADDR="+taken, "GOLIVE_ADMIN_ADDR="+s.admin, "GOLIVE_DEV_STRIPE_ADDR="+strings.TrimPrefix(s.stripe, "http://")), "dev").
		fails(t, 1, "golive: "+taken, "GOLIVE_ADDR\n", "golive: "+s.admin, "GOLIVE_ADMIN_ADDR\n", "golive: "+strings.TrimPrefix(s.stripe, "http://"), "--stripe-addr\n")
	golive(t, append(ports(), "DATABASE_URL="+database, "GOLIVE_DATA_DIR="+dir, "GOLIVE_LOG=xml", "GOLIVE_ADDR=8080"), "dev").
		fails(t, 1, "golive: GOLIVE_ADDR", "8080")
	golive(t, append(ports(), "PG_BIN_DIR=/nowhere", "GOLIVE_DATA_DIR="+dataDir(t), "GOLIVE_ADDR="+freePort(t)), "dev").
		fails(t, 1, "DATABASE_URL")
}

// A shell that still holds the DATABASE_URL of a real installation must not have
// its deployments carried out against a simulator.
func TestDevLeavesOtherDatabasesAlone(t *testing.T) {
	t.Parallel()
	database := pgtest.URL(t)
	env := []string{"DATABASE_URL=" + database}
	golive(t, env, "tenant", "create", "acme", "--name", "Acme Inc.").line(t)
	pool, err := pgxpool.New(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	// It must not migrate it either.
	if _, err := pool.Exec(t.Context(), `DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`); err != nil {
		t.Fatal(err)
	}
	before := version(t, pool)
	env = append(env, "GOLIVE_DATA_DIR="+dataDir(t), "GOLIVE_ADDR="+freePort(t), "GOLIVE_WORKER_ADDR="+freePort(t), "GOLIVE_ADMIN_ADDR="+freePort(t),
		"GOLIVE_DEV_STRIPE_ADDR="+freePort(t), "GOLIVE_DEV_MAIL_ADDR="+freePort(t), "GOLIVE_DEV_SIGN_IN_ADDR="+freePort(t))
	golive(t, env, "dev").fails(t, 1, "DATABASE_URL", "(acme)")
	var slugs []string
	if err := pool.QueryRow(t.Context(), `SELECT array_agg(slug) FROM tenants`).Scan(&slugs); err != nil || len(slugs) != 1 {
		t.Errorf("tenants %v, %v", slugs, err)
	}
	if after := version(t, pool); after != before {
		t.Errorf("it was migrated from %d to %d", before, after)
	}
}

func version(t *testing.T, pool *pgxpool.Pool) (v int64) {
	t.Helper()
	v, err := postgres.SchemaVersion(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDevStopsWithItsDatabase(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := startStack(t, dir)
	pid, err := os.ReadFile(filepath.Join(dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	kill(t, strings.SplitN(string(pid), "\n", 2)[0])
	<-s.ended
	if !strings.Contains(s.log.String(), "Postgres stopped") {
		t.Error(s.log.String())
	}
	startStack(t, dir) // and recovers
}

func TestStripeSim(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	golive(t, nil, "stripe-sim", "--addr", taken.Addr().String()).fails(t, 1, taken.Addr().String())
}
