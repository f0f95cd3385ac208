package server

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
)

// operation is one query, mutation or subscription on a socket.
type operation struct {
	id     string
	params *graphql.RawParams
	cancel context.CancelFunc
}

// subscribe starts an operation of any kind.
func (c *socket) subscribe(f frame) (websocket.StatusCode, string) {
	params, err := decodeParams(f.Payload)
	if err != nil {
		return closeBadMessage, "Invalid message received"
	}
	params.Headers = c.header
	ctx, cancel := context.WithCancel(c.ctx)
	op := &operation{id: f.ID, params: params, cancel: cancel}
	c.mu.Lock()
	_, taken := c.operations[f.ID]
	full := len(c.operations) >= maxOperations
	if !taken && !full {
		c.operations[f.ID] = op
	}
	c.mu.Unlock()
	switch {
	case taken:
		cancel()
		return closeDuplicateID, "Subscriber for " + short(f.ID) + " already exists"
	case full:
		cancel()
		c.refuse(f.ID, fault.New(fault.RateLimited, "A connection can run at most %d operations at a time. Open another connection.", maxOperations))
		return 0, ""
	}
	c.served.Add(1)
	go c.execute(ctx, op)
	return 0, ""
}

// short fits an id into a close frame's reason: 123 bytes of UTF-8.
func short(id string) string {
	return strings.ToValidUTF8(id[:min(len(id), 64)], "")
}

// complete ends an operation at the client's wish. Nothing more is sent for it.
func (c *socket) complete(id string) {
	c.mu.Lock()
	op := c.operations[id]
	delete(c.operations, id)
	c.mu.Unlock()
	if op != nil {
		op.cancel()
	}
}

// end forgets the operation and tells whether the client still waits for its end.
func (c *socket) end(op *operation) bool {
	op.cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.operations[op.id] != op {
		return false
	}
	delete(c.operations, op.id)
	return c.ctx.Err() == nil
}

// execute runs the operation and ends it with exactly one of error and complete.
func (c *socket) execute(ctx context.Context, op *operation) {
	defer func() {
		if cause := recover(); cause != nil {
			c.hub.log.Error("panic in an operation", "cause", cause, "stack", string(debug.Stack()), "request_id", logid.Request(ctx))
			c.fail(op, gqlerror.List{asGraphQL(ctx, fault.New(fault.Internal, "Something went wrong on our side."))})
		}
	}()
	ctx, err := c.hub.auth.actor(ctx, c.credentials)
	if err != nil {
		c.unauthenticated(op, err)
		return
	}
	if errs := c.stream(graphql.StartOperationTrace(ctx), op); errs != nil {
		c.fail(op, errs)
	} else if c.end(op) {
		c.write(frame{ID: op.id, Type: "complete"})
	}
}

// unauthenticated ends what a token that no longer holds asked for.
func (c *socket) unauthenticated(op *operation, err error) {
	if fault.CodeOf(err) == fault.Unauthenticated {
		_ = c.close(closeForbidden, "Forbidden")
		return
	}
	if c.ctx.Err() == nil {
		c.hub.log.Error("could not check token", "error", err, "request_id", logid.Request(c.ctx))
	}
	c.fail(op, gqlerror.List{asGraphQL(c.ctx, fault.New(fault.Internal, "We couldn't check your token. Try again."))})
}

// stream sends every answer. It returns the errors of an operation that could not
// begin: those are told by error, never by next.
func (c *socket) stream(ctx context.Context, op *operation) gqlerror.List {
	oc, errs := c.hub.exec.CreateOperationContext(ctx, op.params)
	if errs != nil {
		return c.hub.exec.DispatchError(graphql.WithOperationContext(ctx, oc), errs).Errors
	}
	responses, ctx := c.hub.exec.DispatchOperation(graphql.WithOperationContext(ctx, oc), oc)
	for resp := responses(ctx); resp != nil && ctx.Err() == nil; resp = responses(ctx) {
		if resp.Data == nil && len(resp.Errors) > 0 {
			return resp.Errors
		}
		c.write(frame{ID: op.id, Type: "next", Payload: mustMarshal(asResponse(resp))})
	}
	return nil
}

func (c *socket) fail(op *operation, errs gqlerror.List) {
	if c.end(op) {
		c.write(frame{ID: op.id, Type: "error", Payload: mustMarshal(errs)})
	}
}

func (c *socket) refuse(id string, e *fault.Error) {
	c.write(frame{ID: id, Type: "error", Payload: mustMarshal(gqlerror.List{asGraphQL(c.ctx, e)})})
}

// mustMarshal encodes what the executor made, whose parts are JSON already; a
// panic here ends the operation, not the process.
func mustMarshal(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("encode an answer: %w", err))
	}
	return b
}
