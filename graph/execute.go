package graph

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"

	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"

	"github.com/golive-hq/golive/graph/generated"
)

// New returns what executes operations on the services: with loaders, within limits, and
// with errors that tell a caller no more than they may. In development the schema is
// shown to everybody.
func New(s Deps, log *slog.Logger, development bool) *Guard {
	r := &Resolver{
		tenants: s.Tenants, connections: s.Connections, products: s.Products, imports: s.Imports, inbox: s.Inbox, orders: s.Orders, payouts: s.Payouts,
		deployments: s.Deployments, progress: s.Progress, choices: s.Choices, recipients: s.Recipients, audit: s.Audit,
		identity: s.Identity, overviews: s.Overviews, can: s.Can, insight: s.Insight, about: s.About,
	}
	schema := offered()
	exec := executor.New(generated.NewExecutableSchema(generated.Config{Schema: schema, Resolvers: r}))
	exec.SetErrorPresenter(presenter(log, s.Unavailable))
	exec.SetRecoverFunc(recovered(log))
	exec.SetQueryCache(handed{})
	exec.Use(extension.Introspection{}) // to whom it is shown, the guard decides
	exec.Use(&strictInput{})
	exec.AroundFields(spend)
	exec.AroundFields(nullWhereNone)
	exec.AroundFields(r.checkArguments)
	exec.AroundResponses(r.withLoaders)
	return &Guard{
		exec: exec, documents: newDocuments(schema), schemas: newRecent[json.RawMessage](maxSchemas), rates: s.Rates, development: development,
		manifest: s.Manifest, trustedOnly: s.TrustedOnly,
		quick:  newPlaces(placesAtOnce, placesEach, placeLine, placePatience, fmt.Sprintf("%d operations", placesEach)),
		large:  newPlaces(max(1, runtime.GOMAXPROCS(0)/2), largePlacesEach, placeLine, placePatience, "one operation that asks for this much"),
		slow:   newPlaces(stripePlacesAtOnce, stripePlacesEach, placeLine, placePatience, fmt.Sprintf("%d operations that call Stripe", stripePlacesEach)),
		schema: newPlaces(schemaPlacesAtOnce, schemaPlacesEach, placeLine, placePatience, "one operation that reads the schema"),
		events: newPlaces(eventPlacesAtOnce, eventPlacesEach, eventLine, placePatience, fmt.Sprintf("%d subscriptions that are opening or load data for an event", eventPlacesEach)),
	}
}
