package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golive-hq/golive/internal/client"
)

const silentClients = 3000

// silentFigures are of clients that vanished without a word, or are frozen: how long they
// keep a connection.
func (a *audience) silentFigures(ctx context.Context, r *report) error {
	before, err := connections(a.apiProcess.Process.Pid)
	if err != nil {
		return err
	}
	// Nobody calls Next, so nobody answers.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silent := make(chan *client.Subscription[client.Event], silentClients)
	defer func() {
		close(silent)
		for sub := range silent {
			sub.Close()
		}
	}()
	var opening sync.WaitGroup
	failed := make(chan error, openers)
	for worker := range openers {
		opening.Go(func() {
			for i := worker; i < silentClients; i += openers {
				sh := a.shops[i%len(a.shops)]
				sub, err := patiently(ctx, func() (*client.Subscription[client.Event], error) {
					return client.Progress(ctx, sh.as, sh.deployment, 0)
				})
				if err != nil {
					failed <- err
					return
				}
				silent <- sub
			}
		})
	}
	opening.Wait()
	select {
	case err := <-failed:
		return err
	default:
	}
	last := time.Now()
	for n := before + 1; n > before; {
		if n, err = connections(a.apiProcess.Process.Pid); err != nil {
			return err
		}
		if time.Since(last) > time.Minute {
			break
		}
		if err := until(ctx, time.Now().Add(50*time.Millisecond)); err != nil {
			return err
		}
	}
	r.add(fmt.Sprintf("%d clients gone silent, the last connection closed after", silentClients), time.Since(last), 15*time.Second, "its ping unanswered: 14 s")
	return nil
}

// connections is how many sockets a process has open.
func connections(pid int) (n int, err error) {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		to, err := os.Readlink(filepath.Join(dir, e.Name()))
		if err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n, nil
}
