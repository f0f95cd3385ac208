package graph

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/tenant"
)

// How long an operation may take in all, and an event of a subscription.
const (
	patience       = 10 * time.Second
	stripePatience = time.Minute
	importPatience = 5 * time.Minute
)

// How many operations run at once in a process, and of one caller. Those that ask Stripe
// wait for it most of their time, and have places of their own.
const (
	placesAtOnce       = 64
	placesEach         = 16
	stripePlacesAtOnce = 64
	stripePlacesEach   = 8
	// The schema is large, and nobody needs it often.
	schemaPlacesAtOnce = 2
	schemaPlacesEach   = 1
	// placePatience is how long an operation waits for a place: as long as it might have
	// taken itself, so that a burst of honest calls is answered.
	placePatience = patience
)

// Guard executes operations for every transport, within limits: it refuses what is too
// large or costs too much before it runs, bounds how long it takes and what it answers,
// and how many run at once. A transport calls it as it would call gqlgen's executor.
type Guard struct {
	exec      *executor.Executor
	documents *documents
	// Operations that ask Stripe are slow, schema is for those that ask for the schema.
	quick, slow, schema *places
	development         bool
}

var _ graphql.GraphExecutor = (*Guard)(nil)

// caller is who sends an operation, as far as limits go.
type caller struct {
	// name tells callers apart, "" is for all who brought no credential.
	name string
	// trusted callers may look at the schema, and send longer documents.
	trusted bool
	// memberships is how many tenants it belongs to.
	memberships int
}

func (c caller) known() bool { return c.name != "" }

func (g *Guard) caller(ctx context.Context) caller {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return caller{trusted: g.development}
	}
	// The address alone would not do: any tenant may give a token to any address.
	name := strings.Join(append([]string{actor.Email}, actor.TenantIDs()...), " ")
	return caller{name: name, trusted: true, memberships: len(actor.Memberships)}
}

// CreateOperationContext reads an operation, or says why it is refused. It has asked
// nobody anything then, and taken no longer than milliseconds.
func (g *Guard) CreateOperationContext(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	by := g.caller(ctx)
	doc, errs := g.documents.read(params.Query, by)
	if len(errs) > 0 {
		return &graphql.OperationContext{}, errs
	}
	op, errs := g.exec.CreateOperationContext(hand(ctx, doc), params)
	if len(errs) > 0 {
		return op, errs
	}
	if err := refusedTo(by, op); err != nil {
		return op, gqlerror.List{err}
	}
	if by.known() {
		g.documents.cache.add(doc)
	}
	return op, nil
}

// refusedTo says why an operation is refused to a caller; nil is not at all.
func refusedTo(by caller, op *graphql.OperationContext) *gqlerror.Error {
	c := costing{op: op, memberships: by.memberships}
	cost := c.set(op.Operation.SelectionSet, 1)
	at := op.Operation.Position
	switch {
	case c.introspections > 0 && !by.trusted:
		return gqlerror.Wrap(fault.New(fault.Unauthenticated, "The schema is shown only to callers with an API token: Authorization: Bearer glt_…"))
	case c.introspections > 1:
		return badRequest(at, "An operation can select __schema or __type once.")
	case cost > maxCost:
		return badRequest(at, "The operation has a complexity over the limit of %d. Ask for smaller pages or fewer fields.", maxCost)
	}
	return nil
}

// DispatchOperation returns what runs the operation: once for queries and mutations, for
// each event of a subscription.
func (g *Guard) DispatchOperation(ctx context.Context, op *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	ctx = graphql.WithOperationContext(ctx, op)
	if op.Operation.Operation == ast.Subscription {
		events, ctx := g.exec.DispatchOperation(ctx, op)
		return func(ctx context.Context) *graphql.Response { return g.event(ctx, events, patience) }, ctx
	}
	var asked bool
	return func(ctx context.Context) *graphql.Response {
		if asked {
			return nil
		}
		asked = true
		return g.run(ctx, op)
	}, ctx
}

// DispatchError presents errors of CreateOperationContext.
func (g *Guard) DispatchError(ctx context.Context, errs gqlerror.List) *graphql.Response {
	return g.exec.DispatchError(ctx, errs[:min(len(errs), maxErrors)])
}

// run carries out one query or mutation.
func (g *Guard) run(ctx context.Context, op *graphql.OperationContext) *graphql.Response {
	places, limit, fields := g.quick, timeFor(op), int64(maxFields)
	switch {
	case (&costing{op: op}).introspects():
		places, fields = g.schema, maxSchemaFields
	case limit > patience:
		places = g.slow
	}
	leave, err := places.take(ctx, g.caller(ctx).name)
	if err != nil {
		return g.exec.DispatchError(ctx, gqlerror.List{gqlerror.Wrap(err)})
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ctx, left := withBudget(ctx, fields, nil)
	answer, ctx := g.exec.DispatchOperation(ctx, op)
	resp := answer(ctx)
	switch {
	case resp == nil:
		return g.exec.DispatchError(ctx, gqlerror.List{gqlerror.Wrap(errTime())})
	case left.over() || len(resp.Data) > maxAnswer:
		return g.exec.DispatchError(ctx, gqlerror.List{gqlerror.Wrap(errTooLarge())})
	}
	return bounded(resp)
}

// event waits for the next event for as long as it takes, and bounds what becomes of it:
// limit is how long that may take.
func (g *Guard) event(ctx context.Context, next graphql.ResponseHandler, limit time.Duration) *graphql.Response {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var late *time.Timer
	ctx, left := withBudget(ctx, maxFields, sync.OnceFunc(func() { late = time.AfterFunc(limit, cancel) }))
	resp := next(ctx)
	if late != nil {
		late.Stop()
	}
	switch {
	case resp == nil:
		return nil
	case left.over():
		return g.exec.DispatchError(ctx, gqlerror.List{gqlerror.Wrap(errTooLarge())})
	}
	return bounded(resp)
}

func bounded(resp *graphql.Response) *graphql.Response {
	resp.Errors = resp.Errors[:min(len(resp.Errors), maxErrors)]
	return resp
}

// timeFor is how long an operation may take, by the fields that it starts from.
func timeFor(op *graphql.OperationContext) time.Duration {
	limit := patience
	for _, f := range graphql.CollectFields(op, op.Operation.SelectionSet, nil) {
		switch name := f.ObjectDefinition.Name + "." + f.Name; {
		case name == "Mutation.importProducts":
			limit = max(limit, importPatience)
		case asksStripe[name]:
			limit = max(limit, stripePatience)
		}
	}
	return limit
}

func errTime() *fault.Error {
	return fault.New(fault.Unavailable, "The service is busy. Try again in a moment.")
}
