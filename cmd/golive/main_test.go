package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// actAs makes this test binary be golive itself, so that tests run real
// processes without building anything.
const actAs = "GOLIVE_TEST_ACT"

func TestMain(m *testing.M) {
	if os.Getenv(actAs) != "" {
		os.Exit(run())
	}
	os.Exit(m.Run())
}

// command prepares a process of golive in an environment of its own: PATH and
// what env says.
func command(ctx context.Context, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append([]string{actAs + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	return cmd
}

// result is what a finished process said.
type result struct {
	out, err string
	status   int
}

func golive(t *testing.T, env []string, args ...string) result {
	t.Helper()
	return finish(t, command(t.Context(), env, args...))
}

func finish(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{out.String(), complaints.String(), cmd.ProcessState.ExitCode()}
}

// line returns the one line that a command printed.
func (r result) line(t *testing.T) string {
	t.Helper()
	text, whole := strings.CutSuffix(r.out, "\n")
	if r.status != 0 || !whole || text == "" || strings.Contains(text, "\n") {
		t.Fatalf("not one line and success: status %d, out %q, err %q", r.status, r.out, r.err)
	}
	return text
}

// fails checks that a command failed and named these: ids, flags, variables, commands to
// run, and what was typed. How it puts them is not judged.
func (r result) fails(t *testing.T, status int, names ...string) {
	t.Helper()
	if r.status != status || !strings.Contains(r.err, "golive: ") || r.out != "" {
		t.Errorf("status %d, out %q, err %q; want status %d and a complaint", r.status, r.out, r.err, status)
	}
	r.says(t, names...)
}

// says checks that a command named these beside its answer.
func (r result) says(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if !strings.Contains(r.err, name) {
			t.Errorf("%q is not said: %+v", name, r)
		}
	}
}
