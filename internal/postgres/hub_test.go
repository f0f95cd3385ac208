package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
)

// never is a poll that no test lives to see.
const never = time.Hour

// patience is how long a test waits before it calls a thing lost.
const patience = 30 * time.Second

// startHub runs a hub as another process would: on a connection of its own.
func startHub(t *testing.T, pool *pgxpool.Pool, poll time.Duration) *postgres.Hub {
	t.Helper()
	hub, err := postgres.NewHubPolling(pool.Config().ConnString(), silent, poll)
	if err != nil {
		t.Fatal(err)
	}
	listening := hub.Subscribe("any")
	defer listening.Close()
	run(t, hub.Run)
	await(t, listening.C, "the hub to listen") // it rings all once it does
	return hub
}

func startNotifier(t *testing.T, pool *pgxpool.Pool) *postgres.Notifier {
	t.Helper()
	n := postgres.NewNotifier(pool, silent)
	run(t, n.Run)
	return n
}

// run ends f with the test, before the pool is closed.
func run(t *testing.T, f func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { f(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
}

func await(t *testing.T, bell <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-bell:
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
	}
}

func silentBell(t *testing.T, bell <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-bell:
		t.Errorf("%s rang", what)
	default:
	}
}

func TestARingReachesTheTopicsSubscribersInEveryProcess(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	n := startNotifier(t, pool)
	here, there := startHub(t, pool, never), startHub(t, pool, never)
	first, second, far := here.Subscribe("mine"), here.Subscribe("mine"), there.Subscribe("mine")
	closed, other := here.Subscribe("mine"), here.Subscribe("other")
	closed.Close()
	closed.Close()
	n.Ring("mine")
	await(t, first.C, "the first subscriber")
	await(t, second.C, "the second subscriber")
	await(t, far.C, "the subscriber of another process")
	silentBell(t, closed.C, "a closed subscription")
	silentBell(t, other.C, "another topic")
	if notified, polled := here.Wakeups(); notified != 2 || polled != 1 {
		t.Errorf("counted %d notified and %d polled wakeups, want 2 and 1", notified, polled)
	}
}

// Many rings before anybody looks are one ring, and none after the look is lost.
func TestRingsMerge(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	n, hub := startNotifier(t, pool), startHub(t, pool, never)
	busy, fence := hub.Subscribe("busy"), hub.Subscribe("fence")
	for range 1000 {
		n.Ring("busy")
	}
	// Postgres delivers in the order of commits. Within one, the first fence may come
	// before what was rung earlier.
	for range 2 {
		n.Ring("fence")
		await(t, fence.C, "the fence")
	}
	await(t, busy.C, "the busy topic")
	silentBell(t, busy.C, "a second bell")
	n.Ring("busy")
	await(t, busy.C, "the busy topic after a look")
}

func TestABatchOfManyTopicsAndBadOnes(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	hub := startHub(t, pool, never)
	topics := []string{"", strings.Repeat("x", 8000), strings.Repeat("y", 7999)}
	for i := range 5000 {
		topics = append(topics, fmt.Sprintf("deployment:%d", i))
	}
	n := postgres.NewNotifier(pool, silent)
	n.Ring(topics...) // before Run: one batch
	bells := make([]*postgres.Bell, 0, len(topics))
	for _, topic := range topics[2:] {
		bells = append(bells, hub.Subscribe(topic))
	}
	run(t, n.Run)
	for _, s := range bells {
		await(t, s.C, "a topic of the batch")
	}
}

func TestTheNotifierSendsWhatIsPendingWhenItStops(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	hub := startHub(t, pool, never)
	last := hub.Subscribe("last")
	n := postgres.NewNotifier(pool, silent)
	n.Ring("last")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n.Run(ctx)
	await(t, last.C, "the last ring")
}

