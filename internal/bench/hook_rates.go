package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// hookHands are how many events are on their way at once.
	hookHands = 32
	// rateTime is how long one measurement lasts.
	rateTime = 6 * time.Second
	// leastShare is what of pgbench's rate, in percent, events are taken at.
	leastShare = 40
)

// hookRates measures how many events are taken in a second, and what pgbench's simple update
// does to the same Postgres, in turns.
func (s *stack) hookRates(ctx context.Context, r *report, senders *senders) error {
	if err := s.pgbench(ctx, "-i", "-q", "-s", "10"); err != nil {
		return err
	}
	var events, updates []float64
	for range rounds {
		rate, err := s.updates(ctx)
		if err != nil {
			return err
		}
		updates = append(updates, rate)
		if rate, err = senders.atMost(ctx); err != nil {
			return err
		}
		events = append(events, rate)
	}
	slices.Sort(events)
	slices.Sort(updates)
	got, beside := events[rounds/2], updates[rounds/2]
	r.addShare(fmt.Sprintf("events taken over %d endpoints, of pgbench's simple updates", hookShops), got, beside, leastShare, fmt.Sprintf("%.0f updates/s by %d clients", beside, hookShops))
	r.tell("events taken a second by one process", fmt.Sprintf("%.0f /s", got), "the same updates; senders and a worker on the same cores")
	return nil
}

// atMost sends as fast as answers come, and returns how many did in a second.
func (s *senders) atMost(ctx context.Context) (perSecond float64, err error) {
	before, began := s.sent.Load(), time.Now()
	all, sending := errgroup.WithContext(ctx)
	for range hookHands {
		all.Go(func() error {
			for time.Since(began) < rateTime {
				if err := s.send(sending); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = all.Wait()
	return float64(s.sent.Load()-before) / time.Since(began).Seconds(), err
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// updates are pgbench's simple ones in a second, of one connection for each endpoint.
func (s *stack) updates(ctx context.Context) (float64, error) {
	out, err := s.pgbenchSays(ctx, "-N", "-n", "-c", strconv.Itoa(hookShops), "-j", "2", "-T", strconv.Itoa(int(rateTime.Seconds())))
	if err != nil {
		return 0, err
	}
	found := tps.FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("pgbench told no rate: %s", out)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}

// pgbench runs it in a database of its own.
func (s *stack) pgbench(ctx context.Context, args ...string) error {
	if _, err := s.pool.Exec(ctx, `CREATE DATABASE pgbench`); err != nil {
		return err
	}
	_, err := s.pgbenchSays(ctx, args...)
	return err
}

func (s *stack) pgbenchSays(ctx context.Context, args ...string) ([]byte, error) {
	bin := "pgbench"
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench"); len(found) > 0 { // where Debian has it
		bin = found[len(found)-1]
	}
	out, err := exec.CommandContext(ctx, bin, append(args, s.server.DSN("pgbench"))...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	return out, nil
}
