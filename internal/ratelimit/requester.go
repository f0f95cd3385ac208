package ratelimit

import "context"

type requesterKey struct{}

// For returns a context whose calls wait as those of requester: a deployment's
// id, say. Requesters take turns, each of them first come, first served, however
// many calls they have. All calls without a requester count as one.
func For(ctx context.Context, requester string) context.Context {
	return context.WithValue(ctx, requesterKey{}, requester)
}

func requesterOf(ctx context.Context) string {
	requester, _ := ctx.Value(requesterKey{}).(string)
	return requester
}
