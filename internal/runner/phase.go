package runner

import "time"

// Phase is a part of carrying a deployment out.
type Phase string

// The phases.
const (
	Checking  Phase = "checking"
	Writing   Phase = "writing"
	Verifying Phase = "verifying"
	Undoing   Phase = "undoing"
)

// timed tells how long do took, however it ended.
func timed(r *run, p Phase, do func() error) error {
	if r.runner.Phase == nil {
		return do()
	}
	began := time.Now()
	defer func() { r.runner.Phase(p, time.Since(began)) }()
	return do()
}
