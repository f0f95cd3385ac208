package domaintest

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Script is one of tools/node that runs.
type Script struct {
	// Lines are what it prints; the channel is closed at its end.
	Lines <-chan string
	ended chan error
	said  bytes.Buffer // to be read after the end
}

// Node starts a script of tools/node, which ends with the test. That folder has what people
// elsewhere made to speak with servers such as ours: `make` installs it.
func Node(t testing.TB, script string, args ...string) *Script {
	t.Helper()
	folder := filepath.Join(root(t), "tools", "node")
	notice(t, folder)
	cmd := exec.CommandContext(t.Context(), "node", append([]string{filepath.Join(folder, script)}, args...)...)
	lines := make(chan string, 1000)
	s := &Script{Lines: lines, ended: make(chan error, 1)}
	cmd.Stderr = &s.said
	out, err := cmd.StdoutPipe()
	Must(t, err)
	Must(t, cmd.Start())
	go func() {
		scanner := bufio.NewScanner(out)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
		close(lines)
		s.ended <- cmd.Wait()
	}()
	return s
}

// End waits for the script, which must end well, and returns what it said beside its answer.
func (s *Script) End(t testing.TB) string {
	t.Helper()
	if err := Receive(t, s.ended, "the end of a script"); err != nil {
		t.Fatalf("%v: %s", err, s.said.String())
	}
	return s.said.String()
}

// notice looks at the scripts, so that Go, which keeps the results of tests, runs one again
// when they have changed.
func notice(t testing.TB, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.*"))
	Must(t, err)
	for _, file := range files {
		_, err := os.Stat(file)
		Must(t, err)
	}
}

// root is the folder that go.mod is in.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	Must(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal(fmt.Errorf("no go.mod above %s", dir))
		}
		dir = filepath.Dir(dir)
	}
}
