package pgembed_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/pgembed"
)

// parentEnv makes the test binary a parent of a server, in the folder it names.
const parentEnv = "GOLIVE_PGEMBED_TEST_PARENT"

func TestMain(m *testing.M) {
	if dir := os.Getenv(parentEnv); dir != "" {
		beParent(dir)
		return
	}
	os.Exit(m.Run())
}

// beParent prints one line, the server's URL or the error, and lives until its
// stdin closes. It never stops the server.
func beParent(dir string) {
	s, err := pgembed.Start(context.Background(), pgembed.Options{Dir: dir})
	if err != nil {
		fmt.Fprintln(os.Stdout, strings.ReplaceAll(err.Error(), "\n", " "))
		return
	}
	fmt.Fprintln(os.Stdout, s.DSN("postgres"))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// startParent runs a parent, as changed by the caller, and returns its line.
func startParent(t *testing.T, dir string, change func(*exec.Cmd)) (parent *exec.Cmd, line string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent = exec.Command(self)
	parent.Env = append(os.Environ(), parentEnv+"="+dir)
	if change != nil {
		change(parent)
	}
	stdin, err := parent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = parent.Wait()
	})
	line, err = bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return parent, strings.TrimSpace(line)
}
