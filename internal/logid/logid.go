// Package logid carries the ids by which log lines are found again: of the request
// that somebody made, and of the deployment that a worker carries out; and where a request
// came from, for the audit log. It imports
// nothing of ours, so that whoever gives an id and whoever writes it need not know
// each other.
package logid

import (
	"context"
	"log/slog"
)

type (
	requestKey    struct{}
	deploymentKey struct{}
	remoteKey     struct{}
)

// WithRequest returns a context whose errors and log lines name this request.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// Request returns the id of the request in ctx, "" where there is none.
func Request(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// WithRemote returns a context in which somebody acts from this address of the network.
func WithRemote(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, remoteKey{}, address)
}

// Remote returns the address from which somebody acts, "" where nobody does or none is
// known. It tells of a person and has no place in a log line.
func Remote(ctx context.Context) string {
	address, _ := ctx.Value(remoteKey{}).(string)
	return address
}

// WithDeployment returns a context whose log lines name the deployment.
func WithDeployment(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, deploymentKey{}, id)
}

// Attrs returns what log lines say of ctx: request_id and deployment_id, those that
// there are.
func Attrs(ctx context.Context) []slog.Attr {
	var attrs []slog.Attr
	if id := Request(ctx); id != "" {
		attrs = append(attrs, slog.String("request_id", id))
	}
	if id, _ := ctx.Value(deploymentKey{}).(string); id != "" {
		attrs = append(attrs, slog.String("deployment_id", id))
	}
	return attrs
}
