package runner

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// SinceBoot is the clock of leases. It never runs backwards, and unlike Go's own goes on
// while the machine sleeps: a lease that ended meanwhile has ended.
func SinceBoot() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		panic(fmt.Errorf("this kernel doesn't tell how long it has been up: %w", err)) // Linux has since 2.6.39
	}
	return time.Duration(now.Nano())
}
