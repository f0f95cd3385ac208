package chaos_test

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// shop is a tenant with a Stripe account that nobody else uses.
type shop struct {
	*stack
	account stripesim.Account
	tenant  tenant.Tenant
	// as acts as an admin of the tenant, who has the token.
	as    context.Context
	token string
	// built is what is in test.
	built *catalogue
}

// open makes a tenant that has built the plans.
func (s *stack) open(ctx context.Context, slug string) (*shop, error) {
	return s.openWith(ctx, slug, plans())
}

// openWith makes a tenant that has built that.
func (s *stack) openWith(ctx context.Context, slug string, built *catalogue) (*shop, error) {
	sh := &shop{stack: s, account: s.sim.AddAccount(stripesim.AccountConfig{}), built: built}
	var err error
	if sh.tenant, err = s.Tenants.CreateTenant(ctx, slug, slug, "Europe/Berlin"); err != nil {
		return nil, err
	}
	sh.token, err = s.Tenants.CreateToken(ctx, slug, "owner@"+slug+".example", tenant.RoleAdmin)
	if err != nil {
		return nil, err
	}
	actor, err := s.Tenants.Authenticate(ctx, sh.token)
	if err != nil {
		return nil, err
	}
	sh.as = tenant.WithActor(ctx, actor)
	for mode, key := range map[catalog.Mode]string{catalog.Test: sh.account.TestKey, catalog.Live: sh.account.LiveKey} {
		if _, err := s.Connections.Connect(sh.as, connection.Input{TenantID: sh.tenant.ID, Mode: mode, SecretKey: key}); err != nil {
			return nil, err
		}
	}
	return sh, sh.publish()
}

// publish puts what was built into test, and imports it.
func (sh *shop) publish() error {
	if err := sh.sim.Load(sh.account.ID, stripesim.Test, sh.built.state()); err != nil {
		return err
	}
	_, err := sh.Imports.Here(sh.as, sh.tenant.ID, nil)
	return err
}

func (sh *shop) product() (*product.Product, error) {
	return sh.Products.ByStripeID(sh.as, sh.tenant.ID, productID)
}

func (sh *shop) goLive() (*deployment.Deployment, error) {
	p, err := sh.product()
	if err != nil {
		return nil, err
	}
	return sh.Deployments.GoLive(sh.as, deployment.GoLiveInput{ProductID: p.ID})
}

// live is the product as it is in live now, nil where it is not there.
func (sh *shop) live() (*catalog.Snapshot, error) {
	return sh.Deployments.Open(catalog.Live, sh.account.ID, sh.account.LiveKey).Snapshot(sh.as, productID, nil)
}

// watch returns all events of a deployment, once the last has come.
func (sh *shop) watch(ctx context.Context, id string) ([]deployment.Event, error) {
	from := 0
	progress, err := sh.Progress.Events(ctx, id, &from)
	if err != nil {
		return nil, err
	}
	var events []deployment.Event
	for e := range progress {
		events = append(events, *e)
	}
	return events, ctx.Err()
}

// settled goes live without further ado.
func (sh *shop) settled() (*deployment.Deployment, error) {
	d, err := sh.goLive()
	if err != nil {
		return nil, err
	}
	watching, stop := context.WithTimeout(sh.as, 2*stuckAfter)
	defer stop()
	if _, err := sh.watch(watching, d.ID); err != nil {
		return nil, fmt.Errorf("the go-live before: %w", err)
	}
	if d, err = sh.Deployments.Get(sh.as, d.ID); err == nil && d.Status != deployment.Completed {
		err = fmt.Errorf("the go-live before ended %s: %s", d.Status, d.ProgressMessage)
	}
	return d, err
}

// requests are the calls to the shop's account after a sequence number.
func (sh *shop) requests(after int) []stripesim.Request {
	found, err := sh.sim.Requests(stripesim.RequestFilter{Account: sh.account.ID, After: after})
	if err != nil {
		panic(err) // only a bad regular expression gives one
	}
	return found
}

// now is the sequence number of the newest call.
func (sh *shop) now() int {
	all := sh.requests(0)
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Seq
}

// position is one call of a deployment: the nth to an endpoint in a mode.
type position struct {
	mode             stripesim.Mode
	method, template string
	nth              int
	// refused tells that Stripe refuses it.
	refused bool
}

func (p position) write() bool { return p.method == "POST" }

func (p position) String() string {
	return fmt.Sprintf("%s %s %s %d", p.mode, p.method, strings.TrimPrefix(p.template, "/v1/"), p.nth)
}

// positions tells the calls apart.
func positions(calls []stripesim.Request) []position {
	count := map[position]int{}
	var all []position
	for _, c := range calls {
		method, template, _ := strings.Cut(c.Endpoint, " ")
		p := position{mode: c.Mode, method: method, template: template}
		count[p]++
		p.nth, p.refused = count[p], c.Fault == stripesim.Refused
		all = append(all, p)
	}
	return all
}

func (p position) match(account string) stripesim.Match {
	path := "^" + strings.ReplaceAll(p.template, "{id}", "[^/]+") + "$"
	return stripesim.Match{Account: account, Mode: p.mode, Method: p.method, Path: path, Nth: p.nth}
}

// holds stops a call, and calls then with it as soon as it is there; wait returns
// what came of it, or an error where ctx ended first.
func (sh *shop) holds(ctx context.Context, match stripesim.Match, at string, then func(stripesim.Held) error) (wait func() error, err error) {
	id, err := sh.sim.AddFault(stripesim.Fault{Kind: stripesim.Hold, At: at, Match: match})
	if err != nil {
		return nil, err
	}
	var done sync.WaitGroup
	var result error
	done.Go(func() {
		defer sh.sim.RemoveFault(id)
		held, err := sh.sim.Held(ctx, id)
		if err != nil {
			result = err
			return
		}
		result = then(held[0])
	})
	return func() error { done.Wait(); return result }, nil
}
