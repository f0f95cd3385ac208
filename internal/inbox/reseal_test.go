package inbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal/sealtest"
)

// Once all is sealed anew, nothing needs the older keys.
func TestReseal(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	s.enable(t, catalog.Live)
	for i := range 3 {
		s.deliver(t, h, event(fmt.Sprintf("evt_%d", i), "charge.succeeded", "charge", "ch_1"))
	}
	_, keys := sealtest.Keys(t)
	if secrets, payloads, err := inbox.Reseal(t.Context(), s.Inbox.DB, keys); err == nil {
		t.Errorf("a strange keyset seals %d and %d anew", secrets, payloads)
	}
	var before []byte
	sealedNow := func() (sealed []byte) {
		must(t, s.Pool.QueryRow(t.Context(), `SELECT sealed FROM stripe_payloads ORDER BY event_id LIMIT 1`).Scan(&sealed))
		return sealed
	}
	before = sealedNow()
	secrets, payloads, err := inbox.Reseal(t.Context(), s.Inbox.DB, s.Inbox.Keys)
	if secrets != 2 || payloads != 3 || err != nil || string(before) == string(sealedNow()) {
		t.Errorf("%d, %d, %v", secrets, payloads, err)
	}
	if status := s.deliver(t, h, event("evt_9", "charge.succeeded", "charge", "ch_1")); status != 200 {
		t.Errorf("%d", status)
	}
}

func TestStand(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	h := s.enable(t, catalog.Test)
	s.deliver(t, h, event("evt_1", "charge.succeeded", "charge", "ch_1"))
	s.deliver(t, h, event("evt_2", "charge.succeeded", "charge", "ch_2"))
	s.Exec(t, `UPDATE stripe_events SET received_at = received_at - interval '1 hour' WHERE event_id = 'evt_1'`)
	s.Exec(t, `UPDATE stripe_events SET status = 'DEAD' WHERE event_id = 'evt_2'`)
	s.deliver(t, h, event("evt_3", "charge.succeeded", "charge", "ch_3", func(e map[string]any) { e["api_version"] = "2020-08-27" }))
	s.Exec(t, `UPDATE payments_modules SET problem = 'x'`)
	all, err := inbox.Stand(t.Context(), s.Inbox.DB)
	must(t, err)
	if all[0].Mode != catalog.Test || all[0].Oldest < time.Hour || all[0].Oldest > 2*time.Hour || all[0].Dead != 1 || all[0].Troubled != 1 || all[0].Quarantined != 1 || all[1] != (inbox.Standing{Mode: catalog.Live}) {
		t.Errorf("%+v", all)
	}
	m, err := s.Inbox.Module(postgres.Including(s.As, s.Tenant.ID), s.Tenant.ID, catalog.Test)
	if err != nil || m.OldestUnappliedSeconds == nil || *m.OldestUnappliedSeconds < 3600 {
		t.Errorf("%+v, %v", m, err)
	}
}
