package client_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/fault"
)

// subscribes asks that server for a deployment's progress.
func subscribes(t *testing.T, after int, socket func(*peer)) (*client.Subscription[client.Event], error) {
	t.Helper()
	s, err := client.Progress(within(t), listen(t, socket), "d1", after)
	if err == nil {
		t.Cleanup(s.Close)
	}
	return s, err
}

func event(n string) string {
	return `{"id":"1","type":"next","payload":{"data":{"deploymentProgress":{"sequence":` + n + `,"status":"DEPLOYING","percentage":40,"message":"m","terminal":false,"at":"2026-12-25T09:00:00Z"}}}}`
}

func TestSubscriptionFromItsBeginningToItsEnd(t *testing.T) {
	t.Parallel()
	closed := make(chan websocket.StatusCode, 1)
	s, err := subscribes(t, 3, func(p *peer) {
		if m := p.hears("connection_init"); string(m.Payload) != `{"authorization":"Bearer glt_good"}` {
			t.Errorf("the client introduces itself with %s", m.Payload)
		}
		p.says(`{"type":"ping"}`) // even before the acknowledgement
		p.hears("pong")
		p.says(`{"type":"connection_ack"}`)
		var asked struct {
			Query     string
			Variables map[string]any
		}
		m := p.hears("subscribe")
		if json.Unmarshal(m.Payload, &asked) != nil || m.ID == "" || asked.Variables["id"] != "d1" || asked.Variables["after"] != 3.0 || !strings.HasPrefix(asked.Query, "subscription(") {
			t.Errorf("the client asks by %s for %s", m.ID, m.Payload)
		}
		p.says(event("4"))
		p.says(`{"type":"ping"}`)
		p.says(`{"type":"pong"}`)
		p.says(event("5"))
		p.says(`{"id":"1","type":"complete"}`)
		p.hears("pong")
		closed <- p.gone()
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := 4; n <= 5; n++ {
		e, err := s.Next(within(t))
		if err != nil || e == nil || e.Sequence != n || e.Status != "DEPLOYING" || e.Percentage != 40 || e.At.Year() != 2026 {
			t.Fatalf("event %d is %+v, %v", n, e, err)
		}
	}
	if e, err := s.Next(within(t)); e != nil || err != nil {
		t.Errorf("after the last came %+v, %v", e, err)
	}
	if code := <-closed; code != websocket.StatusNormalClosure {
		t.Errorf("the client leaves with %d", code)
	}
}

func TestNewestHasNoCursor(t *testing.T) {
	t.Parallel()
	s, err := subscribes(t, client.Newest, func(p *peer) {
		if m := p.welcomes(); strings.Contains(string(m.Payload), `"after":`) {
			t.Errorf("it asks for %s", m.Payload)
		}
		p.says(event("9"))
		p.gone()
	})
	if err != nil {
		t.Fatal(err)
	}
	if e, err := s.Next(within(t)); err != nil || e.Sequence != 9 {
		t.Errorf("%+v, %v", e, err)
	}
	s.Close()
}

// A refused token is final, whenever it is refused, and the close code can be seen.
func TestARefusedTokenIsAFault(t *testing.T) {
	t.Parallel()
	for _, code := range []websocket.StatusCode{4401, 4403} {
		_, err := subscribes(t, 0, func(p *peer) {
			p.hears("connection_init")
			_ = p.ws.Close(code, "no")
		})
		wantRefused(t, err, code)
		s, err := subscribes(t, 0, func(p *peer) {
			p.welcomes()
			_ = p.ws.Close(code, "no more")
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Next(within(t))
		wantRefused(t, err, code)
	}
}

func wantRefused(t *testing.T, err error, code websocket.StatusCode) {
	t.Helper()
	if fault.CodeOf(err) != fault.Unauthenticated || websocket.CloseStatus(err) != code || !strings.Contains(err.Error(), "GOLIVE_TOKEN") {
		t.Errorf("closed with %d: %v", code, err)
	}
}

// What the service says against a subscription is a fault. What else ends one is
// none, so that whoever watches comes back; least of all is it the end.
func TestWhatEndsASubscription(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  func(*peer)
		code fault.Code // "" for no fault
		says string     // a fault's whole sentence, which is the service's; otherwise what the error names
	}{
		"error":            {says1(`{"id":"1","type":"error","payload":[{"message":"There is none.","extensions":{"code":"NOT_FOUND"}}]}`), fault.NotFound, "There is none."},
		"an error within":  {says1(`{"id":"1","type":"next","payload":{"data":null,"errors":[{"message":"Oh.","extensions":{"code":"INTERNAL","requestId":"r"}}]}}`), fault.Internal, "Oh. (request r)"},
		"an empty error":   {says1(`{"id":"1","type":"error","payload":[]}`), "", ""},
		"garbage":          {says1(`<html>`), "", "lost"},
		"another type":     {says1(`{"type":"data"}`), "", `"data"`},
		"a result of none": {says1(`{"id":"1","type":"next","payload":{"data":{"deploymentProgress":null}}}`), "", "empty"},
		"a shape":          {says1(`{"id":"1","type":"next","payload":{"data":{"deploymentProgress":"x"}}}`), "", "shape"},
		"no result":        {says1(`{"id":"1","type":"next","payload":"x"}`), "", "result"},
		"a restart":        {func(p *peer) { _ = p.ws.Close(websocket.StatusServiceRestart, "") }, "", "StatusServiceRestart"},
		"4429":             {func(p *peer) { _ = p.ws.Close(4429, "Too many") }, "", "4429"},
		"gone":             {func(p *peer) { _ = p.ws.CloseNow() }, "", "lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := subscribes(t, 0, func(p *peer) {
				p.welcomes()
				p.says(event("1"))
				c.end(p)
			})
			if err != nil {
				t.Fatal(err)
			}
			if e, err := s.Next(within(t)); err != nil || e.Sequence != 1 {
				t.Fatalf("%+v, %v", e, err)
			}
			e, err := s.Next(within(t))
			if e != nil || err == nil || !strings.Contains(err.Error(), c.says) || c.code != "" && err.Error() != c.says {
				t.Errorf("it ends with %+v, %v", e, err)
			}
			if got := fault.As(err); (got == nil) != (c.code == "") || got != nil && got.Code != c.code {
				t.Errorf("it is the fault %+v, want %q", got, c.code)
			}
			s.Close()
		})
	}
}

