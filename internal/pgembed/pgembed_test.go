package pgembed_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pgembed"
)

// patience is how long a test waits before it calls a process stuck.
const patience = time.Minute

// folder returns a fresh folder that every user may enter, unlike t.TempDir.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "golive-pgembed-") //nolint:usetesting // t.TempDir keeps the server's user out
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, o pgembed.Options) *pgembed.Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := pgembed.Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop() })
	return s
}

func stop(t *testing.T, s *pgembed.Server) {
	t.Helper()
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
}

// query runs sql on a connection of its own and returns its one value, if any.
func query(t *testing.T, url, sql string) (value string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, sql).Scan(&value); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		t.Fatal(err)
	}
	return value
}

func write(t *testing.T, url string) {
	t.Helper()
	query(t, url, `CREATE TABLE kept AS SELECT 'all here' AS what`)
}

func wantKept(t *testing.T, s *pgembed.Server) {
	t.Helper()
	if got := query(t, s.DSN("postgres"), `SELECT what FROM kept`); got != "all here" {
		t.Fatalf("found %q", got)
	}
}

// postmaster returns the process id of the server in dir.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// awaitCleanEnd waits until the server in dir has put away its pid file.
func awaitCleanEnd(t *testing.T, dir string) {
	t.Helper()
	deadline := time.After(patience)
	for {
		_, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid"))
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-deadline:
			t.Fatal("the server outlives its parent")
		}
	}
}

func TestDataOutliveARestartInAFolderThatDidNotExist(t *testing.T) {
	t.Parallel()
	o := pgembed.Options{Dir: filepath.Join(folder(t), "new", "and", "deep")}
	s := start(t, o)
	write(t, s.DSN("postgres"))
	stop(t, s)
	select {
	case <-s.Done():
	default:
		t.Error("Done is open after Stop")
	}
	wantKept(t, start(t, o))
}

func TestASecondOwnerIsRefused(t *testing.T) {
	t.Parallel()
	o := pgembed.Options{Dir: folder(t)}
	s := start(t, o)
	_, err := pgembed.Start(context.Background(), o)
	if !errors.Is(err, pgembed.ErrBusy) {
		t.Fatalf("got %v, want ErrBusy", err)
	}
	stop(t, s)
	start(t, o)
}

func TestTheServerEndsWithItsKilledParent(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	parent, url := startParent(t, dir, nil)
	write(t, url)
	kill(t, parent.Process.Pid)
	_ = parent.Wait() // its lock is free
	awaitCleanEnd(t, dir)
	wantKept(t, start(t, pgembed.Options{Dir: dir}))
}

func TestANewParentMayComeAtOnce(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	parent, url := startParent(t, dir, nil)
	write(t, url)
	old := postmaster(t, dir)
	kill(t, parent.Process.Pid)
	_ = parent.Wait() // its lock is free
	s := start(t, pgembed.Options{Dir: dir})
	wantKept(t, s)
	if postmaster(t, dir) == old {
		t.Error("the orphan was adopted, though it ends with its parent")
	}
}

func TestAKilledServerIsNoticedAndRecovers(t *testing.T) {
	t.Parallel()
	o := pgembed.Options{Dir: folder(t)}
	s := start(t, o)
	write(t, s.DSN("postgres"))
	kill(t, postmaster(t, o.Dir))
	select {
	case <-s.Done():
	case <-time.After(patience):
		t.Fatal("Done stays open")
	}
	if s.Stop() == nil {
		t.Error("Stop calls this a clean end")
	}
	wantKept(t, start(t, o))
}

// After a crash of the machine the pid in the file may be anybody's.
func TestAStalePidFileOfAnotherProgramIsNoObstacle(t *testing.T) {
	t.Parallel()
	o := pgembed.Options{Dir: folder(t)}
	s := start(t, o)
	write(t, s.DSN("postgres"))
	path := filepath.Join(o.Dir, "data", "postmaster.pid")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), "\n")
	stop(t, s)
	stale := fmt.Sprintf("%d\n%s", otherProgram(t, filepath.Dir(path)), rest)
	if err := os.WriteFile(path, []byte(stale), 0o644); err != nil {
		t.Fatal(err)
	}
	wantKept(t, start(t, o))
}

// otherProgram runs something as the user whom dir belongs to: Postgres ignores
// the processes of other users by itself.
func otherProgram(t *testing.T, dir string) (pid int) {
	t.Helper()
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command("sleep", "600")
	if uid := info.Sys().(*syscall.Stat_t).Uid; uid != uint32(os.Getuid()) {
		other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = other.Process.Kill()
		_ = other.Wait()
	})
	return other.Process.Pid
}

func TestAnInterruptedFirstStartLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := pgembed.Start(ctx, pgembed.Options{Dir: dir}); err == nil {
		t.Fatal("started without leave")
	}
	if err := os.MkdirAll(filepath.Join(dir, "data.new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	start(t, pgembed.Options{Dir: dir})
}

func TestAnAwkwardPathGetsAShortAndPlainSocket(t *testing.T) {
	t.Parallel()
	for _, name := range []string{strings.Repeat("long/", 30), "a b,c'd%20+é@"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := pgembed.Options{Dir: filepath.Join(folder(t), name)}
			s := start(t, o)
			write(t, s.DSN("postgres"))
			socket := query(t, s.DSN("postgres"), `SHOW unix_socket_directories`)
			t.Cleanup(func() { _ = os.RemoveAll(socket) })
			info, err := os.Stat(socket)
			if err != nil || info.Mode().Perm() != 0o700 {
				t.Fatalf("socket folder %s: %v, %v; want it private", socket, info, err)
			}
			stop(t, s)
			wantKept(t, start(t, o))
		})
	}
}

func TestTCPIsOnRequestAndLoopbackOnly(t *testing.T) {
	t.Parallel()
	with := start(t, pgembed.Options{Dir: folder(t), TCP: true})
	if got := query(t, with.DSN("postgres"), `SELECT host(inet_server_addr())`); got != "127.0.0.1" {
		t.Errorf("connected to %q", got)
	}
	without := start(t, pgembed.Options{Dir: folder(t), Settings: map[string]string{"fsync": "off"}})
	if got := query(t, without.DSN("postgres"), `SELECT current_setting('listen_addresses') || current_setting('fsync')`); got != "off" {
		t.Errorf("listens on, and fsync is, %q", got)
	}
}

func TestAServerThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	_, err := pgembed.Start(context.Background(), pgembed.Options{Dir: folder(t), Settings: map[string]string{"shared_buffers": "plenty"}})
	if err == nil || !strings.Contains(err.Error(), `invalid value for parameter "shared_buffers"`) {
		t.Fatalf("got %v", err)
	}
}

func TestDataOfAnotherVersionAreLeftAlone(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "data", "PG_VERSION"), []byte("8\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := pgembed.Start(context.Background(), pgembed.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "created by PostgreSQL 8") {
		t.Fatalf("got %v", err)
	}
}

func TestAMachineWithoutPostgresIsToldHowToGetIt(t *testing.T) {
	t.Parallel()
	_, line := startParent(t, folder(t), func(c *exec.Cmd) { c.Env = append(c.Env, "PG_BIN_DIR=/nowhere") })
	for _, want := range []string{"apt-get install postgresql", "brew install postgresql@15", "DATABASE_URL"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q does not mention %q", line, want)
		}
	}
}

func TestReachableNamesTheFolderThatKeepsTheServerOut(t *testing.T) {
	t.Parallel()
	us := uint32(os.Getuid())
	open := folder(t)
	shut, link := filepath.Join(open, "home"), filepath.Join(open, "link")
	inside := filepath.Join(shut, "inside")
	err := errors.Join(os.Mkdir(shut, 0o700), os.Mkdir(inside, 0o755), os.Symlink(inside, link))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{shut, inside, filepath.Join(link, "not", "there")} {
		if err := pgembed.ReachableAs(us+1, dir); err == nil || !strings.Contains(err.Error(), shut+" (mode 0700)") {
			t.Errorf("%s: got %v", dir, err)
		}
		if err := pgembed.ReachableAs(us, dir); err != nil {
			t.Errorf("its own user is kept out: %v", err)
		}
	}
	if err := pgembed.ReachableAs(us+1, filepath.Join(open, "not", "there")); err != nil {
		t.Error(err)
	}
	if err := pgembed.Reachable(open); err != nil {
		t.Error(err)
	}
}

// Only root is told to go elsewhere; everybody else runs the server as
// themselves.
func TestAPrivateHomeServesItsUserAndTurnsRootAway(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "home")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := pgembed.Start(context.Background(), pgembed.Options{Dir: dir})
	if os.Geteuid() != 0 {
		if err != nil {
			t.Fatal(err)
		}
		stop(t, s)
		return
	}
	if err == nil || !strings.Contains(err.Error(), "/var/lib/golive") {
		t.Fatalf("got %v, want a way out", err)
	}
}

// Where the tests run as root, this is the one that does not.
func TestAnyUserCanRunAServer(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	_, url := startParent(t, home, func(c *exec.Cmd) {
		if os.Geteuid() == 0 {
			const nobody = 65534
			c.Path = copyOf(t, c.Path, dir)
			c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
			if err := os.Chown(home, nobody, nobody); err != nil {
				t.Fatal(err)
			}
		}
	})
	if got := query(t, url, `SELECT current_user::text`); got != "postgres" {
		t.Fatalf("connected as %q to %s", got, url)
	}
}

// copyOf puts the test binary where every user can run it. A process of its own
// writes it, since a file is not run while a fork of ours still has it open.
func copyOf(t *testing.T, path, dir string) string {
	t.Helper()
	to := filepath.Join(dir, "binary")
	if out, err := exec.Command("cp", path, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Chmod(to, 0o755); err != nil {
		t.Fatal(err)
	}
	return to
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
