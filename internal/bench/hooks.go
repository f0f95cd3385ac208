package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/golive-hq/golive/internal/seal"
)

const (
	hookShops = 8
	// hookPace is how many events a second are acknowledged in hookBound, for hookTime.
	hookPace  = 200
	hookTime  = 20 * time.Second
	hookBound = 50 * time.Millisecond
	// eventsEach is how many events are about one object.
	eventsEach = 4
)

// hookFigures measures how Stripe's events are taken while a worker reads what they are about:
// how soon at a pace, and how many when all is wanted, beside what Postgres does at most.
func hookFigures(ctx context.Context, s *stack, r *report) error {
	senders := &senders{web: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 128}}}
	for range hookShops {
		h, err := s.openHook(ctx)
		if err != nil {
			return err
		}
		senders.hooks = append(senders.hooks, h)
	}
	took, err := senders.atPace(ctx)
	if err != nil {
		return err
	}
	r.add(fmt.Sprintf("event sent to acknowledged, %d/s to %d endpoints, p99", hookPace, hookShops), quantile(took, 0.99), hookBound,
		fmt.Sprintf("p50 %s", ms(quantile(took, 0.5))))
	return s.hookRates(ctx, r, senders)
}

// hook is an endpoint of Golive's as Stripe knows it.
type hook struct{ url, secret string }

// openHook opens a shop that sells in test, and looks behind it for what its events are
// signed with.
func (s *stack) openHook(ctx context.Context) (h hook, err error) {
	sh, err := s.openSeller(ctx)
	if err != nil {
		return h, err
	}
	keys, err := seal.ParseKeys(s.keyset)
	if err != nil {
		return h, err
	}
	var sealed []byte
	slot := seal.Slot{TenantID: sh.tenantID, Column: "webhook_secrets.sealed.TEST"}
	err = s.pool.QueryRow(ctx, `SELECT sealed, seal_version FROM webhook_secrets WHERE tenant_id = $1 AND NOT livemode`, sh.tenantID).Scan(&sealed, &slot.Version)
	if err != nil {
		return h, err
	}
	if h.secret, err = keys.Open(sealed, slot); err != nil {
		return h, err
	}
	listed, err := request(ctx, http.MethodGet, s.stripe+"/v1/webhook_endpoints", sh.account.TestKey, nil)
	if err != nil {
		return h, err
	}
	var endpoints struct{ Data []struct{ URL string } }
	err = json.Unmarshal(listed, &endpoints)
	h.url = endpoints.Data[0].URL
	return h, err
}

// senders are Stripe's, which send to all endpoints in turn.
type senders struct {
	web   *http.Client
	hooks []hook
	sent  atomic.Int64
}

// send sends a new event and waits until it is acknowledged.
func (s *senders) send(ctx context.Context) error {
	n := s.sent.Add(1)
	h := s.hooks[int(n)%len(s.hooks)]
	body := anEvent(n)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Stripe-Signature", signed(h.secret, body))
	res, err := s.web.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body) // so that the connection is kept
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("an event was answered with %s", res.Status)
	}
	return nil
}

func signed(secret string, body []byte) string {
	at := time.Now().Unix()
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = fmt.Fprintf(mac, "%d.%s", at, body) // a hash takes everything
	return fmt.Sprintf("t=%d,v1=%s", at, hex.EncodeToString(mac.Sum(nil)))
}

// anEvent tells of a charge, in about the length of Stripe's.
func anEvent(n int64) []byte {
	return fmt.Appendf(nil, `{"id": "evt_bench%d", "object": "event", "type": "charge.updated", "api_version": "2023-10-16", "created": %d, "livemode": false,
		"data": {"object": {"id": "ch_bench%d", "object": "charge", "amount": 1850, "currency": "usd", "status": "succeeded", "metadata": {}, "description": "%0*d"}}}`,
		n, time.Now().Unix(), n/hookShops/eventsEach*hookShops+n%hookShops, 2000, n)
}

// atPace sends at a steady pace, however long answers take, and tells how long they did from
// when each was due to be sent.
func (s *senders) atPace(ctx context.Context) ([]time.Duration, error) {
	all, ctx := errgroup.WithContext(ctx)
	var mu sync.Mutex
	var took []time.Duration
	began := time.Now()
	for i := range int(hookTime.Seconds()) * hookPace {
		due := began.Add(time.Duration(i) * time.Second / hookPace)
		if err := until(ctx, due); err != nil {
			break // all tells why
		}
		all.Go(func() error {
			err := s.send(ctx)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(due))
			return err
		})
	}
	return took, all.Wait()
}
