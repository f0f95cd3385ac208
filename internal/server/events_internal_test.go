package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// timedAnswer is a server's that gives what is left of a request a time with the first byte.
type timedAnswer struct {
	*httptest.ResponseRecorder
	read time.Time
}

func (a *timedAnswer) WriteHeader(int)                    { a.read = time.Now() }
func (a *timedAnswer) SetReadDeadline(by time.Time) error { a.read = by; return nil }

// A stream may last for as long as its client listens.
func TestEventsOutlastTheirRequestsTime(t *testing.T) {
	t.Parallel()
	a := &timedAnswer{ResponseRecorder: httptest.NewRecorder(), read: time.Now()}
	s := &eventStream{w: a, control: http.NewResponseController(a), wake: make(chan struct{}, 1)}
	s.begin()
	if !a.read.IsZero() {
		t.Errorf("it ends at %v", a.read)
	}
}
