package server

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/progress"
	"github.com/golive-hq/golive/internal/tenant"
)

// operation is one query, mutation or subscription on a socket.
type operation struct {
	id     string
	cancel context.CancelFunc

	// A subscription that has begun waits here, without a goroutine, for something to
	// send. responses and waiting belong to the socket's mu.
	pull      progress.Pull
	responses graphql.ResponseHandler
	ctx       context.Context //nolint:containedctx // what responses needs, whenever there is one
	waiting   bool
}

// answerTime is how long one message of a subscription may take to be made.
const answerTime = 10 * time.Second

// subscribe starts an operation of any kind.
func (c *socket) subscribe(f frame) (websocket.StatusCode, string) {
	params, err := decodeParams(f.Payload)
	if err != nil {
		return closeBadMessage, "Invalid message received"
	}
	ctx, cancel := context.WithCancel(c.ctx)
	op := &operation{id: f.ID, cancel: cancel}
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
	go c.execute(ctx, op, params)
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

// execute runs the operation and ends it with exactly one of error and complete, unless it
// is a subscription that goes on without a goroutine.
func (c *socket) execute(ctx context.Context, op *operation, params *graphql.RawParams) {
	defer c.contain(op)
	actor, err := c.counted(ctx)
	if err != nil {
		c.unauthenticated(op, err)
		return
	}
	ctx = progress.WithPull(tenant.WithActor(ctx, actor), &op.pull)
	op.pull.Wake = func() { c.wake(op) }
	switch goesOn, errs := c.stream(graphql.StartOperationTrace(ctx), op, params); {
	case errs != nil:
		c.fail(op, errs)
	case !goesOn:
		c.finish(op)
	}
}

// counted returns who is calling by now, once the operation has counted as a request of whom
// the socket was let in as.
func (c *socket) counted(ctx context.Context) (tenant.Actor, error) {
	if err := c.hub.auth.limits.rates.Request(tenant.WithActor(ctx, c.by)); err != nil {
		return tenant.Actor{}, err
	}
	return c.who(ctx)
}

// contain makes of a panic the failure of one operation.
func (c *socket) contain(op *operation) {
	if cause := recover(); cause != nil {
		c.hub.log.Error("panic in an operation", "cause", cause, "stack", string(debug.Stack()), "request_id", logid.Request(c.ctx))
		c.fail(op, gqlerror.List{asGraphQL(c.ctx, fault.New(fault.Internal, "Something went wrong on our side."))})
	}
}

// unauthenticated ends what a token that no longer holds asked for.
func (c *socket) unauthenticated(op *operation, err error) {
	if fault.CodeOf(err) == fault.Unauthenticated {
		_ = c.close(closeForbidden, "Forbidden")
		return
	}
	if e := fault.As(err); e != nil {
		c.fail(op, gqlerror.List{asGraphQL(c.ctx, e)})
		return
	}
	c.hub.log.Log(c.ctx, levelOf(err), "could not check token", "error", err, "request_id", logid.Request(c.ctx))
	c.fail(op, gqlerror.List{asGraphQL(c.ctx, fault.New(fault.Internal, "We couldn't check your token. Try again."))})
}

// stream sends every answer, or leaves that to pump: then it goesOn. It returns the errors
// of an operation that could not begin: those are told by error, never by next.
func (c *socket) stream(ctx context.Context, op *operation, params *graphql.RawParams) (goesOn bool, errs gqlerror.List) {
	oc, errs := c.hub.exec.CreateOperationContext(ctx, params)
	if errs != nil {
		return false, c.hub.exec.DispatchError(graphql.WithOperationContext(ctx, oc), errs).Errors
	}
	responses, ctx := c.hub.exec.DispatchOperation(graphql.WithOperationContext(ctx, oc), oc)
	if op.pull.Used() {
		c.mu.Lock()
		op.ctx, op.responses = ctx, responses
		c.mu.Unlock()
		c.wake(op)
		return true, nil
	}
	for resp := responses(ctx); resp != nil && ctx.Err() == nil && c.watch.Gone() == nil; resp = responses(ctx) {
		if resp.Data == nil && len(resp.Errors) > 0 {
			return false, resp.Errors
		}
		c.write(frame{ID: op.id, Type: "next", Payload: mustMarshal(asResponse(resp))})
	}
	return false, nil
}

// wake puts a subscription in line for the pump. It never blocks.
func (c *socket) wake(op *operation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if op.waiting || op.responses == nil || c.operations[op.id] != op {
		return
	}
	op.waiting = true
	c.waiting = append(c.waiting, op)
	if !c.pumping {
		c.pumping = true
		go c.pump()
	}
}

// pump sends what subscriptions have, by turns, until there is nothing more.
func (c *socket) pump() {
	for op := c.nextInLine(); op != nil; op = c.nextInLine() {
		c.advance(op)
	}
}

func (c *socket) nextInLine() *operation {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 || c.ctx.Err() != nil {
		c.waiting, c.pumping = nil, false
		return nil
	}
	op := c.waiting[0]
	c.waiting, op.waiting = c.waiting[1:], false
	return op
}

// advance sends what a subscription has. Nothing is sent any more once it is known that
// the client's right is gone.
func (c *socket) advance(op *operation) {
	defer c.contain(op)
	n, over := op.pull.Fill(op.ctx)
	for range n {
		if !c.sendNext(op) {
			return
		}
	}
	switch {
	case over && op.ctx.Err() == nil:
		c.finish(op)
	case n > 0:
		c.wake(op)
	}
}

func (c *socket) sendNext(op *operation) bool {
	ctx, cancel := context.WithTimeout(op.ctx, answerTime)
	defer cancel()
	resp := op.responses(ctx)
	if resp == nil || op.ctx.Err() != nil || c.watch.Gone() != nil {
		return false
	}
	c.write(frame{ID: op.id, Type: "next", Payload: mustMarshal(asResponse(resp))})
	return true
}

func (c *socket) finish(op *operation) {
	if c.end(op) {
		c.write(frame{ID: op.id, Type: "complete"})
	}
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
