//go:build !linux

package pgembed

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// locale of the cluster. C.UTF-8 is not to be had on every macOS.
const locale = "C"

// dieWithParent has no equal in these kernels: see watchParent.
func dieWithParent(*syscall.SysProcAttr) {}

// watchParent starts a shell that reads from a pipe which only we hold open:
// when we end, however we do, the pipe closes and the shell stops the server.
func watchParent(pid int) (stop func()) {
	cmd := exec.Command("sh", "-c", "read -r _ || kill -INT "+strconv.Itoa(pid))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdinPipe()
	if err != nil || cmd.Start() != nil {
		return func() {} // the next start finds the orphan
	}
	return func() {
		_, _ = pipe.Write([]byte("ended\n"))
		_ = cmd.Wait()
	}
}

// commandLine returns the arguments of process pid, none where there is no such
// process.
func commandLine(pid int) []string {
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return nil
	}
	return strings.Fields(string(out))
}
