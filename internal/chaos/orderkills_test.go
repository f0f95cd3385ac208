package chaos_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/pgtest"
)

// known is how long it may take until the outcome of what a killed process did is known.
const knownBy = 15 * time.Second

// TestOrdersKilledAtEveryStatement kills the API before each statement of what people do to
// orders, from the first that is written to the note of the effect, and before, inside and
// after its call to Stripe; and the worker that finds out what came of it. No webhook helps.
// The short version takes some of some acts.
func TestOrdersKilledAtEveryStatement(t *testing.T) {
	t.Parallel()
	seed := uint64(number(t, "CHAOS_SEED", int(rand.Uint32())))
	began, report := time.Now(), newReport()
	all := blows(t, seed)
	queue := make(chan blow, len(all))
	for _, x := range all {
		queue <- x
	}
	close(queue)
	abreast := runtime.GOMAXPROCS(0)
	if long() {
		abreast *= 4 // they wait most of the time
	}
	total := newBill()
	var lanes sync.WaitGroup
	for i := range abreast {
		lanes.Go(func() { strikes(t, fmt.Sprint("booth-", i), queue, report, total) })
	}
	lanes.Wait()
	tell("%d kills of orders in %s, seed %d\nof: %s\nthat never came: %s\ndoubled %d, lost %d, off %d, stuck %d\nknown after a kill: %s\n\n", len(all), time.Since(began).Round(time.Second), seed,
		counts(report.kinds), cmp.Or(counts(report.missed), "none"), total.doubled, total.lost, total.off, total.stuck, latencies(report.killed))
	if len(report.missed) > max(1, len(all)/10) {
		t.Errorf("too many statements were not there to be killed at: %s", counts(report.missed))
	}
	if long() && quantile(report.killed, 1) > knownBy {
		t.Errorf("an outcome was known only after %s", quantile(report.killed, 1))
	}
}

// strikes works off a queue in one booth.
func strikes(t *testing.T, name string, queue <-chan blow, report *report, total *bill) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		b := openBooth(t, pgtest.URL(t))
		for x := range queue {
			t.Run(x.String(), func(t *testing.T) { // one after the other
				took, v, err := b.strike(t.Context(), x)
				if errors.Is(err, errNeverCame) {
					report.count(report.missed, x.String())
					return
				}
				must(t, err)
				report.count(report.kinds, x.act.name)
				report.took(&report.killed, took, true)
				total.add(v)
				if len(v.told) > 0 {
					t.Error(strings.Join(v.told, "\n"))
				}
				if took > knownBy {
					t.Logf("known after %s", took)
				}
			})
		}
	})
}

// blows lists every kill, by one undisturbed run of each act. The short version draws.
func blows(t *testing.T, seed uint64) (all []blow) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	some := append(slices.Clone(acts), news)
	if !long() {
		random.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
		some = some[:3]
	}
	b := openBooth(t, pgtest.URL(t))
	for _, a := range some {
		all = append(all, b.blowsOf(t, a)...)
	}
	if !long() {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:6]
	}
	return all
}

func (b *booth) blowsOf(t *testing.T, a act) (all []blow) {
	t.Helper()
	d, err := b.prepare(t.Context(), a)
	must(t, err)
	if a.mutation != "" {
		b.api.note()
		must(t, d.ask(t.Context()))
		all = append(all, b.at(a, false, b.api.read())...)
	}
	if a.path != "" {
		for _, m := range everyCall {
			all = append(all, blow{act: a, when: m}, blow{act: a, worker: true, when: m})
		}
		d, err = b.prepare(t.Context(), a)
		must(t, err)
		must(t, d.unheard(t.Context(), "reset_after"))
	}
	if a.path == "" && a.mutation != "" {
		return all
	}
	b.worker.note()
	<-b.begin(t.Context(), d, blow{act: a, worker: true})
	return append(all, b.at(a, true, b.worker.read())...)
}

// at are the kills at statements, from the first on that writes.
func (b *booth) at(a act, worker bool, said []line) (all []blow) {
	first := slices.IndexFunc(said, func(l line) bool { return writes(l.sql) })
	for _, l := range said[max(0, first):] {
		all = append(all, blow{act: a, worker: worker, at: &l})
	}
	return all
}

func writes(sql string) bool {
	verb, _, _ := strings.Cut(strings.TrimSpace(sql), " ")
	return verb == "INSERT" || verb == "UPDATE" || verb == "DELETE" || strings.Contains(sql, "FOR UPDATE")
}
