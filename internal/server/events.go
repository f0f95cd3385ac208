package server

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/progress"
	"github.com/golive-hq/golive/internal/tenant"
)

const typeEvents = "text/event-stream"

// events answers an operation with a stream of server-sent events, by the graphql-sse
// protocol in its distinct connections mode: a subscription for `curl -N`. It is held to
// the same limits as sockets.
type events struct {
	requests graphqlHTTP
	sockets  *sockets
}

// wantsEvents tells that the caller prefers a stream to an answer.
func wantsEvents(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		mediaType, _, err := mime.ParseMediaType(part)
		if err == nil && (mediaType == typeEvents || mediaType == typeGraphQL || mediaType == typeJSON) {
			return mediaType == typeEvents
		}
	}
	return false
}

func (e events) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked := time.Now() // a moment after the actor was found out, which the next look makes good
	actor, err := tenant.ActorFrom(r.Context())
	if err != nil {
		graphqlRefusal(w, r, http.StatusUnauthorized, fault.As(err))
		return
	}
	if !e.sockets.admitStream(actor.Principal) {
		graphqlRefusal(w, r, http.StatusTooManyRequests, crowded(
			"There are too many connections, or more than %d of yours. Close one, or try again in 10 seconds.", maxOfPrincipal))
		return
	}
	defer e.sockets.endStream(actor.Principal)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer e.sockets.rights.Watch(actor, asked, func(*fault.Error) { cancel() }).Leave()
	e.answer(w, r.WithContext(ctx))
}

// answer begins the operation. What cannot begin is answered as a request.
func (e events) answer(w http.ResponseWriter, r *http.Request) {
	params, status, err := e.requests.params(w, r)
	if err != nil {
		graphqlRefusal(w, r, status, fault.As(err))
		return
	}
	s := &eventStream{w: w, control: http.NewResponseController(w), timings: e.sockets.timings, wake: make(chan struct{}, 1)}
	pull := &progress.Pull{Wake: s.ring}
	ctx := graphql.StartOperationTrace(progress.WithPull(r.Context(), pull))
	op, errs := e.requests.exec.CreateOperationContext(ctx, params)
	if errs != nil {
		resp := e.requests.exec.DispatchError(graphql.WithOperationContext(ctx, op), errs)
		writeResponse(w, r, max(statusOfResponse(r, resp), http.StatusBadRequest), resp)
		return
	}
	noteOperation(ctx, describe(op.Operation))
	if op.Operation.Operation == ast.Mutation && r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		graphqlRefusal(w, r, http.StatusMethodNotAllowed, fault.New(fault.BadRequest, "Send mutations as POST."))
		return
	}
	responses, ctx := e.requests.exec.DispatchOperation(graphql.WithOperationContext(ctx, op), op)
	s.begin()
	if pull.Used() {
		s.follow(ctx, pull, responses, e.sockets.stopping)
		return
	}
	for resp := responses(ctx); resp != nil && ctx.Err() == nil; resp = responses(ctx) {
		s.send("next", mustMarshal(asResponse(resp)))
		if op.Operation.Operation != ast.Subscription || resp.Data == nil {
			break // that was all, or it could not begin
		}
	}
	s.send("complete", nil)
}

// eventStream writes one stream.
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	timings timings
	wake    chan struct{}
	failed  bool
}

func (s *eventStream) ring() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// begin takes the stream out of the time that requests have to be read in, which the first
// byte sets once more; writing has its own, anew for each event.
func (s *eventStream) begin() {
	s.w.Header().Set("Content-Type", typeEvents+"; charset=utf-8")
	s.w.Header().Set("X-Accel-Buffering", "no") // proxies hold events back otherwise
	s.w.WriteHeader(http.StatusOK)
	_ = s.control.Flush()
	_ = s.control.SetReadDeadline(time.Time{})
	s.ring()
}

// follow sends what a subscription has until it is over, the client is gone or the server
// is about to be: a stream that ends without complete is to be resumed.
func (s *eventStream) follow(ctx context.Context, pull *progress.Pull, responses graphql.ResponseHandler, stopping <-chan struct{}) {
	beat := time.NewTicker(s.timings.ping)
	defer beat.Stop()
	for !s.failed {
		select {
		case <-ctx.Done():
			return
		case <-stopping:
			return
		case <-beat.C:
			s.write(":\n\n") // a client that is gone shows only when written to
		case <-s.wake:
			if over := s.advance(ctx, pull, responses); over {
				s.send("complete", nil)
				return
			}
		}
	}
}

func (s *eventStream) advance(ctx context.Context, pull *progress.Pull, responses graphql.ResponseHandler) (over bool) {
	n, over := pull.Fill(ctx)
	for range n {
		making, cancel := context.WithTimeout(ctx, answerTime)
		resp := responses(making)
		cancel()
		if resp == nil || ctx.Err() != nil {
			return false
		}
		s.send("next", mustMarshal(asResponse(resp)))
	}
	if n > 0 {
		s.ring()
	}
	return over && ctx.Err() == nil
}

func (s *eventStream) send(event string, data json.RawMessage) {
	s.write(fmt.Sprintf("event: %s\ndata: %s\n\n", event, data))
}

func (s *eventStream) write(text string) {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.timings.write))
	if _, err := s.w.Write([]byte(text)); err != nil || s.control.Flush() != nil {
		s.failed = true
	}
}
