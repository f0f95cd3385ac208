package main

import (
	"bytes"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// running is a command under way.
type running struct {
	cmd *exec.Cmd
	out bytes.Buffer
	err transcript
}

// start runs a command that the test does not wait for yet.
func start(t *testing.T, env []string, args ...string) *running {
	t.Helper()
	r := &running{cmd: command(t.Context(), env, args...)}
	r.err.grew = make(chan struct{}, 1)
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.err
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *running) wait() result {
	_ = r.cmd.Wait()
	return result{r.out.String(), r.err.text(), r.cmd.ProcessState.ExitCode()}
}

// transcript is what a command has said so far.
type transcript struct {
	mu   sync.Mutex
	said bytes.Buffer
	grew chan struct{}
}

// Write implements io.Writer.
func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.grew <- struct{}{}:
	default:
	}
	return s.said.Write(p)
}

func (s *transcript) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

// await returns once the command has said something.
func (s *transcript) await(t *testing.T, something string) {
	t.Helper()
	for !strings.Contains(s.text(), something) {
		select {
		case <-s.grew:
		case <-time.After(time.Minute):
			t.Fatalf("it never said %q: %s", something, s.text())
		}
	}
}
