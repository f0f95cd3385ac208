package app

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

// While callers have taken every connection, it is still found out who is calling and
// whether the process works.
func TestTheDoorStaysOpen(t *testing.T) {
	t.Parallel()
	keys, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"DATABASE_URL": pgtest.URL(t), "GOLIVE_SEALING_KEYS": keys}
	cfg, err := Load(func(name string) (string, bool) { value, ok := env[name]; return value, ok })
	if err != nil {
		t.Fatal(err)
	}
	p, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler), callersPools)
	if err != nil {
		t.Fatal(err)
	}
	defer p.pools.close()
	if _, err := p.Tenants.CreateTenant(t.Context(), "acme", "Acme", ""); err != nil {
		t.Fatal(err)
	}
	token, err := p.Tenants.CreateToken(t.Context(), "acme", "vik@example.com", tenant.RoleViewer)
	if err != nil {
		t.Fatal(err)
	}
	for range p.Pool.Config().MaxConns {
		c, err := p.Pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Release()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := p.Tenants.Authenticate(ctx, token); err != nil {
		t.Error(err)
	}
	if err := readiness(t.Context(), p.Door)(ctx); err != nil {
		t.Error(err)
	}
}
