package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// errDraining makes load balancers look elsewhere while requests in flight end.
var errDraining = errors.New("this process is stopping")

// readiness returns whether a process can do its work: it is not stopping, and
// the database answers with a schema that fits.
func readiness(stopping context.Context, pool *pgxpool.Pool) func(context.Context) error {
	return func(ctx context.Context) error {
		if stopping.Err() != nil {
			return errDraining
		}
		return CheckSchema(ctx, pool)
	}
}

// probes are the worker's pages: /healthz for the process, /readyz for its work,
// /metrics.
func probes(ready func(context.Context) error, metrics http.Handler, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { status(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := ready(ctx); err != nil {
			// The reason may name hosts and users: it is for the log.
			log.WarnContext(ctx, "not ready", "error", err)
			status(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		status(w, http.StatusOK, "ok")
	})
	mux.Handle("GET /metrics", metrics)
	return mux
}

func status(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(`{"status":"` + text + `"}` + "\n")) // a prober that has gone needs no answer
}
