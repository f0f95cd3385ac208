package chaos_test

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
)

// binaries builds what is going to be killed, once per run of the tests.
var binaries = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "golive-chaos-")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", folder+"/", "./cmd/api", "./cmd/worker")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		return folder, fmt.Errorf("%w: %s", err, out)
	}
	return folder, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if folder, err := binaries(); err == nil {
		_ = os.RemoveAll(folder) // a leftover in the system's own folder for such
	}
	os.Exit(code)
}

// process is one of Golive's.
type process struct {
	cmd *exec.Cmd
	// name is what deployments.owner shows of a worker; addr is where it listens.
	name, addr string
	// wire is a worker's way to its database.
	wire *pgtest.Proxy
	// over is closed once it has ended.
	over chan struct{}

	mu       sync.Mutex
	troubles []string
}

// spawn starts a binary and returns once its log says where it listens.
func spawn(binary string, env []string) (*process, error) {
	folder, err := binaries()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(filepath.Join(folder, binary)), over: make(chan struct{})}
	p.cmd.Env = env
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	works := make(chan struct{})
	go p.follow(stderr, works)
	select {
	case <-works:
		return p, nil
	case <-p.over:
		return nil, fmt.Errorf("%s ended before it worked: %s", binary, strings.Join(p.complaints(), "\n"))
	}
}

// follow reads the log until the process has ended.
func (p *process) follow(stderr io.Reader, works chan struct{}) {
	defer close(p.over)
	lines := bufio.NewScanner(stderr)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct{ Level, Name, Addr string }
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			line.Level = "ERROR" // a panic is no JSON
		}
		if line.Addr != "" {
			p.name, p.addr = line.Name, line.Addr
			close(works)
		}
		if line.Level == "ERROR" {
			p.mu.Lock()
			p.troubles = append(p.troubles, lines.Text())
			p.mu.Unlock()
		}
	}
	_ = p.cmd.Wait() // most of them are killed
}

// complaints are the error lines of its log.
func (p *process) complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.troubles...)
}

func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) } // it may have ended

// kill returns once it is dead.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.over
}
