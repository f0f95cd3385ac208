package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/quota"
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
	// The schema is large, and nobody needs it often: making it known takes a processor of its
	// own for a while, and there may be but two.
	schemaPlacesAtOnce = 1
	schemaPlacesEach   = 1
	// What asks for much keeps processors and the database at work as long as it runs: half of
	// them are left to all others, however many ask for much at once.
	largeCost       = maxCost / 5
	largePlacesEach = 1
	// Events of subscriptions, and opening one. All of a client that is back may wait in
	// line: there are no more than its sockets can run.
	eventPlacesAtOnce = 64
	eventPlacesEach   = 16
	eventLine         = 400
	placeLine         = 32
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
	schemas   *recent[json.RawMessage]
	rates     *quota.Rates
	// Operations that ask Stripe are slow, those that ask for much large; schema is for those
	// that ask for the schema.
	quick, large, slow, schema, events *places
	development                        bool
	manifest                           Manifest
	trustedOnly                        bool
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
	name := actor.Email
	for _, m := range actor.Memberships {
		name += " " + m.Tenant.ID // also where the scope lets none be seen
	}
	return caller{name: name, trusted: true, memberships: len(actor.Memberships)}
}

// CreateOperationContext reads an operation, or says why it is refused. It has taken no
// longer than milliseconds then, and asked nobody anything but how often its caller may do
// that. A subscription counts as open until ctx ends.
func (g *Guard) CreateOperationContext(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	by := g.caller(ctx)
	text, err := g.document(ctx, params)
	if err != nil {
		return &graphql.OperationContext{}, gqlerror.List{err}
	}
	doc, errs := g.documents.read(text, by)
	if len(errs) > 0 {
		return &graphql.OperationContext{}, errs
	}
	params.Query = text
	op, errs := g.exec.CreateOperationContext(hand(ctx, doc), params)
	if len(errs) > 0 {
		return op, errs
	}
	if err := refusedTo(by, op); err != nil {
		return op, gqlerror.List{err}
	}
	if by.known() {
		g.documents.cache.add(text, doc, doc.weight)
	}
	if err := g.count(ctx, op); err != nil {
		return op, gqlerror.List{gqlerror.Wrap(err)}
	}
	return op, nil
}

// count holds callers to the rates of what changes something or stays.
func (g *Guard) count(ctx context.Context, op *graphql.OperationContext) error {
	switch op.Operation.Operation {
	case ast.Mutation:
		return g.rates.Mutate(ctx, len(graphql.CollectFields(op, op.Operation.SelectionSet, nil)))
	case ast.Subscription:
		return g.rates.Subscribe(ctx)
	}
	return nil
}

// refusedTo says why an operation is refused to a caller; nil is not at all.
func refusedTo(by caller, op *graphql.OperationContext) *gqlerror.Error {
	c := costing{op: op, memberships: by.memberships}
	cost := c.set(op.Operation.SelectionSet, 1)
	at := op.Operation.Position
	switch {
	case c.introspections > 1:
		return badRequest(at, "An operation can select __schema or __type once.")
	case c.introspections > 0 && timeFor(op) > patience:
		// It would keep one of few places for as long as Stripe takes.
		return badRequest(at, "An operation that selects __schema or __type can't call Stripe. Send two operations.")
	case cost > maxCost:
		return badRequest(at, "The operation has a complexity over the limit of %d. Ask for smaller pages or fewer fields.", maxCost)
	}
	return nil
}

// DispatchOperation returns what runs the operation: once for queries and mutations, for
// each event of a subscription. The answer of a query or mutation counts for its caller
// until ctx ends, or there is asked for another.
func (g *Guard) DispatchOperation(ctx context.Context, op *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	ctx = graphql.WithOperationContext(ctx, op)
	if op.Operation.Operation == ast.Subscription {
		return g.begin(ctx, patience, func(ctx context.Context) (graphql.ResponseHandler, context.Context) {
			return g.exec.DispatchOperation(ctx, op)
		})
	}
	var answered func()
	return func(ctx context.Context) (resp *graphql.Response) {
		if answered != nil {
			answered()
			return nil
		}
		resp, answered = g.run(ctx, op)
		return resp
	}, ctx
}

