package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"
)

// listen opens addr, which the variable of that name says.
func listen(ctx context.Context, variable, addr string) (net.Listener, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another process: stop it, or choose another address with %s", addr, variable)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	return l, nil
}

// takeTime bounds how long a client may take an answer. Without it a client that does not
// read keeps the connection, the goroutine and the answer for ever.
const takeTime = 30 * time.Second

// takenInTime starts that time with an answer's first byte: an operation may take longer to
// come to it. What takes the connection over, and what streams, has deadlines of its own.
func takenInTime(next http.Handler, limit time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // the last answer's
		next.ServeHTTP(&timedWriter{ResponseWriter: w, limit: limit}, r)
	})
}

type timedWriter struct {
	http.ResponseWriter
	limit time.Duration
	begun bool
}

func (w *timedWriter) begin() {
	if !w.begun {
		w.begun = true
		by, control := time.Now().Add(w.limit), http.NewResponseController(w.ResponseWriter)
		_ = control.SetWriteDeadline(by)
		// Before it answers net/http waits for what it was promised of the request.
		_ = control.SetReadDeadline(by)
	}
}

func (w *timedWriter) WriteHeader(status int) {
	w.begin()
	w.ResponseWriter.WriteHeader(status)
}

func (w *timedWriter) Write(b []byte) (int, error) {
	w.begin()
	return w.ResponseWriter.Write(b)
}

// Unwrap returns the writer beneath.
func (w *timedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// drainTime bounds how long requests in flight may take to end. It is part of
// the 30 seconds that orchestrators wait by default.
const drainTime = 15 * time.Second

// serve answers on l until ctx ends. Then it calls drain, which may be nil, and
// goes on answering meanwhile, so that probes learn that it is not ready any more
// and nobody new comes; and at last it lets the requests in flight finish.
func serve(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger, drain func(context.Context)) error {
	s := newHTTPServer(takenInTime(handler, takeTime), log)
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if drain != nil {
		drain(ctx)
	}
	if err := s.Shutdown(ctx); err != nil {
		return fmt.Errorf("requests were still running after %v and were aborted: %w", drainTime, errors.Join(err, s.Close()))
	}
	return nil
}

// serveUntil answers on l until ctx ends, and then breaks off what it is answering.
func serveUntil(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger) error {
	s := newHTTPServer(handler, log)
	defer context.AfterFunc(ctx, func() { _ = s.Close() })()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}

func newHTTPServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
