package engine

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
)

// OutageError is a Stripe that is down, or out of reach, or cannot be read, for longer
// than a run waits. What was begun is not settled; the run goes on later where it
// stopped.
type OutageError struct {
	Cause *catalog.Error
	// Tried is how long Stripe was tried, from the first call that failed to the last,
	// calls included, and what they waited for their turn not.
	Tried time.Duration
}

func (e *OutageError) Error() string { return fmt.Sprintf("stripe is down: %v", e.Cause) }

func (e *OutageError) Unwrap() error { return e.Cause }

// Down tells whether all of Stripe is; else the read of one object fails, which is
// worth waiting for as long as for its write.
func (e *OutageError) Down() bool { return down(e.Cause) }

// Unanswered sorts the error of a read: one that may pass is an *OutageError, one that
// will not a *StepError that belongs to no step.
func Unanswered(err error) error {
	var refused *catalog.Error
	if !errors.As(err, &refused) {
		return err
	}
	if refused.Transient() {
		return &OutageError{Cause: refused, Tried: refused.Took}
	}
	return &StepError{Index: -1, Err: refused}
}

// down tells an outage from one object's trouble, which is what a 500 mostly is, and
// an answer that we cannot read.
func down(e *catalog.Error) bool {
	return e.Kind == catalog.KindNetwork ||
		e.Kind == catalog.KindUnavailable && e.Status != http.StatusInternalServerError && e.Status != http.StatusOK
}
