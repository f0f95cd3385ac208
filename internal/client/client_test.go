package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/fault"
)

type viewer struct{ Viewer struct{ Email string } }

const viewerQuery = `query($n: Int) { viewer { email } }`

func TestDoSendsTheOperationAndDecodesTheAnswer(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var got struct {
			Query     string
			Variables map[string]int
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil || got.Query != viewerQuery || got.Variables["n"] != 7 {
			t.Errorf("it was sent %+v, %v", got, err)
		}
		if r.Header.Get("Authorization") != "Bearer glt_good" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("it was sent with %v", r.Header)
		}
		_, _ = w.Write([]byte(`{"data":{"viewer":{"email":"ada@acme.example"}}}`))
	})
	data, err := client.Do[viewer](within(t), c, viewerQuery, map[string]any{"n": 7})
	if err != nil || data.Viewer.Email != "ada@acme.example" {
		t.Errorf("%+v, %v", data, err)
	}
}

// What the service says is wrong is a fault, with its code and its sentence; what is
// no word of the service's is none.
func TestDoTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		code   fault.Code // "" for no fault
		names  string     // a fault's whole sentence, which is the service's; otherwise what the error names
	}{
		"refused": {
			200, `{"data":null,"errors":[{"message":"There is no tenant acme.","extensions":{"code":"NOT_FOUND"}},{"message":"second"}]}`,
			fault.NotFound, "There is no tenant acme.",
		},
		"unknown token": {
			401, `{"errors":[{"message":"The token is unknown.","extensions":{"code":"UNAUTHENTICATED"}}]}`,
			fault.Unauthenticated, "The token is unknown.",
		},
		"our own fault": {
			200, `{"errors":[{"message":"Something went wrong.","extensions":{"code":"INTERNAL","requestId":"r1"}}]}`,
			fault.Internal, "Something went wrong. (request r1)",
		},
		"no code":    {200, `{"errors":[{"message":"Odd."}]}`, fault.Internal, "Odd."},
		"a page":     {200, `<html>Hello</html>`, "", "200 GOLIVE_URL"},
		"a bare 401": {401, `Unauthorized`, "", "401 GOLIVE_URL"},
		"an array":   {200, `[]`, "", "200 GOLIVE_URL"},
		"no data":    {502, `{}`, "", "502"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := answers(t, c.status, c.body)
			_, err := client.Do[viewer](within(t), api, viewerQuery, nil)
			if e := fault.As(err); (e == nil) != (c.code == "") || e != nil && (e.Code != c.code || e.Message != c.names) {
				t.Errorf("it is the fault %+v, want %q: %s", e, c.code, c.names)
			}
			if c.code == "" {
				wantNamed(t, err, strings.Fields(strings.TrimRight(api.URL, "/")+" "+c.names)...)
			}
		})
	}
	c := answers(t, 200, `{"data":{"viewer":"ada"}}`)
	if _, err := client.Do[viewer](within(t), c, viewerQuery, nil); err == nil || errors.Is(err, client.ErrUnreachable) {
		t.Errorf("data of another shape give %v", err)
	}
}

// wantNamed demands that an error names all these.
func wantNamed(t *testing.T, err error, names ...string) {
	t.Helper()
	for _, name := range names {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("it does not name %q: %v", name, err)
		}
	}
}

// Where no answer came, nobody knows what became of the request.
func TestDoTellsThatNoAnswerCame(t *testing.T) {
	t.Parallel()
	nobody := &client.Client{URL: "http://" + closedAddress(t)}
	hangUp := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	half := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"data":`))
	})
	for cause, c := range map[error]*client.Client{syscall.ECONNREFUSED: nobody, io.EOF: hangUp, io.ErrUnexpectedEOF: half} {
		_, err := client.Do[viewer](within(t), c, viewerQuery, nil)
		if !errors.Is(err, client.ErrUnreachable) || !errors.Is(err, cause) || fault.As(err) != nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v", cause, err)
		}
		wantNamed(t, err, strings.TrimRight(c.URL, "/"), "GOLIVE_URL")
	}
	if _, err := client.Subscribe[viewer](within(t), nobody, viewerQuery, nil); !errors.Is(err, client.ErrUnreachable) {
		t.Errorf("subscribing: %v", err)
	}
}

func TestDoEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(within(t))
	released := make(chan struct{})
	slow := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel() // it has been asked, and does not answer
		select {
		case <-r.Context().Done():
		case <-released:
		}
	})
	_, err := client.Do[viewer](ctx, slow, viewerQuery, nil)
	close(released)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, client.ErrUnreachable) {
		t.Errorf("it ends with %v", err)
	}
}

// closedAddress is one where nobody listens any more.
func closedAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

type ended struct{ ID, Status string }

func TestChange(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var got struct {
			Query     string
			Variables struct {
				Input struct{ ProductID, Reason string }
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		const query = `mutation($input: GoLiveInput!) { goLive(input: $input) { deployment { id status } userErrors { code message field } } }`
		if got.Query != query || got.Variables.Input.ProductID != "p1" {
			t.Errorf("it was sent %+v", got)
		}
		_, _ = w.Write([]byte(map[string]string{
			"first": `{"data":{"goLive":{"deployment":{"id":"d1","status":"PENDING"},"userErrors":[]}}}`,
			"again": `{"data":{"goLive":{"deployment":{"id":"d1","status":"DEPLOYING"},"userErrors":[
				{"code":"DEPLOYMENT_IN_PROGRESS","message":"Another one runs.","field":["input","productId"]}]}}}`,
			"nobody": `{"data":null,"errors":[{"message":"You may not.","extensions":{"code":"FORBIDDEN"}}]}`,
			"odd":    `{"data":{"goLive":[]}}`,
		}[got.Variables.Input.Reason]))
	})
	ask := func(reason string) (*ended, error) {
		return client.Change[ended](within(t), c, "goLive", map[string]any{"productId": "p1", "reason": reason}, "id status")
	}
	if d, err := ask("first"); err != nil || *d != (ended{"d1", "PENDING"}) {
		t.Errorf("accepted: %v, %v", d, err)
	}
	d, err := ask("again")
	e := fault.As(err)
	if d == nil || d.Status != "DEPLOYING" || e == nil || e.Code != fault.DeploymentInProgress || e.Message != "Another one runs." || strings.Join(e.Field, ".") != "input.productId" {
		t.Errorf("in progress: %v, %#v", d, err)
	}
	if d, err := ask("nobody"); d != nil || fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("forbidden: %v, %v", d, err)
	}
	if d, err := ask("odd"); d != nil || err == nil || fault.As(err) != nil {
		t.Errorf("another shape: %v, %v", d, err)
	}
}

func TestDeployment(t *testing.T) {
	t.Parallel()
	c := answers(t, 200, `{"data":{"deployment":{"id":"d1","status":"COMPLETED"}}}`)
	if d, err := client.Deployment[ended](within(t), c, "d1", "id status"); err != nil || *d != (ended{"d1", "COMPLETED"}) {
		t.Errorf("%v, %v", d, err)
	}
	if d, err := client.Deployment[ended](within(t), answers(t, 200, `{"data":{"deployment":null}}`), "d1", "id"); d != nil || err != nil {
		t.Errorf("none: %v, %v", d, err)
	}
}
