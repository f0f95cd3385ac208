//go:build !linux

package runner

import "time"

var started = time.Now()

// SinceBoot is for Linux, where Golive runs in production. This one may stand still
// while the machine sleeps.
func SinceBoot() time.Duration { return time.Since(started) }
