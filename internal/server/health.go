package server

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/golive-hq/golive/graph"
)

// healthz tells that the process runs.
func healthz(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz tells whether requests can be answered. Why not is for the log: whoever
// may ask here may not read errors of the database.
func readyz(ready func(ctx context.Context) error, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := ready(ctx); err != nil {
			log.WarnContext(r.Context(), "not ready", "error", err, "request_id", graph.RequestID(r.Context()))
			writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready"})
			return
		}
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
}
