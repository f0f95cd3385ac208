package e2e_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

// binaries builds the three commands, once per run of the tests.
var binaries = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "golive-e2e-")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", folder+"/", "./cmd/...")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		return folder, fmt.Errorf("%w: %s", err, out)
	}
	return folder, nil
})

// built tells that binaries was called, so that what it left can be removed.
var built bool

func TestMain(m *testing.M) {
	code := m.Run()
	if built {
		folder, _ := binaries()
		_ = os.RemoveAll(folder) // a leftover in the system's own folder for such
	}
	os.Exit(code)
}

func binary(t testing.TB, name string) string {
	t.Helper()
	built = true
	folder, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, name)
}

// newProcesses is a stack of separate processes, prepared by the operator's
// commands as in production.
func newProcesses(t testing.TB, apis, workers int) *stack {
	t.Helper()
	stripe := simtest.Start(t)
	s := spawnAll(t, stripe.URL, apis, workers)
	s.stripe = stripe
	return s
}

// spawnAll starts the services on a new database, against the Stripe at that URL.
func spawnAll(t testing.TB, stripeURL string, apis, workers int) *stack {
	t.Helper()
	s := &stack{databaseURL: pgtest.Empty(t)}
	database := "DATABASE_URL=" + s.databaseURL
	env := []string{
		database, "GOLIVE_SEALING_KEYS=" + golive(t, nil, "keys", "new"), "GOLIVE_STRIPE_API_BASE=" + stripeURL,
		"GOLIVE_ADDR=127.0.0.1:0", "GOLIVE_WORKER_ADDR=127.0.0.1:0", "GOLIVE_LOG=json",
	}
	golive(t, []string{database}, "migrate")
	for range apis {
		s.urls = append(s.urls, "http://"+spawn(t, env, saysIn("api listens"), "api"))
	}
	for range workers {
		spawn(t, env, saysIn("worker works"), "worker")
	}
	s.admit = func(t testing.TB, slug string) (tenantID, token string) {
		t.Helper()
		tenantID = golive(t, []string{database}, "tenant", "create", slug, "--name", slug)
		return tenantID, golive(t, []string{database}, "token", "create", "--tenant", slug, "--email", "owner@"+slug+".example", "--role", "admin")
	}
	return s
}

// golive runs the command line and returns what it prints.
func golive(t testing.TB, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary(t, "golive"), args...)
	cmd.Env = env
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("golive %s: %v\n%s", strings.Join(args, " "), err, complaints.String())
	}
	return strings.TrimSpace(string(out))
}

// spawn runs a service until the test ends, and returns the address at which it
// listens once a line of its log gives it.
func spawn(t testing.TB, env []string, addrIn func(line []byte) (addr string), name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary(t, name), args...)
	cmd.Env = env
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	log := &processLog{t: t, name: name, addrIn: addrIn, addr: make(chan string, 1), over: make(chan struct{})}
	go log.follow(stderr)
	t.Cleanup(func() { // after t.Context() has ended, and so told the process to stop
		<-log.over
		if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() != 0 {
			t.Errorf("%s: %v\n%s", name, err, strings.Join(log.tail, "\n"))
		}
	})
	select {
	case addr := <-log.addr:
		return addr
	case <-log.over:
		t.Fatalf("%s ended before it listened", name)
		return ""
	}
}

// saysIn finds the address in the line of a service's log with that message.
func saysIn(message string) func([]byte) string {
	return func(line []byte) string {
		var l struct{ Msg, Addr string }
		if json.Unmarshal(line, &l) != nil || l.Msg != message {
			return ""
		}
		return l.Addr
	}
}

// processLog follows the log of a process; an error in it is one of the test.
type processLog struct {
	t      testing.TB
	name   string
	addrIn func(line []byte) string
	addr   chan string
	over   chan struct{}
	tail   []string
}

func (l *processLog) follow(stderr io.Reader) {
	defer close(l.over)
	lines := bufio.NewScanner(stderr)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if addr := l.addrIn(lines.Bytes()); addr != "" {
			l.addr <- addr
		}
		var line struct{ Level string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Level == "ERROR" {
			l.t.Errorf("%s: %s", l.name, lines.Text())
		}
		l.tail = append(l.tail, lines.Text())
		if len(l.tail) > 30 {
			l.tail = l.tail[1:]
		}
	}
}
