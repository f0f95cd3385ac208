package app

import (
	"context"
	"io"
	"log/slog"
	"slices"

	"github.com/golive-hq/golive/internal/logid"
)

// NewLogger returns a logger that writes lines of that format, "text" or
// "json", to w. A line that is logged with a context tells its request and its
// deployment, whoever logs it.
func NewLogger(w io.Writer, format string) *slog.Logger {
	if format == "json" {
		return slog.New(contextHandler{slog.NewJSONHandler(w, nil)})
	}
	return slog.New(contextHandler{slog.NewTextHandler(w, nil)})
}

// contextHandler adds what the context knows, unless the line says it itself.
type contextHandler struct{ slog.Handler }

func (h contextHandler) Handle(ctx context.Context, r slog.Record) error {
	for _, attr := range logid.Attrs(ctx) {
		addMissing(&r, attr)
	}
	return h.Handler.Handle(ctx, r)
}

func addMissing(r *slog.Record, attr slog.Attr) {
	var keys []string
	r.Attrs(func(a slog.Attr) bool { keys = append(keys, a.Key); return true })
	if !slices.Contains(keys, attr.Key) {
		r.AddAttrs(attr)
	}
}

func (h contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attrs)}
}

func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}