func TestAfterALostConnectionAllTopicsRingAndTheHubHearsAgain(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	n, hub := startNotifier(t, pool), startHub(t, pool, never)
	one, two := hub.Subscribe("one"), hub.Subscribe("two")
	exec(t, pool, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN golive' AND datname = current_database()`)
	await(t, one.C, "topic one after the reconnect")
	await(t, two.C, "topic two after the reconnect")
	n.Ring("two")
	await(t, two.C, "a notification on the new connection")
	silentBell(t, one.C, "topic one")
}

// A connection that dies without a word is noticed, though nobody polls.
func TestAConnectionThatDiesInSilenceIsReplaced(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	n := startNotifier(t, pool)
	proxy := pgtest.NewProxy(t, pool.Config().ConnString())
	hub, err := postgres.NewHubPolling(proxy.URL, silent, never)
	if err != nil {
		t.Fatal(err)
	}
	hub.SetSilence(50*time.Millisecond, 5*time.Second) // a busy machine answers late
	s := hub.Subscribe("quiet")
	run(t, hub.Run)
	await(t, s.C, "the hub to listen")
	if frozen := proxy.Freeze(); frozen != 1 {
		t.Fatalf("the hub had %d connections", frozen)
	}
	n.Ring("quiet") // into the void
	await(t, s.C, "a new connection")
	n.Ring("quiet")
	await(t, s.C, "a notification on the new connection")
	if notified, _ := hub.Wakeups(); notified != 1 {
		t.Errorf("%d bells rang for a notification, want 1", notified)
	}
}

// A connection that lives and has nothing to say stays.
func TestAQuietConnectionIsKept(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	hub, err := postgres.NewHubPolling(pool.Config().ConnString(), silent, never)
	if err != nil {
		t.Fatal(err)
	}
	hub.SetSilence(time.Millisecond, patience)
	s := hub.Subscribe("quiet")
	run(t, hub.Run)
	await(t, s.C, "the hub to listen")
	startNotifier(t, pool).Ring("quiet")
	await(t, s.C, "a notification")
	if _, polled := hub.Wakeups(); polled != 1 {
		t.Errorf("the hub connected %d times, want once", polled)
	}
}

func TestThePollRingsWithoutANotification(t *testing.T) {
	t.Parallel()
	hub := startHub(t, pgtest.New(t), 10*time.Millisecond)
	s := hub.Subscribe("quiet")
	await(t, s.C, "the first poll")
	await(t, s.C, "the second poll")
}

// Polling goes on while the database cannot be reached.
func TestThePollRingsWithoutADatabase(t *testing.T) {
	t.Parallel()
	hub, err := postgres.NewHubPolling("postgres://nobody@127.0.0.1:1/none", silent, 10*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	s := hub.Subscribe("quiet")
	run(t, hub.Run)
	await(t, s.C, "the poll")
}

func TestSubscriptionsCostNoGoroutineAndNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	hub, err := postgres.NewHubPolling(pool.Config().ConnString(), silent, never)
	if err != nil {
		t.Fatal(err)
	}
	n := postgres.NewNotifier(pool, silent)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var running sync.WaitGroup
	// Goroutines inherit the label, and no other test's have it.
	pprof.Do(ctx, pprof.Labels("test", t.Name()), func(ctx context.Context) {
		running.Go(func() { hub.Run(ctx) })
		running.Go(func() { n.Run(ctx) })
	})
	first := hub.Subscribe("first")
	await(t, first.C, "the hub to listen")
	before := labelled(t)
	bells := []*postgres.Bell{first}
	for i := range 1000 {
		bells = append(bells, hub.Subscribe(fmt.Sprint(i)))
	}
	n.Ring("999")
	await(t, bells[1000].C, "the last of a thousand")
	if now := labelled(t); before == 0 || now > before {
		t.Errorf("a thousand subscriptions made %d goroutines of %d", now, before)
	}
	for _, s := range bells {
		s.Close()
	}
	cancel()
	running.Wait()
	for deadline := time.After(patience); labelled(t) > 0; {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-deadline:
			t.Fatalf("%d goroutines are left", labelled(t))
		}
	}
}

// labelled counts the goroutines that carry this test's label.
func labelled(t *testing.T) (n int) {
	t.Helper()
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		t.Fatal(err)
	}
	same := 0
	for line := range strings.Lines(profile.String()) {
		if count, _, ok := strings.Cut(line, " @ "); ok {
			same, _ = strconv.Atoi(count)
		}
		if strings.HasPrefix(line, "# labels:") && strings.Contains(line, t.Name()) {
			n += same
		}
	}
	return n
}
