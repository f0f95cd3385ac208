package server

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
)

// requestIDHeader carries a request's id in and out.
const requestIDHeader = "X-Request-Id"

// A trusted proxy's request id is kept only where it cannot break a log.
var goodRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// wrap puts around all routes what every request passes through.
func wrap(next http.Handler, log *slog.Logger, trusted proxies, publicURL string) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	if origin := originOf(publicURL); origin != "" {
		_ = crossOrigin.AddTrustedOrigin(origin) // a proxy may change the Host header
	}
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		graphqlRefusal(w, r, http.StatusForbidden, fault.New(fault.Forbidden, "Requests from other websites aren't allowed."))
	}))
	return trusted.locate(identify(logged(recoverPanics(secure(crossOrigin.Handler(next)), log), log)))
}

// identify gives the request an id, for logs and internal errors.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestIDHeader)
		if !goodRequestID.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set(requestIDHeader, id)
		next.ServeHTTP(w, r.WithContext(logid.WithRequest(r.Context(), id)))
	})
}

// strictTransport keeps browsers from plain HTTP for a year. Whether other hosts of the
// domain have HTTPS is not for us to promise.
const strictTransport = "max-age=31536000"

// secure sets the headers that keep browsers from doing more with an answer than
// it is for. Pages loosen the content policy for themselves.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cache-Control", "no-store")
		if isSecure(r.Context()) {
			h.Set("Strict-Transport-Security", strictTransport)
		}
		next.ServeHTTP(w, r)
	})
}

// logged writes one line for each request. It names no header, no query and no
// body: tokens and keys travel in them. Probes are logged only where they fail.
func logged(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		var operation string
		next.ServeHTTP(seen, r.WithContext(context.WithValue(r.Context(), operationKey{}, &operation)))
		level := slog.LevelInfo
		if isProbe(r) && seen.status < 400 {
			level = slog.LevelDebug
		}
		log.Log(r.Context(), level, "request",
			"request_id", logid.Request(r.Context()), "method", r.Method, "path", loggable(r.URL.Path), "operation", operation,
			"status", seen.status, "bytes", seen.bytes, "ms", time.Since(start).Milliseconds())
	})
}

// levelOf is how much somebody should look at an error. That a caller went away before the
// answer is no fault, and would fill the log.
func levelOf(err error) slog.Level {
	if errors.Is(err, context.Canceled) {
		return slog.LevelDebug
	}
	return slog.LevelError
}

// secretPaths are those that end in something whose holder may act, in any case: a pattern,
// since a text in lower case can be longer, where it is no valid UTF-8.
var secretPaths = regexp.MustCompile(`(?i)/(?:unsubscribe|recipient|calendar|login/link|hooks/stripe)/`)

// loggable returns an URL's path, cleaned as the routes see it, without what is a secret
// in it, wherever that stands: somebody may ask below a path that is a proxy's.
func loggable(url string) string {
	cleaned := path.Clean("/" + url)
	if at := secretPaths.FindStringIndex(cleaned); at != nil {
		return cleaned[:at[1]] + "…"
	}
	return cleaned
}

type operationKey struct{}

// noteOperation tells the log what a GraphQL request asks for.
func noteOperation(ctx context.Context, operation string) {
	if note, ok := ctx.Value(operationKey{}).(*string); ok {
		*note = operation
	}
}

func isProbe(r *http.Request) bool {
	return r.URL.Path == "/healthz" || r.URL.Path == "/readyz"
}

// recoverPanics answers a panic with 500, so that its text stays ours.
func recoverPanics(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause)
			}
			log.ErrorContext(r.Context(), "panic", "cause", cause, "stack", string(debug.Stack()), "request_id", logid.Request(r.Context()))
			graphqlRefusal(w, r, http.StatusInternalServerError, fault.New(fault.Internal, "Something went wrong on our side."))
		}()
		next.ServeHTTP(w, r)
	})
}

// statusWriter remembers what was answered. Unwrap lets a socket take the
// connection over.
type statusWriter struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap returns the writer beneath.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