// Within does for a caller, in a quick operation's place and time, what is none. Callers
// without a credential are told apart by where they come from.
func (g *Guard) Within(ctx context.Context, do func(context.Context) error) error {
	place, err := g.quick.take(ctx, cmp.Or(g.caller(ctx).name, logid.Remote(ctx)))
	if err != nil {
		return err
	}
	defer place.leave()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return do(ctx)
}

// DispatchError presents errors of CreateOperationContext.
func (g *Guard) DispatchError(ctx context.Context, errs gqlerror.List) *graphql.Response {
	return g.exec.DispatchError(ctx, errs[:min(len(errs), maxErrors)])
}

// run carries out one query or mutation within its limits. Its answer counts until answered
// is called, or ctx ends.
func (g *Guard) run(ctx context.Context, op *graphql.OperationContext) (resp *graphql.Response, answered func()) {
	by, limit := g.caller(ctx), timeFor(op)
	places := g.placesFor(by, op)
	place, err := places.take(ctx, by.name)
	if err != nil {
		return g.refuse(ctx, err), func() {}
	}
	defer g.executed(places, place, time.Now())
	answered = sync.OnceFunc(place.answered)
	context.AfterFunc(ctx, answered)
	if places == g.schema {
		return g.tellSchema(ctx, op), answered
	}
	return g.carryOut(ctx, op, limit, maxFields), answered
}

// mostRest is short beside placePatience: who waits behind a slow operation is not refused.
const mostRest = time.Second

// executed gives back what is the process' of a place. That of a large operation rests for as
// long as the operation has run, because those who ask for much without a pause would else keep
// a processor for themselves.
func (g *Guard) executed(of *places, p place, since time.Time) {
	if of == g.large {
		time.AfterFunc(min(time.Since(since), mostRest), p.executed)
		return
	}
	p.executed()
}

// placesFor are those among which an operation takes one. What changes something never waits
// behind what only asks for much.
func (g *Guard) placesFor(by caller, op *graphql.OperationContext) *places {
	c := costing{op: op, memberships: by.memberships}
	switch {
	case c.introspects():
		return g.schema
	case timeFor(op) > patience:
		return g.slow
	case op.Operation.Operation == ast.Query && c.set(op.Operation.SelectionSet, 1) > largeCost:
		return g.large
	}
	return g.quick
}

func (g *Guard) carryOut(ctx context.Context, op *graphql.OperationContext, limit time.Duration, fields int64) *graphql.Response {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errSlow(limit))
	defer cancel()
	ctx, left := withBudget(ctx, fields, maxAnswer, nil)
	answer, ctx := g.exec.DispatchOperation(ctx, op)
	resp := answer(ctx)
	switch {
	case resp == nil:
		return g.refuse(ctx, errTime())
	case left.over() || len(resp.Data) > maxAnswer:
		return g.tooLarge(ctx, op)
	}
	if op.Operation.Operation == ast.Mutation {
		tellCarriedOut(resp.Errors)
	}
	return bounded(resp)
}

// tooLarge answers what has been executed. A mutation has data, if only null: nobody may
// take it for one that was refused, and send it again.
func (g *Guard) tooLarge(ctx context.Context, op *graphql.OperationContext) *graphql.Response {
	if op.Operation.Operation != ast.Mutation {
		return g.refuse(ctx, errTooLarge())
	}
	resp := g.refuse(ctx, fault.New(fault.BadRequest,
		"The mutation was carried out, but its answer is too large. Query the result, in smaller pages or with fewer fields."))
	resp.Data = json.RawMessage("null")
	return resp
}

// tellCarriedOut takes the advice to try again from errors of reading a mutation's result.
func tellCarriedOut(errs gqlerror.List) {
	for _, e := range errs {
		if len(e.Path) > 1 && e.Extensions["code"] == fault.Unavailable {
			e.Message = "The mutation was carried out, but its result couldn't be read in full. Query it in a moment."
		}
	}
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

// errSlow is for what has used up all the time that it may take.
func errSlow(limit time.Duration) *fault.Error {
	took := fmt.Sprintf("%d seconds", int(limit.Seconds()))
	if limit >= time.Minute {
		took = fmt.Sprintf("%d min", int(limit.Minutes()))
	}
	return fault.New(fault.Unavailable, "The operation took longer than %s. Ask for less at once, or try again in a moment.", took)
}

func errTime() *fault.Error {
	return fault.New(fault.Unavailable, "The service is busy. Try again in a moment.")
}
