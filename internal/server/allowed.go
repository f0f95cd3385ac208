package server

import (
	"context"
	"net/http"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
)

// whileAllowed ends a request whose right is withdrawn before it is answered: what it does
// is cancelled, and the answer is a refusal, but for a moment where it was the request
// that withdrew it. asked is when the actor was found out.
func (b bearer) whileAllowed(w http.ResponseWriter, r *http.Request, asked time.Time, next http.Handler, refuse refusal) {
	actor, err := tenant.ActorFrom(r.Context())
	if err != nil {
		next.ServeHTTP(w, r) // nobody's
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	ctx, own := tenant.NoteWithdrawals(ctx)
	watch := b.rights.Watch(actor, asked, func(why *fault.Error) {
		if why.Code != fault.Unavailable { // a request has an end of its own
			time.AfterFunc(own.Grace(), cancel)
		}
	})
	defer watch.Leave()
	next.ServeHTTP(&allowedWriter{ResponseWriter: w, refuse: func() bool {
		why := watch.Gone()
		switch {
		case why == nil || own.Grace() > 0:
			return false
		case why.Code == fault.Forbidden:
			refuse(w, r, http.StatusForbidden, why)
		default:
			refuse(w, r, http.StatusUnauthorized, why)
		}
		return true
	}}, r.WithContext(ctx))
}

// allowedWriter decides at the first byte whether an answer may be given.
type allowedWriter struct {
	http.ResponseWriter
	refuse         func() bool
	begun, refused bool
}

// WriteHeader is http.ResponseWriter's.
func (w *allowedWriter) WriteHeader(status int) {
	if w.begun {
		return
	}
	w.begun = true
	if w.refused = w.refuse(); !w.refused {
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write is http.ResponseWriter's.
func (w *allowedWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.refused {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap returns the writer beneath.
func (w *allowedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
