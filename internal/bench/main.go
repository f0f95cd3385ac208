// Command bench measures how fast a go-live is, with real processes over TCP, and puts beside
// each figure what the machine itself allows: its floor. Each figure is the median of three
// rounds of one run; what takes minutes has one. Only the parts that are named are measured, or
// else all. Asked to attack, it measures what honest callers notice of attackers instead, of
// all kinds or of those named.
//
// It ends with failure where a bound is missed. A busy machine misses bounds;
// so each line says what the floor was at that time.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"time"
)

// rounds of each figure, of which the median counts.
const rounds = 3

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	met := true
	switch command := append(os.Args[1:], "")[0]; command {
	case riverPeer:
		err = beRiverPeer(ctx, os.Args[2])
	case bareHub:
		err = beBareHub(ctx, os.Args[2])
	case "stub":
		err = beStub(ctx, os.Args[2])
	case "attackers":
		err = beAttackers(ctx, os.Stdin)
	case "attack":
		met, err = attackBench(ctx, os.Args[2:])
	default:
		met, err = bench(ctx, os.Args[1:])
	}
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	case !met:
		os.Exit(1)
	}
}

// part is some of the figures.
type part struct {
	name    string
	measure func(context.Context, *stack, *report) error
}

// parts in the order in which they are measured: before there is a worker, deployments only
// wait, and the bench writes their events.
var parts = []part{
	{"progress", progressFigures},
	{"watchers", watcherFigures},
	{"page", pageFigures},
	{"worker", func(ctx context.Context, s *stack, _ *report) error { return s.startWorker(ctx) }},
	{"go-live", goLiveFigures},
	{"apart", apartFigures},
	{"distant", distantFigures},
	{"batch", batchFigures},
	{"fair", fairFigures},
	{"lateness", latenessFigures},
	{"lists", listFigures},
	{"order-lists", orderListFigures},
	{"pixel", pixelFigures},
	// Last, because a worker reads for long afterwards what it was about.
	{"webhooks", hookFigures},
}

// bench measures the parts that are named, or else all.
func bench(ctx context.Context, names []string) (met bool, err error) {
	for _, name := range names {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return false, fmt.Errorf("there is no part %q", name)
		}
	}
	s, err := startStack(ctx)
	if err != nil {
		return false, err
	}
	defer s.stop()
	if s.floors, err = s.measureFloors(ctx); err != nil {
		return false, err
	}
	report := &report{met: true}
	for _, p := range parts {
		if len(names) > 0 && p.name != "worker" && !slices.Contains(names, p.name) {
			continue
		}
		if err := p.measure(ctx, s, report); err != nil {
			return false, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return report.met, nil
}

// report prints figures as they come.
type report struct{ met bool }

// add prints one figure beside its floor and its bound.
func (r *report) add(name string, got, bound time.Duration, floor string) {
	verdict := "ok"
	if got > bound {
		verdict, r.met = "MISSED", false
	}
	fmt.Fprintf(os.Stdout, "%-58s %9s   at most %7s  %-6s  floor: %s\n", name, ms(got), ms(bound), verdict, floor)
}

// addCount is add for calls.
func (r *report) addCount(name string, got, bound int, floor string) {
	verdict := "ok"
	if got > bound {
		verdict, r.met = "MISSED", false
	}
	fmt.Fprintf(os.Stdout, "%-58s %9d   at most %7d  %-6s  floor: %s\n", name, got, bound, verdict, floor)
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond)) }

// quantile returns the q-th part of the way through the sorted samples.
func quantile(samples []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// median is that of the rounds.
func median[T int | time.Duration](values []T) T {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}
