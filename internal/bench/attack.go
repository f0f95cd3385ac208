package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/tenant"
)

const (
	// attackers of one kind come at once, each with a token of its own.
	attackers = 8
	// sieges are how often one kind of attack is held against each target, siege how long one
	// lasts at least, and goLivePace what lies between two go-lives meanwhile: they see all of
	// it, not its first second alone.
	sieges     = 3
	siege      = 6 * time.Second
	goLivePace = siege / goLivesEach
	// warmUp is how long attackers may take to be at full strength.
	warmUp = time.Second
	// shopsBeside are honest tenants, which go live in turns.
	shopsBeside = 4
	goLivesEach = 20 // in one siege; the median of all counts
	// honestPace is slow enough for the rate of a caller.
	honestPace = 25 * time.Millisecond

	mostResident = 400 // MiB
	mostLatency  = 250 * time.Millisecond
	mostSlower   = 1.3
)

// beStub answers everything with 429 until ctx ends.
func beStub(ctx context.Context, addr string) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "{}", http.StatusTooManyRequests)
	})}
	defer context.AfterFunc(ctx, func() { _ = s.Close() })()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// attackBench measures what honest callers notice of attackers, one kind at a time (of
// those named, or all): with callers' rates, and by the guard of executions alone. What
// they notice of the same attackers aimed at a stub is what the machine costs.
func attackBench(ctx context.Context, named []string) (met bool, err error) {
	s, err := startStackWith(ctx, "on")
	if err != nil {
		return false, err
	}
	defer s.stop()
	if err := s.startWorker(ctx); err != nil {
		return false, err
	}
	b, err := newBattle(ctx, s)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(os.Stdout, "%-30s %-5s %12s %26s %27s %6s\n", "attack", "rates", "resident", "honest p99 (stub's)", "go-live (stub's)", "times")
	met = true
	for _, s.rates = range []string{"on", "off"} {
		for _, kind := range attackKinds {
			if len(named) > 0 && !slices.Contains(named, kind.name) {
				continue
			}
			// Each against one that has no memory of the others.
			if err := s.restartAPI(ctx); err != nil {
				return false, err
			}
			ok, err := b.fight(ctx, kind)
			if err != nil {
				return false, fmt.Errorf("%s, with rates %s: %w", kind.name, s.rates, err)
			}
			met = met && ok
		}
	}
	return met, nil
}

// battle is a stack with attackers, and those who have work to do.
type battle struct {
	*stack
	stub    string
	orders  orders
	account string // the attackers', at Stripe
	honest  []*shop
	waiting []shop // what is to go live, of each honest tenant in turn
}

// orders are what an attacking process is told.
type orders struct {
	Kind, Target, Slug, TenantID string
	Tokens                       []string
}

func newBattle(ctx context.Context, s *stack) (*battle, error) {
	b := &battle{stack: s}
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	b.stub = "http://" + addr
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if _, err := s.run(ctx, self, nil, "stub", addr); err != nil {
		return nil, err
	}
	if err := b.enlist(ctx); err != nil {
		return nil, err
	}
	return b, b.openHonest(ctx)
}

// openHonest opens the honest tenants, with products enough for all go-lives.
func (b *battle) openHonest(ctx context.Context) error {
	const each = 2 * 2 * sieges * goLivesEach / shopsBeside
	var products [shopsBeside][]string
	for i := range products {
		sh, err := b.openShop(ctx, manyProducts(len(attackKinds)*each))
		if err != nil {
			return err
		}
		b.honest = append(b.honest, sh)
		if products[i], err = sh.products(ctx); err != nil {
			return err
		}
	}
	for n := range len(attackKinds) * each {
		for i, sh := range b.honest {
			next := *sh
			next.productID = products[i][n]
			b.waiting = append(b.waiting, next)
		}
	}
	return nil
}

// enlist opens the attackers' tenant, whose products have been live.
func (b *battle) enlist(ctx context.Context) error {
	sh, err := b.openShop(ctx, manyProducts(100))
	if err != nil {
		return err
	}
	b.orders.Slug, b.account = sh.slug, sh.account.ID
	if b.orders.TenantID, err = tenantOf(ctx, sh); err != nil {
		return err
	}
	for i := range attackers {
		token, err := b.tenants.CreateToken(ctx, sh.slug, fmt.Sprintf("mallory-%d@%s.example", i, sh.slug), tenant.RoleDeployer)
		if err != nil {
			return err
		}
		b.orders.Tokens = append(b.orders.Tokens, token)
	}
	return nil
}

