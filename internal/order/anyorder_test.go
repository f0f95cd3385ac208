package order_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

// shuffles is how many orders of events go through the whole where nobody asks for all.
const shuffles = 300

// run is an order whose events come in another order than they were made in.
type run struct {
	*played
	of   scenario
	want outcome
	// rings says which event comes as which; an event comes as soon as it is there and those before
	// it have come, and where late is set not before all has happened.
	rings []int
	late  bool
	// lost and doubled are events that never come, and that come twice.
	lost, doubled map[int]bool
}

// outcome is what becomes of an order in the order of nature.
type outcome struct {
	facts  string
	events []sent
	became []string
}

// Events are doorbells: in whatever order they come, doubled or lost, what is true in the end
// is what is true in the order of nature. CHAOS_RUNS has all orders of up to six events go
// through the whole, and that many random ones.
func TestAnyOrderOfEventsThroughTheWhole(t *testing.T) {
	t.Parallel()
	st := newHooked(t)
	st.Stripe.Sim.SetDelivery(stripesim.Delivery{Paused: true})
	st.WorkStripe(t)
	random := rand.New(rand.NewPCG(7, 19))
	var all []*run
	for _, s := range scenarios {
		want := st.naturally(t, s)
		for _, rings := range orders(random, len(want.events)) {
			r := draw(random, s, want, rings)
			r.play(t, st)
			all = append(all, r)
		}
	}
	st.quiet(t)
	for _, r := range all {
		r.judge(t, false)
	}
	st.rounds(t, 5*time.Minute)
	for _, r := range all {
		r.judge(t, true)
	}
	st.agrees(t)
	t.Logf("%d orders of events", len(all))
}

// naturally plays a scenario whose every event comes at once.
func (st *hooked) naturally(t *testing.T, s scenario) outcome {
	t.Helper()
	p := st.begin(t, s)
	for _, act := range s.acts {
		act(t, p)
		for _, e := range st.news(t) {
			p.events = append(p.events, e)
			st.deliver(t, e.ID)
			st.quiet(t)
		}
	}
	if want := ends[s.name]; p.order != nil {
		st.is(t, p.order, want.status)
	}
	return outcome{p.facts(t), p.events, p.became(t)}
}

// orders are some of that many events; with CHAOS_RUNS all of those of the six newest.
func orders(random *rand.Rand, events int) (all [][]int) {
	few := shuffles
	if runs, err := strconv.Atoi(os.Getenv("CHAOS_RUNS")); err == nil {
		few = runs
		older := max(0, events-6)
		for _, newest := range permutations(older, events) {
			all = append(all, append(random.Perm(older), newest...))
		}
	}
	for range few/len(scenarios) + 1 {
		all = append(all, random.Perm(events))
	}
	return all
}

// permutations are all orders of the numbers from one to another.
func permutations(from, to int) [][]int {
	if from == to {
		return [][]int{nil}
	}
	var all [][]int
	for _, rest := range permutations(from+1, to) {
		for i := range len(rest) + 1 {
			all = append(all, slices.Insert(slices.Clone(rest), i, from))
		}
	}
	return all
}

func draw(random *rand.Rand, s scenario, want outcome, rings []int) *run {
	r := &run{of: s, want: want, rings: rings, late: random.IntN(2) == 0, lost: map[int]bool{}, doubled: map[int]bool{}}
	for i := range rings {
		r.lost[i], r.doubled[i] = random.IntN(6) == 0, random.IntN(4) == 0
	}
	return r
}

func (r *run) play(t *testing.T, st *hooked) {
	t.Helper()
	r.played = st.begin(t, r.of)
	left := slices.Clone(r.rings)
	for i, act := range r.of.acts {
		act(t, r.played)
		r.events = append(r.events, st.news(t)...)
		if !r.late || i == len(r.of.acts)-1 {
			left = r.come(t, left)
		}
	}
	if len(left) > 0 || len(r.events) != len(r.want.events) {
		t.Fatalf("%s has %d events, and now %d", r.of.name, len(r.want.events), len(r.events))
	}
}

// come delivers events as far as they are there, and returns those that are not.
func (r *run) come(t *testing.T, rings []int) []int {
	t.Helper()
	for len(rings) > 0 && rings[0] < len(r.events) {
		ring := rings[0]
		rings = rings[1:]
		if r.lost[ring] {
			continue
		}
		r.deliver(t, r.events[ring].ID)
		if r.doubled[ring] {
			r.deliver(t, r.events[ring].ID)
		}
	}
	return rings
}

// judge holds a run to the order of nature. Where an event that came tells of the end, that is
// enough; else what Stripe lists tells, once it was asked.
func (r *run) judge(t *testing.T, asked bool) {
	t.Helper()
	for i, became := range r.became(t) {
		if became != r.want.became[i] && (asked || !r.lost[i]) {
			t.Errorf("%v: %s became %q, want %q", r, r.events[i].Type, became, r.want.became[i])
		}
	}
	if !asked && !r.heard() {
		return
	}
	if got := r.facts(t); got != r.want.facts {
		t.Errorf("%v:\n%s\nwant\n%s", r, got, r.want.facts)
	}
}

// heard tells that an event which tells of the end came once all had happened.
func (r *run) heard() bool {
	rings := r.rings
	if !r.late {
		rings = rings[slices.Index(rings, len(rings)-1):]
	}
	return slices.ContainsFunc(rings, func(ring int) bool { return !r.lost[ring] && strings.HasPrefix(r.events[ring].Type, r.of.tells) })
}

func (r *run) String() string {
	var says []string
	for _, ring := range r.rings {
		says = append(says, r.want.events[ring].Type)
	}
	return fmt.Sprintf("%s, by %s (late %v, lost %v, doubled %v)", r.of.name, strings.Join(says, " "), r.late, r.lost, r.doubled)
}
