package e2e_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

// replay makes the calls of a go-live once more on a fresh account, by a plain
// loop, and returns the time it takes: one by one, or with those side by side
// that do not need each other (reads, product, prices, default price, reads).
func (g *bench) replay(b *testing.B, calls []stripesim.Request, sideBySide bool) float64 {
	b.Helper()
	p := &player{g: g, account: g.newAccount(b, 1)}
	start := time.Now()
	for _, level := range levelsOf(calls) {
		if !sideBySide {
			for _, c := range level {
				p.play(b, c)
			}
			continue
		}
		var all sync.WaitGroup
		for _, c := range level {
			all.Go(func() { p.play(b, c) })
		}
		all.Wait()
	}
	return since(start)
}

// levelsOf groups calls of one kind that follow each other.
func levelsOf(calls []stripesim.Request) [][]stripesim.Request {
	var levels [][]stripesim.Request
	before := ""
	for _, c := range calls {
		kind := c.Method
		if c.Method == http.MethodPost {
			kind = c.Endpoint
		}
		if kind != before {
			levels = append(levels, nil)
		}
		last := len(levels) - 1
		levels[last] = append(levels[last], c)
		before = kind
	}
	return levels
}

// player is the plain loop's client.
type player struct {
	g       *bench
	account stripesim.Account
	mu      sync.Mutex
	// price is the id that the default price was given here.
	price string
}

func (p *player) play(b *testing.B, c stripesim.Request) {
	b.Helper()
	body, err := p.send(b.Context(), c)
	if err != nil {
		b.Errorf("%s %s: %v: %s", c.Method, c.Path, err, body)
	}
}

func (p *player) send(ctx context.Context, c stripesim.Request) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, c.Method, string(p.g.sim)+c.Path+"?"+c.Query, strings.NewReader(p.form(c)))
	if err != nil {
		return nil, err
	}
	key := p.account.TestKey
	if c.Mode == stripesim.Live {
		key = p.account.LiveKey
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := apiClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return body, p.learn(c, response.StatusCode, body)
}

// form is the body with the default price's id as it is here.
func (p *player) form(c stripesim.Request) string {
	form, err := url.ParseQuery(c.Body)
	if err != nil || !form.Has("default_price") {
		return c.Body
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	form.Set("default_price", p.price)
	return form.Encode()
}

func (p *player) learn(c stripesim.Request, status int, body []byte) error {
	if status != c.Status {
		return &apiError{http.StatusText(status), "the go-live was answered otherwise"}
	}
	if c.Endpoint != "POST /v1/prices" {
		return nil
	}
	var price struct{ ID string }
	p.mu.Lock()
	defer p.mu.Unlock()
	err := json.Unmarshal(body, &price)
	p.price = price.ID
	return err
}

// eventLatency takes products live at such a pace that about a hundred events are
// written each second, and returns the p99 from an event's moment in Postgres to
// its arrival at the client that watches, in milliseconds. Both read one clock.
func (g *bench) eventLatency(b *testing.B) float64 {
	b.Helper()
	const perDeployment, deployments = 10, 120
	var shops []*benchShop
	for range 12 {
		shops = append(shops, g.newShop(b, deployments/12))
	}
	var mu sync.Mutex
	var took []float64
	var all sync.WaitGroup
	start := time.Now()
	tick := time.NewTicker(time.Second * perDeployment / 100)
	defer tick.Stop()
	for i := range deployments {
		<-tick.C
		all.Go(func() {
			late, err := shops[i%len(shops)].arrivals(b.Context(), i/len(shops))
			if err != nil {
				b.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, late...)
		})
	}
	all.Wait()
	b.Logf("%.0f events/s", float64(len(took))/time.Since(start).Seconds())
	return quantile(took, 0.99)
}

// arrivals takes one product live and returns how late each event came. Those that
// were written before the client watched are left out.
func (sh *benchShop) arrivals(ctx context.Context, product int) ([]float64, error) {
	s, err := sh.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	d, _, err := sh.goLive(ctx, goLiveInput{ProductID: sh.products[product]})
	if err != nil {
		return nil, err
	}
	watching := time.Now()
	if err := s.watch(ctx, d.ID, 0); err != nil {
		return nil, err
	}
	var late []float64
	for {
		e, err := s.next(ctx)
		if e == nil || err != nil {
			return late, err
		}
		if e.At.After(watching) {
			late = append(late, since(e.At))
		}
	}
}
