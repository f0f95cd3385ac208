package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/tenant"
)

// eventStream is what curl -N shows.
type eventStream struct {
	status int
	header http.Header
	lines  *bufio.Scanner
	close  func()
}

func (s *stack) stream(t *testing.T, token, query string) *eventStream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	body, err := json.Marshal(vars{"query": query})
	must(t, err)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/graphql", strings.NewReader(string(body)))
	must(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	must(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	return &eventStream{resp.StatusCode, resp.Header, bufio.NewScanner(resp.Body), func() { cancel(); _ = resp.Body.Close() }}
}

// next reads an event; "" is the stream's end.
func (e *eventStream) next() (event, data string) {
	for e.lines.Scan() {
		switch line := e.lines.Text(); {
		case strings.HasPrefix(line, "event: "):
			event = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			data = line[len("data: "):]
		case line == "" && event != "":
			return event, data
		}
	}
	return "", ""
}

func TestEventsResumeAsSocketsDo(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	id := s.goLive(t, token, products[0])
	follow := func(after int) *eventStream {
		return s.stream(t, token, fmt.Sprintf(`subscription { deploymentProgress(deploymentId: %q, after: %d) { sequence terminal status percentage } }`, id, after))
	}
	next := func(stream *eventStream) client.Event {
		event, data := stream.next()
		var payload struct {
			Data struct{ DeploymentProgress client.Event }
		}
		if event != "next" || json.Unmarshal([]byte(data), &payload) != nil {
			t.Fatalf("got %s %s", event, data)
		}
		return payload.Data.DeploymentProgress
	}
	first := follow(0)
	if got := first.header.Get("Content-Type"); first.status != http.StatusOK || !strings.HasPrefix(got, "text/event-stream") {
		t.Fatalf("%d %s", first.status, got)
	}
	last := next(first)
	if last.Sequence != 1 {
		t.Fatalf("it began with %+v", last)
	}
	first.close()
	s.work(t)
	rest := follow(1)
	for !last.Terminal {
		e := next(rest)
		if e.Sequence != last.Sequence+1 {
			t.Errorf("%d follows %d", e.Sequence, last.Sequence)
		}
		last = e
	}
	if event, _ := rest.next(); event != "complete" {
		t.Errorf("it ended with %q", event)
	}
	if event, _ := follow(last.Sequence).next(); event != "complete" {
		t.Errorf("one that has all got %q", event)
	}
}

func TestEventsAnswerEveryOperation(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, tokens := s.newTenant(t, "acme")
	viewer := tokens[tenant.RoleViewer]
	for query, want := range map[string]string{
		`{ viewer { email } }`: "viewer@example.com",
		`subscription { deploymentProgress(deploymentId: "01a2009f-8f9f-75a0-9276-251a6982f1c8") { sequence } }`: "NOT_FOUND",
	} {
		stream := s.stream(t, viewer, query)
		if event, data := stream.next(); event != "next" || !strings.Contains(data, want) {
			t.Errorf("%s: %s %s", query, event, data)
		}
		if event, _ := stream.next(); event != "complete" {
			t.Errorf("%s: ended with %q", query, event)
		}
	}
	for query, want := range map[string]int{`{ nothing }`: http.StatusBadRequest, ``: http.StatusBadRequest} {
		if got := s.stream(t, viewer, query).status; got != want {
			t.Errorf("%q: %d", query, got)
		}
	}
	if got := s.stream(t, "", `{ __typename }`).status; got != http.StatusUnauthorized {
		t.Errorf("nobody: %d", got)
	}
	status, header, _ := s.send(t, http.MethodGet, "/graphql?query=mutation{cancelDeployment(input:{deploymentId:\"x\"}){userErrors{code}}}", viewer, nil,
		map[string]string{"Accept": "text/event-stream"})
	if status != http.StatusMethodNotAllowed || header.Get("Allow") != http.MethodPost {
		t.Errorf("a link that changes something: %d", status)
	}
}

// An event holds what a client may leave unread on each of its connections.
func TestEventsAreBounded(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, token, products := s.newShop(t, "acme")
	id := s.goLive(t, token, products[0])
	_, err := s.pool.Exec(t.Context(), `UPDATE products SET name = repeat('x', 20000)`)
	must(t, err)
	for n, want := range map[int]string{1: `"sequence":1`, 100: "The answer is too large."} {
		stream := s.stream(t, token, `subscription { deploymentProgress(deploymentId: "`+id+`", after: 0) { sequence deployment { product { `+aliases(n, "name")+` } } } }`)
		if event, data := stream.next(); event != "next" || !strings.Contains(data, want) {
			t.Errorf("%d: %s %.300s", n, event, data)
		}
		stream.close()
	}
}

// A stream ends with the right that it came by, with the server, and with its client.
func TestEventsEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *stack, *eventStream){
		"revoked": func(t *testing.T, s *stack, _ *eventStream) { t.Helper(); s.revokeAll(t, "acme") },
		"drained": func(_ *testing.T, s *stack, _ *eventStream) { go s.server.Drain(context.Background()) },
		"away":    func(_ *testing.T, s *stack, _ *eventStream) { s.acting.Close() },
		"closed":  func(_ *testing.T, _ *stack, stream *eventStream) { stream.close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startWith(t, patientSockets)
			_, token, products := s.newShop(t, "acme")
			stream := s.stream(t, token, `subscription { deploymentProgress(deploymentId: "`+s.goLive(t, token, products[0])+`") { sequence } }`)
			if event, data := stream.next(); event != "next" || !strings.Contains(data, `"sequence":1`) {
				t.Fatalf("got %s %s", event, data)
			}
			end(t, s, stream)
			if event, data := stream.next(); event != "" {
				t.Errorf("got %s %s", event, data)
			}
			eventually(t, "nothing is left", func() bool { return s.server.Streams() == 0 })
		})
	}
}
