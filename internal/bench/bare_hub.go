package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// bareHub is the argument that makes this program a server of sockets that do nothing, at
// the address that follows.
const bareHub = "bare-hub"

// beBareHub takes sockets as our library offers them and reads from each, until ctx ends.
func beBareHub(ctx context.Context, addr string) error {
	server := &http.Server{Addr: addr, ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = ws.CloseNow() }()
		for err == nil {
			_, _, err = ws.Read(context.Background())
		}
	})}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// bareHub is how many KiB n idle sockets take each, of a server that does nothing else.
func (a *audience) bareHub(ctx context.Context, n int) (each int, err error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return 0, err
	}
	hub, err := a.run(ctx, os.Args[0], nil, bareHub, addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = hub.Process.Kill() }()
	if err := awaitSocket(ctx, addr); err != nil {
		return 0, err
	}
	before := resident(hub.Process.Pid)
	all, err := dialAll(ctx, "ws://"+addr, n)
	defer func() {
		for _, ws := range all {
			_ = ws.CloseNow()
		}
	}()
	if err != nil {
		return 0, err
	}
	return settled(ctx, hub.Process.Pid, before, n)
}

func awaitSocket(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		ws, err := dialOne(ctx, "ws://"+addr)
		if err == nil {
			return ws.CloseNow()
		}
		if err := until(ctx, time.Now().Add(20*time.Millisecond)); err != nil {
			return err
		}
	}
}

func dialOne(ctx context.Context, url string) (*websocket.Conn, error) {
	ws, res, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", url, err)
	}
	if res.Body != nil {
		_ = res.Body.Close()
	}
	return ws, nil
}

func dialAll(ctx context.Context, url string, n int) (all []*websocket.Conn, err error) {
	all = make([]*websocket.Conn, 0, n)
	var mu sync.Mutex
	var dialing sync.WaitGroup
	for range openers {
		dialing.Go(func() {
			for range n / openers {
				ws, failed := dialOne(ctx, url)
				mu.Lock()
				if failed != nil {
					err = failed
				} else {
					all = append(all, ws)
				}
				mu.Unlock()
			}
		})
	}
	dialing.Wait()
	return all, err
}
