package ratelimit

import (
	"context"
	"fmt"
)

// AskedRate is how many calls to one account in one mode may start within any one second
// for what people ask for: the shop's own checkout shares the account's limit at Stripe, and
// a deployment has to get on. A preview makes about eight in live mode.
const AskedRate = 10

type askedKey struct{}

// Asked returns a context whose calls are of something that people ask for, such as an
// import, and no deployment's own: they have a lower ceiling.
func Asked(ctx context.Context) context.Context { return context.WithValue(ctx, askedKey{}, true) }

// ForPeople is a Limiter of a process whose calls are all Asked.
type ForPeople struct{ *Limiter }

// Wait is Limiter.Wait.
func (p ForPeople) Wait(ctx context.Context, accountID string, live bool, endpoint string) error {
	return p.Limiter.Wait(Asked(ctx), accountID, live, endpoint)
}

// waitAsked returns when a call that people ask for may queue with the others.
func (l *Limiter) waitAsked(ctx context.Context, accountID string, live bool) error {
	if asked, _ := ctx.Value(askedKey{}).(bool); !asked {
		return nil
	}
	if err := l.turn(ctx, askedOf(accountID, live)); err != nil {
		return fmt.Errorf("wait for a slot of what people ask for: %w", err)
	}
	return nil
}

// askedOf is counted in rows of its own, as an account that has one endpoint.
func askedOf(accountID string, live bool) scope {
	return scope{account: accountID + " asked", live: live, endpoint: "any"}
}

func (s scope) asked() bool { return s.endpoint == "any" }
