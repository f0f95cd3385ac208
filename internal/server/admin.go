package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/pprof"
)

// Admin serves those who run an API, on an address of its own that nobody else
// reaches: metrics tell of all tenants at once, a profile takes a processor's time and
// a dump has what is in memory.
func Admin(ready func(ctx context.Context) error, metrics http.Handler, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	Probes(mux, ready, log)
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol) // go tool pprof posts addresses
	return secure(mux)
}
