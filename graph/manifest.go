package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Manifest are documents that a build of ours sends: by the SHA-256 of each, in hex. A
// caller may send the id instead of the document.
type Manifest map[string]string

// ParseManifest reads a JSON object of documents by their ids, as code generators write it.
func ParseManifest(text []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("read the manifest of documents: %w", err)
	}
	for id, document := range m {
		if id != idOf(document) {
			return nil, fmt.Errorf("the document %s of the manifest has the ID %s", id, idOf(document))
		}
	}
	return m, nil
}

func idOf(document string) string {
	sum := sha256.Sum256([]byte(document))
	return hex.EncodeToString(sum[:])
}

type ourOwnKey struct{}

// OurOwn returns a context in which an operation is one that the server itself wrote.
func OurOwn(ctx context.Context) context.Context { return context.WithValue(ctx, ourOwnKey{}, true) }

// document is the text of what a caller asks for: sent, or named by the id of one that is
// known. Where no others may run, it is one of those.
func (g *Guard) document(ctx context.Context, params *graphql.RawParams) (string, *gqlerror.Error) {
	text := params.Query
	if text == "" {
		known, is := g.manifest[namedBy(params)]
		if !is {
			return "", badRequest(nil, "There's no document with this ID. Send the document itself.")
		}
		return known, nil
	}
	if _, is := g.manifest[idOf(text)]; !is && g.trustedOnly && ctx.Value(ourOwnKey{}) == nil {
		return "", badRequest(nil, "This server only runs the documents of its own page. Use the REST API, or ask its operators.")
	}
	return text, nil
}

// namedBy is the id that a request names, as clients with persisted queries send it.
func namedBy(params *graphql.RawParams) string {
	persisted, _ := params.Extensions["persistedQuery"].(map[string]any)
	id, _ := persisted["sha256Hash"].(string)
	return strings.ToLower(strings.TrimPrefix(id, "sha256:"))
}
