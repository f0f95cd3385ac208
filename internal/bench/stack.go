package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/pgembed"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

// stack is Golive as it is deployed: each part a process of its own.
type stack struct {
	dir, keyset string
	server      *pgembed.Server
	url         string // the database's
	log         statementLog
	pool        *pgxpool.Pool
	tenants     *tenant.Service
	api, stripe string // URLs
	cleanups    []func()
	shopsSoFar  int
	workers     []*exec.Cmd // those that run
	apiProcess  *exec.Cmd
	floors      floors // of this machine, at the beginning
	rates       string // whether callers are held to their rates: on or off
}

// startStack holds nobody to a rate: the bench is in a hurry.
func startStack(ctx context.Context) (*stack, error) { return startStackWith(ctx, "off") }

func startStackWith(ctx context.Context, rates string) (_ *stack, err error) {
	s := &stack{rates: rates}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	// /tmp, because Postgres' user must pass where we are root.
	if s.dir, err = os.MkdirTemp("/tmp", "golive-bench-"); err != nil {
		return nil, err
	}
	s.cleanups = append(s.cleanups, func() { _ = os.RemoveAll(s.dir) })
	if err = errors.Join(os.Chmod(s.dir, 0o755), s.build(ctx), s.startDatabase(ctx)); err != nil {
		return nil, err
	}
	return s, s.startServices(ctx)
}

func (s *stack) stop() {
	for i := len(s.cleanups) - 1; i >= 0; i-- {
		s.cleanups[i]()
	}
}

func (s *stack) bin(name string) string { return filepath.Join(s.dir, "bin", name) }

func (s *stack) build(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", s.bin("")+"/", "./cmd/...")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	return nil
}

// startDatabase runs a server with its defaults, so that commits reach the disk.
func (s *stack) startDatabase(ctx context.Context) (err error) {
	if s.server, err = pgembed.Start(ctx, pgembed.Options{Dir: filepath.Join(s.dir, "postgres"), TCP: true, Log: &s.log}); err != nil {
		return err
	}
	s.cleanups = append(s.cleanups, func() { _ = s.server.Stop() })
	s.url = s.server.DSN("postgres")
	if err = postgres.Migrate(ctx, s.url, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	if s.pool, err = postgres.Open(ctx, s.url); err != nil {
		return err
	}
	s.cleanups = append(s.cleanups, s.pool.Close)
	if err = audit.LeaveUnchained(ctx, s.pool); err != nil {
		return err
	}
	s.tenants = &tenant.Service{DB: s.pool}
	s.keyset, err = seal.NewKeyset()
	return err
}

func (s *stack) startServices(ctx context.Context) error {
	simulator, err := freeAddr(ctx)
	if err != nil {
		return err
	}
	api, err := freeAddr(ctx)
	if err != nil {
		return err
	}
	s.stripe, s.api = "http://"+simulator, "http://"+api
	if _, err := s.run(ctx, s.bin("golive"), nil, "stripe-sim", "--addr", simulator); err != nil {
		return err
	}
	return errors.Join(awaitAnswer(ctx, s.stripe+"/_sim/clock"), s.startAPI(ctx))
}

func (s *stack) startAPI(ctx context.Context) (err error) {
	addr := strings.TrimPrefix(s.api, "http://")
	if s.apiProcess, err = s.run(ctx, s.bin("api"), s.env("GOLIVE_ADDR="+addr, "GOLIVE_ADMIN_ADDR=127.0.0.1:0")); err != nil {
		return err
	}
	return awaitAnswer(ctx, s.api+"/readyz")
}

func (s *stack) restartAPI(ctx context.Context) error {
	_ = s.apiProcess.Process.Kill()
	_ = s.apiProcess.Wait()
	return s.startAPI(ctx)
}

func (s *stack) startWorker(ctx context.Context) error {
	addr, err := freeAddr(ctx)
	if err != nil {
		return err
	}
	worker, err := s.run(ctx, s.bin("worker"), s.env("GOLIVE_WORKER_ADDR="+addr))
	if err != nil {
		return err
	}
	s.workers = append(s.workers, worker)
	return awaitAnswer(ctx, "http://"+addr+"/readyz")
}

// staffed calls do while there is a worker, which leaves again if there was none before:
// nothing is imported without one.
func (s *stack) staffed(ctx context.Context, do func() error) error {
	if len(s.workers) > 0 {
		return do()
	}
	if err := s.startWorker(ctx); err != nil {
		return err
	}
	err := do()
	worker := s.workers[0]
	s.workers = nil
	return errors.Join(err, worker.Process.Signal(syscall.SIGTERM), worker.Wait())
}

// killWorker ends the oldest one, as a machine's death does.
func (s *stack) killWorker() error {
	oldest := s.workers[0]
	s.workers = s.workers[1:]
	return oldest.Process.Kill()
}

func (s *stack) env(more ...string) []string {
	return append(more, "GOLIVE_CALLER_RATES="+s.rates, "DATABASE_URL="+s.url, "GOLIVE_SEALING_KEYS="+s.keyset, "GOLIVE_STRIPE_API_BASE="+s.stripe, "GOLIVE_PUBLIC_URL="+s.api)
}

// run starts a process that ends with the stack. What it says is shown only
// where it is an error.
func (s *stack) run(ctx context.Context, bin string, env []string, args ...string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Env = env
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go showErrors(said)
	s.cleanups = append(s.cleanups, func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	return cmd, nil
}

func showErrors(said io.Reader) {
	lines := bufio.NewScanner(said)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "level=ERROR") {
			fmt.Fprintln(os.Stderr, lines.Text())
		}
	}
}

func freeAddr(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// awaitAnswer waits until url answers with success.
func awaitAnswer(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		if _, err := request(ctx, http.MethodGet, url, "", nil); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s never answered", url)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

var web = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// request sends JSON, or a form where the body begins with no brace, and returns
// the answer's body.
func request(ctx context.Context, method, url, key string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if bytes.HasPrefix(body, []byte("{")) {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := web.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s %s", method, url, res.Status, answer)
	}
	return answer, err
}
