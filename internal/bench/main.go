// Command bench measures how fast a go-live is, with real processes over TCP,
// and puts beside each figure what the machine itself allows: its floor. Each
// figure is the median of three rounds of one run; what takes minutes has one.
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
	if len(os.Args) == 3 && os.Args[1] == riverPeer {
		err = beRiverPeer(ctx, os.Args[2])
	} else {
		met, err = bench(ctx)
	}
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	case !met:
		os.Exit(1)
	}
}

func bench(ctx context.Context) (met bool, err error) {
	s, err := startStack(ctx)
	if err != nil {
		return false, err
	}
	defer s.stop()
	floors, err := s.floors(ctx)
	if err != nil {
		return false, err
	}
	report := &report{met: true}
	// Before there is a worker: its deployments only wait, and we write their events.
	if err := s.progressFigures(ctx, report, floors); err != nil {
		return false, fmt.Errorf("progress: %w", err)
	}
	if err := s.startWorker(ctx); err != nil {
		return false, err
	}
	if err := s.goLiveFigures(ctx, report, floors); err != nil {
		return false, fmt.Errorf("go-live: %w", err)
	}
	if err := s.distantFigures(ctx, report); err != nil {
		return false, fmt.Errorf("go-live at %v a call: %w", distance, err)
	}
	if err := s.batchFigures(ctx, report); err != nil {
		return false, fmt.Errorf("batch: %w", err)
	}
	if err := s.fairFigures(ctx, report); err != nil {
		return false, fmt.Errorf("fairness: %w", err)
	}
	if err := s.latenessFigures(ctx, report); err != nil {
		return false, fmt.Errorf("lateness: %w", err)
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
