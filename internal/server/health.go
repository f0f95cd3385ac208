package server

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Probes adds the pages that every process shows to whoever asks: /healthz and
// /readyz. They say yes or no and nothing else. ready returns why the process cannot
// do its work now, nil where it can.
func Probes(mux *http.ServeMux, ready func(ctx context.Context) error, log *slog.Logger) {
	mux.HandleFunc("GET /healthz", healthz)
	mux.Handle("GET /readyz", readyz(ready, log))
}

// healthz tells that the process runs.
func healthz(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz tells whether the process can do its work. Why not is for the log:
// whoever may ask here may not read errors of the database.
func readyz(ready func(ctx context.Context) error, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := ready(ctx); err != nil {
			log.WarnContext(ctx, "not ready", "error", err)
			writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready"})
			return
		}
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
}