func tenantOf(ctx context.Context, sh *shop) (string, error) {
	type answer struct {
		Viewer struct {
			Memberships []struct{ Tenant struct{ ID string } }
		}
	}
	got, err := client.Do[answer](ctx, sh.as, `{ viewer { memberships { tenant { id } } } }`, nil)
	if err != nil {
		return "", err
	}
	return got.Viewer.Memberships[0].Tenant.ID, nil
}

// noticed is what honest callers notice.
type noticed struct {
	resident        int // MiB, at most
	answers, goLive []time.Duration
}

func (n *noticed) add(m noticed) {
	n.resident = max(n.resident, m.resident)
	n.answers, n.goLive = append(n.answers, m.answers...), append(n.goLive, m.goLive...)
}

// fight holds one kind of attack against the API beside the same one against the stub.
func (b *battle) fight(ctx context.Context, kind attackKind) (met bool, err error) {
	if kind.prepare != nil {
		if err := kind.prepare(ctx, b); err != nil {
			return false, fmt.Errorf("prepare: %w", err)
		}
	}
	var targets [2]noticed
	for range sieges {
		for i, target := range []string{b.stub, b.api} {
			n, err := b.besiege(ctx, kind, target)
			if err == nil {
				err = b.settled(ctx)
			}
			if err != nil {
				return false, fmt.Errorf("aimed at %s: %w", target, err)
			}
			targets[i].add(n)
		}
	}
	return b.judge(kind, targets[0], targets[1]), nil
}

// settled waits until nothing is left of an attack that has ended.
func (b *battle) settled(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		var running bool
		err := b.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM imports WHERE finished_at IS NULL)`).Scan(&running)
		if err != nil || !running {
			return err
		}
		if err := until(ctx, time.Now().Add(100*time.Millisecond)); err != nil {
			return err
		}
	}
}

// judge prints what was noticed beside an attack on the stub and under one on the API.
func (b *battle) judge(kind attackKind, beside, under noticed) (met bool) {
	p99, stubs, goLive, stubsGoLive := quantile(under.answers, 0.99), quantile(beside.answers, 0.99), median(under.goLive), median(beside.goLive)
	// On a machine that is busy with others, honest callers wait even beside the stub.
	latency := max(mostLatency, time.Duration(mostSlower*float64(stubs)))
	slower := float64(goLive) / float64(stubsGoLive)
	met = under.resident <= mostResident && p99 <= latency && slower <= mostSlower
	verdict := "ok"
	if !met {
		verdict = "MISSED"
	}
	fmt.Fprintf(os.Stdout, "%-30s %-5s %8d MiB %14s (%10s) %14s (%11s) %5.2f  %s\n",
		kind.name, b.rates, under.resident, ms(p99), ms(stubs), ms(goLive), ms(stubsGoLive), slower, verdict)
	return met
}

// besiege attacks a target, and asks the API for what honest callers ask meanwhile.
func (b *battle) besiege(ctx context.Context, kind attackKind, target string) (n noticed, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	retreat, err := b.attack(ctx, kind, target)
	if err != nil {
		return n, err
	}
	defer retreat()
	if err := until(ctx, time.Now().Add(warmUp)); err != nil {
		return n, err
	}
	resident, latencies := make(chan int, 1), make(chan []time.Duration, 1)
	working, done := context.WithCancel(ctx)
	go func() { resident <- b.watchMemory(working) }()
	go func() { latencies <- b.askHonestly(working) }()
	enough := time.Now().Add(siege)
	n.goLive, err = b.goLives(ctx)
	if err == nil {
		err = until(ctx, enough)
	}
	done()
	n.resident = <-resident
	n.answers = <-latencies
	return n, err
}

// attack starts a process of attackers, and returns what ends it.
func (b *battle) attack(ctx context.Context, kind attackKind, target string) (retreat func(), err error) {
	o := b.orders
	o.Kind, o.Target = kind.name, target
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "attackers")
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(text)), os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }, nil
}
