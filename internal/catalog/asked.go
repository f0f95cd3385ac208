package catalog

import (
	"context"
	"time"
)

type askedKey struct{}

// AskedAt returns a context whose questions to Stripe stood already at t: what was read
// after it answers them, too. So many that were asked at one time share a read, even
// where their turns come one after the other.
func AskedAt(ctx context.Context, t time.Time) context.Context {
	return context.WithValue(ctx, askedKey{}, t)
}

// Asked is since when the questions of ctx stand: now, unless AskedAt says otherwise.
func Asked(ctx context.Context) time.Time {
	if t, ok := ctx.Value(askedKey{}).(time.Time); ok {
		return t
	}
	return time.Now()
}
