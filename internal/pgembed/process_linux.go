package pgembed

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// locale of the cluster: text sorts by code point and every letter has its
// upper and lower case.
const locale = "C.UTF-8"

// dieWithParent has the kernel ask the server for a fast shutdown when the
// thread that started it ends.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }

// watchParent has nothing to do where the kernel watches.
func watchParent(int) (stop func()) { return func() {} }

// commandLine returns the arguments of process pid, none where there is no such
// process.
func commandLine(pid int) []string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || len(b) == 0 {
		return nil
	}
	return strings.Split(strings.TrimRight(string(b), "\x00"), "\x00")
}