// A service that asks for a sign of life and then closes the socket may be gone by the
// time of the answer. Why it closed is there to be read all the same.
func TestAPingThatCannotBeAnswered(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		taken := &taken{ResponseWriter: w}
		ws, err := websocket.Accept(taken, r, &websocket.AcceptOptions{Subprotocols: []string{"graphql-transport-ws"}})
		if err != nil {
			t.Errorf("accept: %v", err)
			return
		}
		p := &peer{t, context.Background(), ws}
		p.welcomes()
		p.says(`{"type":"ping"}`)
		_, err = taken.conn.Write([]byte{0x88, 2, 1013 >> 8, 1013 & 0xff})
		_ = taken.conn.SetLinger(0) // so that whoever writes is told at once
		if err = errors.Join(err, taken.conn.Close()); err != nil {
			t.Error(err)
		}
		close(closed)
	})
	s, err := client.Progress(within(t), c, "d1", 0)
	if err != nil {
		t.Fatal(err)
	}
	<-closed
	if _, err := s.Next(within(t)); websocket.CloseStatus(err) != websocket.StatusTryAgainLater {
		t.Errorf("it ends with %v", err)
	}
}

// taken keeps the connection of a socket.
type taken struct {
	http.ResponseWriter
	conn *net.TCPConn
}

func (w *taken) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.conn, _ = conn.(*net.TCPConn)
	return conn, rw, err
}

// says1 says one thing, and waits until the client has left.
func says1(text string) func(*peer) {
	return func(p *peer) {
		p.says(text)
		p.gone()
	}
}

// A server that does not greet back is no server.
func TestAGreetingThatIsNone(t *testing.T) {
	t.Parallel()
	_, err := subscribes(t, 0, func(p *peer) {
		p.hears("connection_init")
		p.says(event("1"))
		p.gone()
	})
	if err == nil || fault.As(err) != nil || !strings.Contains(err.Error(), `"next"`) {
		t.Errorf("%v", err)
	}
}

// Whoever waits no more leaves, and nothing stays.
func TestNextEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan struct{})
	s, err := subscribes(t, 0, func(p *peer) {
		p.welcomes()
		cancel() // and nothing ever happens
		p.gone()
		close(left)
	})
	if err != nil {
		t.Fatal(err)
	}
	if e, err := s.Next(ctx); e != nil || !errors.Is(err, context.Canceled) || fault.As(err) != nil {
		t.Errorf("%+v, %v", e, err)
	}
	s.Close()
	select {
	case <-left:
	case <-within(t).Done():
		t.Error("the connection stays")
	}
}

func TestSubscribingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := listen(t, func(p *peer) {
		p.hears("connection_init")
		cancel() // it never acknowledges
		p.gone()
	})
	if s, err := client.Progress(ctx, c, "d1", 0); s != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", s, err)
	}
}
