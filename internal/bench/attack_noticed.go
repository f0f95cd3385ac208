package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/client"
)

// watchMemory returns how many MiB the API held resident at most.
func (b *battle) watchMemory(ctx context.Context) (most int) {
	for until(ctx, time.Now().Add(20*time.Millisecond)) == nil {
		most = max(most, resident(b.apiProcess.Process.Pid)/1024)
	}
	return most
}

// resident is what a process holds in memory, in KiB; 0 where nobody knows.
func resident(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kib, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	n, _ := strconv.Atoi(kib)
	return n
}

// askHonestly asks for little, again and again. What is refused takes for ever.
func (b *battle) askHonestly(ctx context.Context) (took []time.Duration) {
	for until(ctx, time.Now().Add(honestPace)) == nil {
		asked := time.Now()
		_, err := client.Do[struct{ Viewer struct{ Email string } }](ctx, b.honest[0].as, `{ viewer { email } }`, nil)
		switch {
		case ctx.Err() != nil:
			return took
		case err != nil:
			took = append(took, time.Minute)
		default:
			took = append(took, time.Since(asked))
		}
	}
	return took
}

// goLives takes a few products live, one after the other.
func (b *battle) goLives(ctx context.Context) (took []time.Duration, err error) {
	for range goLivesEach {
		next := time.Now().Add(goLivePace)
		sh := b.waiting[0]
		b.waiting = b.waiting[1:]
		asked := time.Now()
		id, err := sh.goLive(ctx)
		if err != nil {
			return nil, err
		}
		var last client.Event
		err = sh.watch(ctx, id, func(e client.Event) bool { last = e; return e.Terminal })
		if err != nil || last.Status != "COMPLETED" {
			return nil, fmt.Errorf("a go-live ended %s, %s: %w", last.Status, last.Message, err)
		}
		took = append(took, time.Since(asked))
		if err := until(ctx, next); err != nil {
			return nil, err
		}
	}
	return took, nil
}
