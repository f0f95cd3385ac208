package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// A page that is left open is an idle subscription. So many of them are measured, of so
// many callers, each with as many connections as one may have.
const (
	idleCallers = 200
	idleEach    = 50
	// colleagues watch one tenant, with idleEach connections each.
	colleagues = 100
	// openers connect at once; more of one address that have not said yet whose they are
	// would be turned away.
	openers = 32
)

// audience is a stack with shops that many watch.
type audience struct {
	*stack
	shops []watchedShop
}

// watcherFigures measures what it costs to be watched by many.
func watcherFigures(ctx context.Context, s *stack, r *report) error {
	a := &audience{stack: s}
	if err := a.open(ctx, idleCallers); err != nil {
		return err
	}
	return errors.Join(a.idleFigures(ctx, r), a.tenantFigures(ctx, r), a.silentFigures(ctx, r))
}

// watchedShop is a shop with a deployment that waits.
type watchedShop struct {
	*shop
	deployment string
}

// open opens n shops, each with a deployment that waits for a worker.
func (a *audience) open(ctx context.Context, n int) error {
	shops, err := a.openShops(ctx, n)
	if err != nil {
		return err
	}
	for _, sh := range shops {
		id, err := sh.goLive(ctx)
		if err != nil {
			return err
		}
		a.shops = append(a.shops, watchedShop{sh, id})
	}
	return nil
}

// idleFigures are what an idle subscription takes, and how soon an event reaches many.
func (a *audience) idleFigures(ctx context.Context, r *report) error {
	bare, err := a.bareHub(ctx, len(a.shops)*idleEach)
	if err != nil {
		return fmt.Errorf("bare hub: %w", err)
	}
	before := resident(a.apiProcess.Process.Pid)
	d := &deliveries{committed: map[string]time.Time{}, arrived: make(chan struct{}, deliveriesPerSecond*int(watchFor.Seconds()))}
	first := make(chan struct{}, len(a.shops)*idleEach)
	w, err := open(ctx, cap(first), func(ctx context.Context, i int) (*client.Subscription[client.Event], error) {
		sh := a.shops[i%len(a.shops)]
		return client.Progress(ctx, sh.as, sh.deployment, 0)
	}, func(_ int, e *client.Event) {
		if e.Sequence == 1 {
			first <- struct{}{}
		}
		d.arrive(e.Message)
	})
	if err != nil {
		return err
	}
	defer w.leave()
	for range cap(first) {
		<-first
	}
	each, err := settled(ctx, a.apiProcess.Process.Pid, before, cap(first))
	if err != nil {
		return err
	}
	r.addCount(fmt.Sprintf("idle subscription, of %d from %d callers, resident KiB", cap(first), len(a.shops)), each, 30,
		fmt.Sprintf("a bare socket hub %d KiB", bare))
	return a.manyDeliveries(ctx, r, d)
}

const deliveriesPerSecond = 1000

// manyDeliveries writes events so that they reach so many watchers a second.
func (a *audience) manyDeliveries(ctx context.Context, r *report, d *deliveries) error {
	ctx, cancel := context.WithCancel(ctx)
	var ringing sync.WaitGroup
	defer ringing.Wait()
	defer cancel()
	notifier := postgres.NewNotifier(a.pool, slog.New(slog.DiscardHandler))
	ringing.Go(func() { notifier.Run(ctx) })
	ids := make([]string, len(a.shops))
	for i, sh := range a.shops {
		ids[i] = sh.deployment
	}
	perSecond := deliveriesPerSecond / idleEach
	if err := a.writeEvents(ctx, int(watchFor.Seconds())*perSecond, perSecond, ids, d, notifier); err != nil {
		return err
	}
	for range cap(d.arrived) {
		select {
		case <-d.arrived:
		case <-time.After(10 * time.Second):
			return fmt.Errorf("only %d of %d deliveries arrived", len(d.took), cap(d.arrived))
		}
	}
	r.add(fmt.Sprintf("event commit to WebSocket client, p99 at %d deliveries/s", deliveriesPerSecond), quantile(d.took, 0.99), 30*time.Millisecond,
		fmt.Sprintf("p50 %s", ms(quantile(d.took, 0.5))))
	return nil
}

