package postgres

import "syscall"

// tcpUserTimeout is TCP_USER_TIMEOUT, which package syscall does not name.
const tcpUserTimeout = 0x12

// limitSilence has the kernel give a connection up whose peer does not acknowledge
// what it was sent. Keep-alive probes do not run meanwhile, and without a limit
// the kernel tries for a quarter of an hour.
func limitSilence(_, _ string, raw syscall.RawConn) error {
	var err error
	failed := raw.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(deadAfter.Milliseconds()))
	})
	if failed != nil {
		return failed
	}
	return err
}
