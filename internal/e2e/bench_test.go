package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/stripesim"
)

// BenchmarkGoLive measures how fast a click becomes live: API, worker, Postgres
// and the simulator are processes of their own, over TCP. It prints the median of
// three rounds of each figure beside its floor, which is measured in the same
// round; it judges nothing, for a busy machine is no fault of Golive's.
func BenchmarkGoLive(b *testing.B) {
	for range b.N {
		g := newBench(b)
		rounds := make([][]figure, 3)
		for i := range rounds {
			rounds[i] = g.round(b)
		}
		// A benchmark's own log ends after ten lines.
		fmt.Fprintf(os.Stdout, "\n%s", tableOf(medians(rounds)))
	}
}

// figure is one line of the table; its numbers are milliseconds, or calls.
type figure struct {
	name, unit, floorIs, bar string
	value, floor             float64
}

func medians(rounds [][]figure) []figure {
	table := slices.Clone(rounds[0])
	for i := range table {
		values, floors := []float64{}, []float64{}
		for _, round := range rounds {
			values, floors = append(values, round[i].value), append(floors, round[i].floor)
		}
		table[i].value, table[i].floor = middle(values), middle(floors)
	}
	return table
}

func middle(values []float64) float64 { return quantile(values, 0.5) }

func quantile(values []float64, q float64) float64 {
	slices.Sort(values)
	return values[min(int(q*float64(len(values))), len(values)-1)]
}

func tableOf(figures []figure) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "figure\tgolive\tfloor\tratio\tbar\tfloor is")
	for _, f := range figures {
		ratio, floor := "", ""
		if f.floor > 0 {
			ratio, floor = fmt.Sprintf("%.2f", f.value/f.floor), fmt.Sprintf("%.1f %s", f.floor, f.unit)
		}
		fmt.Fprintf(w, "%s\t%.1f %s\t%s\t%s\t%s\t%s\n", f.name, f.value, f.unit, floor, ratio, f.bar, f.floorIs)
	}
	_ = w.Flush() // to memory
	return out.String()
}

// bench is a stack of processes with a simulator that is a process, too.
type bench struct {
	*stack
	sim remoteSim
	// one is a connection for the floors of Postgres.
	one, listener *pgx.Conn
	shops         int
}

func newBench(b *testing.B) *bench {
	b.Helper()
	addr := spawn(b, nil, func(line []byte) string {
		_, addr, _ := strings.Cut(string(line), "GOLIVE_STRIPE_API_BASE=http://")
		return addr
	}, "golive", "stripe-sim", "--addr", "127.0.0.1:0")
	g := &bench{sim: remoteSim("http://" + addr)}
	g.stack = spawnAll(b, string(g.sim), 1, 1)
	g.one, g.listener = g.connectTo(b), g.connectTo(b)
	if _, err := g.listener.Exec(b.Context(), `LISTEN bench`); err != nil {
		b.Fatal(err)
	}
	if _, err := g.one.Exec(b.Context(), `CREATE TABLE bench (n int)`); err != nil {
		b.Fatal(err)
	}
	return g
}

