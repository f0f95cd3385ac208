package server

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/golive-hq/golive/internal/logid"
)

// garbled is an executor whose answers are no JSON.
type garbled struct{ graphql.GraphExecutor }

func (garbled) CreateOperationContext(context.Context, *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	return &graphql.OperationContext{}, nil
}

func (garbled) DispatchOperation(ctx context.Context, _ *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	return func(context.Context) *graphql.Response { return &graphql.Response{Data: []byte("{")} }, ctx
}

// A caller learns nothing of our own faults but the request's id, so the log has
// to tell them.
func TestRESTLogsWhatItHides(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	body := strings.NewReader(`{"action": "status", "deploymentId": "x"}`)
	r := httptest.NewRequestWithContext(logid.WithRequest(t.Context(), "req-1"), http.MethodPost, "/api/v1/products/deploy", body)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	rest{exec: garbled{}, log: slog.New(slog.NewTextHandler(&lines, nil))}.ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "req-1") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, want := range []string{"level=ERROR", "unexpected end of JSON input", "request_id=req-1"} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("no %s in the log: %s", want, lines.String())
		}
	}
}
