package graph

import (
	"context"
	"log/slog"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/golive-hq/golive/graph/generated"
)

// New returns what executes operations on the services: with loaders, the limits
// of limits.go, and errors that tell a caller no more than they may.
func New(s Deps, log *slog.Logger) *executor.Executor {
	r := &Resolver{
		tenants: s.Tenants, connections: s.Connections, products: s.Products,
		deployments: s.Deployments, progress: s.Progress, outbox: s.Outbox,
	}
	exec := executor.New(generated.NewExecutableSchema(generated.Config{
		Resolvers:  r,
		Complexity: complexities(),
	}))
	exec.SetErrorPresenter(presenter(log))
	exec.SetRecoverFunc(recovered(log))
	exec.SetParserTokenLimit(maxTokens)
	exec.SetQueryCache(shortQueries{lru.New[*ast.QueryDocument](1000)})
	exec.Use(extension.Introspection{})
	exec.Use(sizeLimit{})
	exec.Use(&strictInput{})
	exec.Use(extension.FixedComplexityLimit(maxComplexity))
	exec.AroundFields(r.checkArguments)
	exec.AroundResponses(r.withLoaders)
	return exec
}

// shortQueries caches the parsed documents of clients, which send the same few
// short ones all the time. Parsing costs four times as much as the rest of a
// small query; caching long ones would let a caller fill the memory.
type shortQueries struct {
	graphql.Cache[*ast.QueryDocument]
}

const maxCached = 16 << 10

// Add keeps a document unless its text is long.
func (c shortQueries) Add(ctx context.Context, text string, doc *ast.QueryDocument) {
	if len(text) <= maxCached {
		c.Cache.Add(ctx, text, doc)
	}
}
