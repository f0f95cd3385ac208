package pgtest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pgtest"
)

// patience is how long a test waits before it calls a process stuck.
const patience = time.Minute

// TestUser is the whole of another test binary: it prints the URL of its
// database and ends when its stdin does.
func TestUser(t *testing.T) {
	t.Parallel()
	if os.Getenv(pgtest.LabEnv) == "" {
		return
	}
	fmt.Fprintln(os.Stdout, "url", pgtest.New(t).Config().ConnString())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// user is such a binary.
type user struct {
	cmd   *exec.Cmd
	stdin io.Closer
	url   *url.URL
}

// lab returns a parent for a shared folder.
func lab(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(pgtest.Memory, "golive-lab-") //nolint:usetesting // t.TempDir keeps the server's user out
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		awaitNoServer(t, dir)
		_ = os.RemoveAll(dir)
	})
	return dir
}

// join starts a user in the lab; env is added to its environment.
func join(t *testing.T, lab string, env ...string) *user {
	t.Helper()
	u, err := newUser(lab, env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.leave)
	return u
}

func newUser(lab string, env []string) (*user, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	u := &user{cmd: exec.Command(self, "-test.run=^TestUser$")}
	u.cmd.Env = append(append(os.Environ(), pgtest.LabEnv+"="+lab), env...)
	if u.stdin, err = u.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := u.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := u.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	go func() { _, _ = io.Copy(io.Discard, out) }() // it says more at its end
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "url ")
	if err != nil || !ok {
		return nil, fmt.Errorf("the user said %q, %w", line, err)
	}
	u.url, err = url.Parse(address)
	return u, err
}

func (u *user) leave() {
	_ = u.stdin.Close()
	_ = u.cmd.Wait()
}

func (u *user) server() string { return u.url.Query().Get("host") }

// query runs sql on the user's server, in the database named.
func (u *user) query(db, sql string) (value string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	address := *u.url
	address.Path = "/" + db
	conn, err := pgx.Connect(ctx, address.String())
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	if err = conn.QueryRow(ctx, sql).Scan(&value); errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return value, err
}

// servers returns the folders of the servers in the lab.
func servers(t *testing.T, lab string) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(lab, "*", "server-*"))
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

func awaitNoServer(t *testing.T, lab string) {
	t.Helper()
	await(t, "the end of the last server", func() bool { return len(servers(t, lab)) == 0 })
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for !done() {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestTestBinariesShareAServerThatEndsWithTheLast(t *testing.T) {
	t.Parallel()
	dir := lab(t)
	users := make([]*user, 3)
	errs := make([]error, 3)
	var starting sync.WaitGroup
	for i := range users {
		starting.Go(func() { users[i], errs[i] = newUser(dir, nil) })
	}
	starting.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, u := range users {
		t.Cleanup(u.leave)
	}
	if a, b, c := users[0], users[1], users[2]; a.server() != b.server() || b.server() != c.server() || a.url.Path == b.url.Path || b.url.Path == c.url.Path {
		t.Fatalf("want one server and three databases: %v, %v, %v", a.url, b.url, c.url)
	}
	_ = users[0].cmd.Process.Kill() // leaves its database, and its lock to the kernel
	users[1].leave()
	if got, err := users[2].query("postgres", `SELECT 'alive'`); got != "alive" {
		t.Fatalf("the server ended before its last user: %v", err)
	}
	users[2].leave()
	awaitNoServer(t, dir)
}

func TestAKilledKeeperIsReplaced(t *testing.T) {
	t.Parallel()
	dir := lab(t)
	first := join(t, dir)
	server := servers(t, dir)[0]
	keeper := parentOf(t, postmaster(t, server))
	if err := syscall.Kill(keeper, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t, "the server to follow its keeper", func() bool {
		_, err := first.query("postgres", `SELECT 'alive'`)
		return err != nil
	})
	// One that is still ending may write while its folder is being removed.
	await(t, "the end of the server", func() bool {
		_, err := os.Stat(filepath.Join(server, "data", "postmaster.pid"))
		return errors.Is(err, fs.ErrNotExist)
	})
	second := join(t, dir)
	if got, err := second.query("postgres", `SELECT 'alive'`); got != "alive" || len(servers(t, dir)) != 1 {
		t.Fatalf("%q, %v, with the folders %v; want one new server and no old one", got, err, servers(t, dir))
	}
}

func postmaster(t *testing.T, server string) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(server, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(b), "\n")
	return number(t, first)
}

func parentOf(t *testing.T, pid int) int {
	t.Helper()
	out, err := exec.Command("ps", "-o", "ppid=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		t.Fatal(err)
	}
	return number(t, string(out))
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAbandonedDatabasesAreSweptAndYoungOnesKept(t *testing.T) {
	t.Parallel()
	dir := lab(t)
	first := join(t, dir)
	// Kept databases are as old as that without anybody in them, or just made.
	for _, name := range []string{"golive_test_1000000000_old", "golive_kept_1000000000_old", fmt.Sprintf("golive_kept_%d_young", time.Now().Unix())} {
		if _, err := first.query("postgres", `CREATE DATABASE `+name); err != nil {
			t.Fatal(err)
		}
	}
	join(t, dir)
	kept, err := first.query("postgres", `SELECT string_agg(datname, ' ') FROM pg_database WHERE datname LIKE 'golive_kept_%'`)
	if err != nil || !strings.HasSuffix(kept, "_young") || len(strings.Fields(kept)) != 1 {
		t.Fatalf("kept are %q, %v; want the young one", kept, err)
	}
	got, err := first.query("postgres", `SELECT string_agg(datname, ' ') FROM pg_database WHERE datname LIKE 'golive_test_%'`)
	if err != nil || strings.Contains(got, "old") || len(strings.Fields(got)) != 2 {
		t.Fatalf("left are %q, %v; want the two users' databases", got, err)
	}
}

func TestAServerOfOnesOwnIsUsedInstead(t *testing.T) {
	t.Parallel()
	owner, other := join(t, lab(t)), lab(t)
	guest := join(t, other, "TEST_DATABASE_URL="+owner.url.String())
	if guest.server() != owner.server() || len(servers(t, other)) != 0 {
		t.Fatalf("the guest is at %v, the owner at %v", guest.url, owner.url)
	}
}

func TestADatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	var gone string
	t.Run("inner", func(t *testing.T) {
		inner := pgtest.URL(t)
		// A connection that outlives the test does not keep the database.
		conn, err := pgx.Connect(context.Background(), inner)
		if err != nil {
			t.Fatal(err)
		}
		gone = conn.Config().Database
	})
	var there bool
	err := pool.QueryRow(context.Background(), `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, gone).Scan(&there)
	if err != nil || there || gone == "" {
		t.Fatalf("database %q: there %v, %v", gone, there, err)
	}
}