// change is what a list of deployments is told.
type change struct{ ID string }

// tenantFigures are of many who watch one tenant: what they cost while nothing happens,
// and how soon a go-live reaches the last of them.
func (a *audience) tenantFigures(ctx context.Context, r *report) error {
	shops, err := a.openShops(ctx, 1)
	if err != nil {
		return err
	}
	sh := shops[0]
	tokens, tenantID, err := a.staff(ctx, sh)
	if err != nil {
		return err
	}
	told := make(chan struct{}, len(tokens)*idleEach)
	w, err := open(ctx, cap(told), func(ctx context.Context, i int) (*client.Subscription[change], error) {
		return client.Subscribe[change](ctx, &client.Client{URL: a.api, Token: tokens[i%len(tokens)]},
			`subscription ($tenant: ID!) { deploymentsChanged(tenantId: $tenant) { id } }`, map[string]any{"tenant": tenantID})
	}, func(int, *change) { told <- struct{}{} })
	if err != nil {
		return err
	}
	defer w.leave()
	idle, err := a.statements(ctx, 20*time.Second)
	if err != nil {
		return err
	}
	r.addCount(fmt.Sprintf("statements/min while %d watch a tenant idly", cap(told)), idle, 60, "none")
	began := time.Now()
	if _, err := sh.goLive(ctx); err != nil {
		return err
	}
	for range cap(told) {
		select {
		case <-told:
		case <-time.After(10 * time.Second):
			return fmt.Errorf("only %d of %d heard of the go-live", len(told), cap(told))
		}
	}
	r.add("click to the last of them", time.Since(began), 500*time.Millisecond, "the click's own transaction and a frame each")
	return nil
}

func (a *audience) staff(ctx context.Context, sh *shop) (tokens []string, tenantID string, err error) {
	for i := range colleagues {
		token, err := a.tenants.CreateToken(ctx, sh.slug, fmt.Sprintf("colleague%d@%s.example", i, sh.slug), tenant.RoleViewer)
		if err != nil {
			return nil, "", err
		}
		tokens = append(tokens, token)
	}
	err = a.pool.QueryRow(ctx, `SELECT id FROM tenants WHERE slug = $1`, sh.slug).Scan(&tenantID)
	return tokens, tenantID, err
}

// statements counts those that the API asks for a while, by the minute. Those by which its
// pool sees whether a connection still lives ask for nothing.
func (a *audience) statements(ctx context.Context, d time.Duration) (perMinute int, err error) {
	err = a.logStatements(ctx, "all")
	if err != nil {
		return 0, err
	}
	before := a.log.statements.Load()
	err = until(ctx, time.Now().Add(d))
	asked := a.log.statements.Load() - before
	return int(time.Duration(asked) * time.Minute / d), errors.Join(err, a.logStatements(ctx, "none"))
}

func (a *audience) logStatements(ctx context.Context, which string) error {
	for _, sql := range []string{"ALTER SYSTEM SET log_statement = '" + which + "'", "SELECT pg_reload_conf()"} {
		if _, err := a.pool.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// statementLog counts the statements in a server's log.
type statementLog struct{ statements atomic.Int64 }

func (l *statementLog) Write(b []byte) (int, error) {
	text := string(b)
	asked := strings.Count(text, "LOG:  statement: ") + strings.Count(text, "LOG:  execute ") - strings.Count(text, "LOG:  statement: -- ping")
	l.statements.Add(int64(asked))
	return len(b), nil
}

// settled is how many KiB more a process has resident for each of n, once its collector
// has been at work: the least within a time.
func settled(ctx context.Context, pid, before, n int) (each int, err error) {
	least := -1
	for range 30 {
		now := resident(pid)
		if least < 0 || now < least {
			least = now
		}
		if err := until(ctx, time.Now().Add(500*time.Millisecond)); err != nil {
			return 0, err
		}
	}
	return (least - before) / n, nil
}
