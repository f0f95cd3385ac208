package chaos_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// report is what the runs came to.
type report struct {
	mu     sync.Mutex
	kinds  map[string]int
	ends   map[string]int
	struck map[string]int
	missed map[string]int
	total  verdict
	failed []string
	// How long it took until somebody else went on, or the cancel took effect, where
	// nothing else came in between; messy counts the others.
	killed, frozen, terminated, cancelled []time.Duration
	messy                                 int
}

func newReport() *report {
	return &report{kinds: map[string]int{}, ends: map[string]int{}, struck: map[string]int{}, missed: map[string]int{}}
}

func (r *report) count(in map[string]int, what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	in[what]++
}

func (r *report) took(in *[]time.Duration, how time.Duration, clean bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if clean {
		*in = append(*in, how)
	} else {
		r.messy++
	}
}

// add counts a run's verdict.
func (r *report) add(name string, v *verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total.add(v)
	if len(v.told) > 0 {
		r.failed = append(r.failed, name+":\n  "+strings.Join(v.told, "\n  "))
	}
}

// quantile is of sorted values; 0 of none.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)].Round(time.Millisecond)
}

func latencies(of []time.Duration) string {
	slices.Sort(of)
	return fmt.Sprintf("p50 %s, p99 %s, max %s (%d)", quantile(of, .5), quantile(of, .99), quantile(of, 1), len(of))
}

func counts(of map[string]int) string {
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, fmt.Sprintf("%s %d", what, of[what]))
	}
	return strings.Join(parts, ", ")
}

func (r *report) String() string {
	return fmt.Sprintf(`deployments: %s
ended: %s
troubles that struck: %s
troubles that came too late: %s
%s
goes on elsewhere after SIGKILL: %s
goes on elsewhere after SIGSTOP, or where the machine has gone: %s
goes on elsewhere after SIGTERM: %s
cancel takes effect after the call in flight: %s
latencies left out because other troubles came in between: %d
`, counts(r.kinds), counts(r.ends), counts(r.struck), counts(r.missed), &r.total, latencies(r.killed), latencies(r.frozen), latencies(r.terminated), latencies(r.cancelled), r.messy)
}
