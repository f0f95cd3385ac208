package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"

	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/pgtest"
)

func TestStoppingLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun, release := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-release
		w.WriteHeader(http.StatusTeapot)
	})
	ctx, stop := context.WithCancel(t.Context())
	draining, stopped, answered := make(chan struct{}), make(chan error, 1), make(chan int, 1)
	go func() {
		stopped <- serve(ctx, l, handler, slog.New(slog.DiscardHandler), func(context.Context) { close(draining) })
	}()
	go func() { answered <- ask(t.Context(), l.Addr().String()) }()

	<-begun
	stop()
	<-draining
	select {
	case err := <-stopped:
		t.Fatalf("it stopped while a request was in flight: %v", err)
	default:
	}
	close(release)
	if status := <-answered; status != http.StatusTeapot {
		t.Errorf("the request in flight was answered with %d", status)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if status := ask(t.Context(), l.Addr().String()); status != 0 {
		t.Error("it still answers")
	}
}

// A client that does not read its answer is cut off; one that comes again is not.
func TestAnswersAreTakenInTime(t *testing.T) {
	t.Parallel()
	gaveUp := make(chan error, 1)
	s := httptest.NewServer(takenInTime(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/short") {
			_, _ = w.Write([]byte("ok"))
			return
		}
		var err error
		for chunk := make([]byte, 1<<20); err == nil; {
			_, err = w.Write(chunk)
		}
		gaveUp <- err
	}), 100*time.Millisecond))
	t.Cleanup(s.Close)
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("GET /long HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := <-gaveUp; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	// One connection may be used for longer than one answer may take.
	first := ask(t.Context(), s.Listener.Addr().String()+"/short")
	<-time.After(150 * time.Millisecond)
	if second := ask(t.Context(), s.Listener.Addr().String()+"/short"); first != http.StatusOK || second != http.StatusOK {
		t.Errorf("%d and %d", first, second)
	}
}

// A client that promises a body and sends none is cut off, too, whatever time its operation
// was given.
func TestPromisedBodiesAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(takenInTime(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		_, _ = w.Write([]byte("ok"))
	}), 100*time.Millisecond))
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(); s.Close() })
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("GET /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(c); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection is still open")
	}
}

// ask returns the status, 0 where nobody answers.
func ask(ctx context.Context, addr string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/", nil)
	if err != nil {
		return -1
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

func TestJobsLogTheirDeployment(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	log := NewLogger(&lines, "text")
	middleware, ok := nameJob().(rivertype.WorkerMiddleware)
	if !ok {
		t.Fatal("no middleware for workers")
	}
	failure := errors.New("as it was")
	job := &rivertype.JobRow{Kind: deployment.RunArgs{}.Kind(), EncodedArgs: []byte(`{"deployment_id":"dep-1"}`)}
	err := middleware.Work(t.Context(), job, func(ctx context.Context) error {
		log.InfoContext(ctx, "works")
		return failure
	})
	if !errors.Is(err, failure) || !strings.Contains(lines.String(), "deployment_id=dep-1") {
		t.Errorf("%v %s", err, lines.String())
	}
}

// A worker whose job client has ended works on nothing, however well its
// database is.
func TestWorkerWithoutItsJobClientIsNotReady(t *testing.T) {
	t.Parallel()
	p := &parts{Base: Base{Pool: pgtest.New(t)}, Services: Services{Outbox: outbox.New(outbox.Deps{})}}
	jobs, err := p.jobs("worker", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := jobs.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	stopping, stop := context.WithCancel(t.Context())
	ready := p.works(stopping, jobs)
	if err := ready(t.Context()); err != nil {
		t.Errorf("while it works: %v", err)
	}
	if err := jobs.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := ready(t.Context()); !errors.Is(err, errIdle) {
		t.Errorf("without its job client: %v", err)
	}
	stop()
	if err := ready(t.Context()); !errors.Is(err, errDraining) {
		t.Errorf("while it stops: %v", err)
	}
}
