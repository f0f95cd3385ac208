package e2e_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

// folder holds the commands once they are built.
var folder string

// build makes the three commands, once per run of the tests.
var build = sync.OnceValue(func() (err error) {
	if folder, err = os.MkdirTemp("", "golive-e2e-"); err != nil {
		return err
	}
	compile := exec.Command("go", "build", "-o", folder+"/", "./cmd/...")
	compile.Dir = "../.."
	if out, err := compile.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(folder) // a leftover in the system's own folder for such
	os.Exit(code)
}

func binary(t testing.TB, name string) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, name)
}

// newProcesses is a stack of separate processes, prepared by the operator's
// commands as in production. more is added to their environment.
func newProcesses(t testing.TB, apis, workers int, more ...string) *stack {
	t.Helper()
	s := &stack{stripe: simtest.Start(t)}
	url := pgtest.Empty(t)
	database := "DATABASE_URL=" + url
	env := []string{
		database, "GOLIVE_SEALING_KEYS=" + golive(t, nil, "keys", "new"), "GOLIVE_STRIPE_API_BASE=" + s.stripe.URL,
		"GOLIVE_ADDR=127.0.0.1:0", "GOLIVE_WORKER_ADDR=127.0.0.1:0", "GOLIVE_ADMIN_ADDR=127.0.0.1:0", "GOLIVE_LOG=json",
		"GOLIVE_CALLER_RATES=off", // tests ask faster than people do
	}
	if slices.ContainsFunc(more, func(v string) bool { return strings.HasPrefix(v, "GOLIVE_SEALING_KEYS_FILE=") }) {
		env = slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, "GOLIVE_SEALING_KEYS=") })
	}
	env = append(env, more...)
	s.env = env
	golive(t, []string{database}, "migrate")
	for range apis {
		p := spawn(t, "api", env)
		s.urls, s.processes = append(s.urls, "http://"+p.addr), append(s.processes, p)
	}
	for range workers {
		s.processes = append(s.processes, spawn(t, "worker", env))
	}
	pool, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s.pool = pool
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

// process is a service on its own.
type process struct {
	addr string
	cmd  *exec.Cmd
	log  *processLog
}

// workers are those processes that are.
func (s *stack) workers() []*process { return s.processes[len(s.urls):] }

// startWorker adds a worker.
func (s *stack) startWorker(t testing.TB) *process {
	t.Helper()
	p := spawn(t, "worker", s.env)
	s.processes = append(s.processes, p)
	return p
}

// kill ends it as a machine's death does, and returns once it is gone.
func (p *process) kill(t testing.TB) {
	t.Helper()
	p.log.killed.Store(true)
	if err := p.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	domaintest.Receive(t, p.log.over, "the end of what was killed")
}

// stop asks it to end, as orchestrators do.
func (p *process) stop(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// spawn runs a service until the test ends, and returns it once its log says
// where it listens.
func spawn(t testing.TB, name string, env []string) *process {
	t.Helper()
	return spawnBinary(t, binary(t, name), env)
}

func spawnBinary(t testing.TB, path string, env []string) *process {
	t.Helper()
	name := filepath.Base(path)
	cmd := exec.CommandContext(t.Context(), path)
	cmd.Env = env
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	log := &processLog{t: t, name: name, addr: make(chan string, 1), over: make(chan struct{})}
	go log.follow(stderr)
	t.Cleanup(func() { // after t.Context() has ended, and so told the process to stop
		<-log.over
		if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() != 0 && !log.killed.Load() {
			t.Errorf("%s: %v\n%s", name, err, strings.Join(log.tail, "\n"))
		}
	})
	select {
	case addr := <-log.addr:
		return &process{addr, cmd, log}
	case <-log.over:
		t.Fatalf("%s ended before it listened", name)
		return nil
	case <-time.After(domaintest.Patience):
		t.Fatalf("%s does not listen after %v", name, domaintest.Patience)
		return nil
	}
}

// processLog follows the log of a process; an error in it is one of the test.
type processLog struct {
	t      testing.TB
	name   string
	addr   chan string
	over   chan struct{}
	killed atomic.Bool
	tail   []string
	// all is every line, for those who search them.
	mu  sync.Mutex
	all strings.Builder
}

// said is all that the process has logged so far.
func (p *process) said() string {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	return p.log.all.String()
}

func (l *processLog) follow(stderr io.Reader) {
	defer close(l.over)
	lines := bufio.NewScanner(stderr)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct{ Level, Addr string }
		_ = json.Unmarshal(lines.Bytes(), &line) // a line of another kind says neither
		if line.Addr != "" {
			l.addr <- line.Addr
		}
		if line.Level == "ERROR" {
			l.t.Errorf("%s: %s", l.name, lines.Text())
		}
		l.mu.Lock()
		l.all.WriteString(lines.Text() + "\n")
		l.mu.Unlock()
		l.tail = append(l.tail, lines.Text())
		if len(l.tail) > 30 {
			l.tail = l.tail[1:]
		}
	}
}
