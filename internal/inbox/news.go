package inbox

import (
	"context"
	"time"
)

type newsKey struct{}

// withNews lets whoever applies a read know when what it tells of happened.
func withNews(ctx context.Context, at *time.Time) context.Context {
	if at == nil {
		return ctx
	}
	return context.WithValue(ctx, newsKey{}, *at)
}

// NewsAt is when Stripe made the newest event that led to a read, false where none did, or
// somebody replayed it.
func NewsAt(ctx context.Context) (time.Time, bool) {
	at, ok := ctx.Value(newsKey{}).(time.Time)
	return at, ok
}
