package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stack is a running `golive dev`.
type stack struct {
	cmd    *exec.Cmd
	log    bytes.Buffer // to be read after the end
	ended  chan struct{}
	banner string

	url, worker, admin, stripe, token string
}

// startStack runs `golive dev` on free ports, with its data in dir, until it
// says that it runs. It is stopped when t ends.
func startStack(t *testing.T, dir string, env ...string) *stack {
	t.Helper()
	return startStackAt(t, "", dir, env...)
}

// startStackAt is startStack with --time, unless at is "".
func startStackAt(t *testing.T, at, dir string, env ...string) *stack {
	t.Helper()
	s, err := tryStack(t, at, dir, env...)
	// A port that was free a moment ago may be another test's by now.
	for err != nil && strings.Contains(s.log.String(), "in use") {
		s, err = tryStack(t, at, dir, env...)
	}
	if err != nil {
		t.Fatalf("golive dev: %v\n%s", err, s.log.String())
	}
	return s
}

func tryStack(t *testing.T, at, dir string, env ...string) (*stack, error) {
	t.Helper()
	s := &stack{ended: make(chan struct{}), url: "http://" + freePort(t), worker: freePort(t), admin: freePort(t)}
	env = append([]string{
		"GOLIVE_DATA_DIR=" + dir,
		"GOLIVE_ADDR=" + strings.TrimPrefix(s.url, "http://"), "GOLIVE_WORKER_ADDR=" + s.worker, "GOLIVE_ADMIN_ADDR=" + s.admin,
		"GOLIVE_DEV_STRIPE_ADDR=" + freePort(t), "GOLIVE_DEV_MAIL_ADDR=" + freePort(t), "GOLIVE_DEV_SIGN_IN_ADDR=" + freePort(t),
	}, env...)
	args := []string{"dev", "--latency=0s"}
	if at != "" {
		args = append(args, "--time", at)
	}
	s.cmd = command(context.Background(), env, args...) // t's context ends before its cleanups
	s.cmd.Stderr = &s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.end(syscall.SIGTERM) })
	return s, s.read(out)
}

// read takes the banner and what it says.
func (s *stack) read(out io.Reader) error {
	lines := bufio.NewScanner(out)
	for !strings.Contains(s.banner, "Ctrl-C") && lines.Scan() {
		s.banner += lines.Text() + "\n"
	}
	go func() {
		_, _ = io.Copy(io.Discard, out)
		_ = s.cmd.Wait()
		close(s.ended)
	}()
	if !strings.Contains(s.banner, "Ctrl-C") {
		<-s.ended
		return io.ErrUnexpectedEOF
	}
	s.token = regexp.MustCompile(`glt_\w+`).FindString(s.banner)
	s.stripe = regexp.MustCompile(`Stripe +(http://[\d.:]+)`).FindStringSubmatch(s.banner)[1]
	return nil
}

// end sends a signal and returns the exit status, -1 after a kill.
func (s *stack) end(signal syscall.Signal) int {
	select {
	case <-s.ended: // its pid may be another process's now
	default:
		_ = s.cmd.Process.Signal(signal)
	}
	select {
	case <-s.ended:
	case <-time.After(time.Minute):
		_ = s.cmd.Process.Kill()
		<-s.ended
	}
	return s.cmd.ProcessState.ExitCode()
}

// env is what commands need to talk to the stack.
func (s *stack) env() []string {
	return []string{"GOLIVE_URL=" + s.url, "GOLIVE_TOKEN=" + s.token}
}