func (g *bench) connectTo(b *testing.B) *pgx.Conn {
	b.Helper()
	c, err := pgx.Connect(b.Context(), g.databaseURL)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

func (g *bench) round(b *testing.B) []figure {
	b.Helper()
	commit, bell := g.postgresFloor(b)
	g.sim.call(b, "PUT", "/_sim/latency", object{"latency": "0s"}, nil)
	fast := g.runs(b, 20)
	g.sim.call(b, "PUT", "/_sim/latency", object{"latency": "120ms"}, nil)
	slow := g.runs(b, 5)
	g.sim.call(b, "PUT", "/_sim/latency", object{"latency": "0s"}, nil)
	return []figure{
		{"commit of goLive to first VALIDATING event, p50", "ms", "bare commit and NOTIFY, p50", "<= 50 ms", fast.picked, quantile(commit, 0.5) + quantile(bell, 0.5)},
		{"product and 3 prices at 0 ms, mutation to end, p50", "ms", "the same calls one by one", "<= 400 ms", fast.total, fast.oneByOne},
		{"the same at 120 ms a call, p50", "ms", "the critical path of its calls", "<= 1.25 x", slow.total, slow.criticalPath},
		{"calls of one go-live", "calls", "", "<= 22", slow.calls, 0},
		{"event to WebSocket client at 100 events/s, p99", "ms", "bare commit and NOTIFY, p99", "<= 50 ms", g.eventLatency(b), quantile(commit, 0.99) + quantile(bell, 0.99)},
	}
}

// postgresFloor measures transactions of one row, and a NOTIFY until it is heard.
func (g *bench) postgresFloor(b *testing.B) (commit, bell []float64) {
	b.Helper()
	for range 200 {
		start := time.Now()
		if _, err := g.one.Exec(b.Context(), `INSERT INTO bench VALUES (1)`); err != nil {
			b.Fatal(err)
		}
		commit = append(commit, since(start))
		start = time.Now()
		if _, err := g.one.Exec(b.Context(), `NOTIFY bench`); err != nil {
			b.Fatal(err)
		}
		if _, err := g.listener.WaitForNotification(b.Context()); err != nil {
			b.Fatal(err)
		}
		bell = append(bell, since(start))
	}
	return commit, bell
}

func since(start time.Time) float64 { return float64(time.Since(start).Microseconds()) / 1000 }

// benchShop is a tenant with an account of its own, so that Stripe's rate limit
// holds nobody up.
type benchShop struct {
	api
	account stripesim.Account
	// products are our ids.
	products []string
}

// newShop has so many products, each with three prices.
func (g *bench) newShop(b *testing.B, products int) *benchShop {
	b.Helper()
	g.shops++
	slug := fmt.Sprintf("bench-%d", g.shops)
	sh := &benchShop{account: g.newAccount(b, products)}
	id, token := g.admit(b, slug)
	sh.api = api{g.urls[0], token}
	sh.connectStripe(b, id, "TEST", sh.account.TestKey, false)
	sh.connectStripe(b, id, "LIVE", sh.account.LiveKey, false)
	sh.importProducts(b, id)
	for _, p := range sh.api.products(b, slug) {
		sh.products = append(sh.products, p.ID)
	}
	return sh
}

func (g *bench) newAccount(b *testing.B, products int) stripesim.Account {
	b.Helper()
	var account stripesim.Account
	g.sim.call(b, "POST", "/_sim/accounts", object{}, &account)
	all := &world{}
	for i := range products {
		w := numbered(plans(), i)
		all.products, all.prices = append(all.products, w.products...), append(all.prices, w.prices...)
	}
	g.sim.call(b, "PUT", "/_sim/state?mode=test&account="+account.ID, object{"products": all.products, "prices": all.prices}, nil)
	return account
}

// numbered gives a catalogue's objects and lookup keys names of their own.
func numbered(w *world, n int) *world {
	rename := func(s string) string {
		if strings.HasPrefix(s, "prod_") || strings.HasPrefix(s, "price_") {
			return fmt.Sprintf("%s_%d", s, n)
		}
		return s
	}
	c := &world{}
	for _, o := range w.products {
		c.products = append(c.products, eachText(o, rename).(object))
	}
	for _, o := range w.prices {
		one := eachText(o, rename).(object)
		one["lookup_key"] = fmt.Sprintf("%s_%d", o["lookup_key"], n)
		c.prices = append(c.prices, one)
	}
	return c
}

// results are medians of some go-lives, in milliseconds.
type results struct{ picked, total, calls, oneByOne, criticalPath float64 }

// runs takes n products live, one after the other, and then repeats each one's
// calls on a fresh account without Golive.
func (g *bench) runs(b *testing.B, n int) results {
	b.Helper()
	var picked, total, calls, oneByOne, criticalPath []float64
	for range n {
		sh := g.newShop(b, 1)
		mark := g.sim.newest(b, sh.account)
		d, took := sh.timed(b, sh.products[0])
		total = append(total, took)
		picked = append(picked, d[1].At.Sub(d[0].At).Seconds()*1000)
		made := g.sim.requests(b, sh.account, mark)
		calls = append(calls, float64(len(made)))
		oneByOne = append(oneByOne, g.replay(b, made, false))
		criticalPath = append(criticalPath, g.replay(b, made, true))
	}
	return results{middle(picked), middle(total), middle(calls), middle(oneByOne), middle(criticalPath)}
}

// timed goes live and returns the events and the time from the mutation to the
// terminal one at the client.
func (sh *benchShop) timed(b *testing.B, productID string) (events []event, took float64) {
	b.Helper()
	s, err := sh.dial(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	d := sh.mustGoLive(b, goLiveInput{ProductID: productID})
	if err := s.watch(b.Context(), d.ID, 0); err != nil {
		b.Fatal(err)
	}
	events = s.rest(b)
	took = since(start)
	if last := events[len(events)-1]; last.Status != "COMPLETED" || events[1].Status != "VALIDATING" {
		b.Fatalf("ended %s: %s", last.Status, last.Message)
	}
	return events, took
}

// remoteSim is the simulator's control API.
type remoteSim string

func (s remoteSim) call(b *testing.B, method, path string, body, into any) {
	b.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		b.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.Context(), method, string(s)+path, bytes.NewReader(encoded))
	if err != nil {
		b.Fatal(err)
	}
	response, err := apiClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		b.Fatalf("%s %s: %d", method, path, response.StatusCode)
	}
	if into == nil {
		return
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		b.Fatal(err)
	}
}

func (s remoteSim) requests(b *testing.B, account stripesim.Account, after int) []stripesim.Request {
	b.Helper()
	var found []stripesim.Request
	s.call(b, "GET", fmt.Sprintf("/_sim/requests?account=%s&after=%d", url.QueryEscape(account.ID), after), nil, &found)
	return found
}

func (s remoteSim) newest(b *testing.B, account stripesim.Account) int {
	b.Helper()
	found := s.requests(b, account, 0)
	return found[len(found)-1].Seq
}
