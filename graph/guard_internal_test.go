package graph

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/logid"
	"github.com/golive-hq/golive/internal/tenant"
)

// An answer that is being written takes nothing from others, but counts for its caller.
func TestAnswersCountUntilTheyAreTaken(t *testing.T) {
	t.Parallel()
	g := guarded()
	g.quick = newPlaces(1, 1, 32, time.Millisecond, "1 operations")
	ask := func(ctx context.Context, email string) (graphql.ResponseHandler, context.Context, any) {
		t.Helper()
		ctx = graphql.StartOperationTrace(tenant.WithActor(ctx, tenant.Actor{Email: email}))
		op, errs := g.CreateOperationContext(ctx, &graphql.RawParams{Query: "{ __typename }"})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		answer, ctx := g.DispatchOperation(ctx, op)
		return answer, ctx, codeOf(answer(ctx))
	}
	first, ctx, code := ask(t.Context(), "ada")
	if code != nil {
		t.Fatal(code)
	}
	if _, _, code := ask(t.Context(), "ada"); code != fault.RateLimited {
		t.Errorf("another of the same caller: %v", code)
	}
	if _, _, code := ask(t.Context(), "dan"); code != nil {
		t.Errorf("another caller: %v", code)
	}
	for range 2 {
		if first(ctx) != nil {
			t.Error("there is a second answer")
		}
	}
	g.quick.patience = time.Hour
	request, written := context.WithCancel(t.Context())
	if _, _, code := ask(request, "ada"); code != nil {
		t.Errorf("after the first answer was taken: %v", code)
	}
	written()
	if _, _, code := ask(t.Context(), "ada"); code != nil {
		t.Errorf("after the request: %v", code)
	}
}

// What is no operation takes a place all the same: one of the caller's, or of the address's.
func TestWhatIsNoOperationTakesAPlace(t *testing.T) {
	t.Parallel()
	g := guarded()
	g.quick = newPlaces(2, 1, 32, time.Millisecond, "1 operations")
	ada, here := tenant.WithActor(t.Context(), tenant.Actor{Email: "ada"}), logid.WithRemote(t.Context(), "192.0.2.1")
	nothing := func(context.Context) error { return nil }
	for range 2 {
		err := g.Within(ada, func(context.Context) error {
			if err := g.Within(ada, nothing); fault.CodeOf(err) != fault.RateLimited {
				t.Errorf("the same caller: %v", err)
			}
			return g.Within(here, func(context.Context) error {
				if err := g.Within(here, nothing); fault.CodeOf(err) != fault.RateLimited {
					t.Errorf("the same address: %v", err)
				}
				if err := g.Within(t.Context(), nothing); fault.CodeOf(err) != fault.Unavailable {
					t.Errorf("a third: %v", err)
				}
				return nil
			})
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// What a mutation costs the database, its answer does not show.
func TestMutationsCostWhatTheyAskOfTheDatabase(t *testing.T) {
	t.Parallel()
	for _, f := range offered().Mutation.Fields {
		if statements["Mutation."+f.Name] == 0 {
			t.Errorf("%s costs no more than a field", f.Name)
		}
	}
}

func TestOperationsEndWithTheirTime(t *testing.T) {
	t.Parallel()
	g, ctx := guarded(), graphql.StartOperationTrace(t.Context())
	op, errs := g.CreateOperationContext(ctx, &graphql.RawParams{Query: "{ __typename }"})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	resp := g.carryOut(graphql.WithOperationContext(ctx, op), op, 0, maxFields)
	if codeOf(resp) != fault.Unavailable || !strings.Contains(resp.Errors[0].Message, "took longer") {
		t.Errorf("%+v", resp)
	}
}

// What asks for much has places of its own, but never waits there to change something.
func TestWhatAsksForMuchHasItsOwnPlaces(t *testing.T) {
	t.Parallel()
	g := guarded()
	const much = `{ nodes { deployments(first: 10) { nodes { id status requestedBy } } } }`
	for document, want := range map[string]*places{
		`{ __typename }`: g.quick,
		`{ tenant(slug: "a") { products(first: 100) ` + much + ` } }`:                                                                g.large,
		`{ tenant(slug: "a") { products(first: 10) ` + much + ` } }`:                                                                 g.quick,
		`mutation { goLive(input: { productId: "p" }) { deployment { product { tenant { products(first: 100) ` + much + ` } } } } }`: g.quick,
	} {
		ctx := graphql.StartOperationTrace(tenant.WithActor(t.Context(), tenant.Actor{Email: "ada"}))
		op, errs := g.CreateOperationContext(ctx, &graphql.RawParams{Query: document})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		if got := g.placesFor(caller{}, op); got != want {
			t.Errorf("%s: %s, want %s", document, got.most, want.most)
		}
	}
}

// The place of what asked for much rests for as long as that took; its caller may go on.
func TestAPlaceRestsAfterWhatAskedForMuch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := guarded()
		g.large = newPlaces(1, 1, 32, time.Minute, "1 operations")
		taken, err := g.large.take(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		<-time.After(time.Second)
		g.executed(g.large, taken, began)
		taken.answered()
		next, err := g.large.take(t.Context(), "ada")
		if took := time.Since(began); err != nil || took != 2*time.Second {
			t.Errorf("the next one began after %s: %v", took, err)
		}
		next.leave()
	})
}

// Each refusal names what is limited, for whom and to how much.
func TestPlacesSayWhatIsLimited(t *testing.T) {
	t.Parallel()
	g := guarded()
	for places, want := range map[*places]string{
		g.quick: "You can run 16 operations at a time", g.slow: "You can run 8 operations that call Stripe at a time",
		g.large:  "You can run one operation that asks for this much at a time",
		g.schema: "You can run one operation that reads the schema at a time", g.events: "You can run 16 subscriptions that",
	} {
		if got := places.errMany("ada").Error(); !strings.HasPrefix(got, want) {
			t.Error(got)
		}
	}
	if got := g.quick.errMany("").Error(); !strings.HasPrefix(got, "All callers without a token together can run 16 operations") {
		t.Error(got)
	}
}
