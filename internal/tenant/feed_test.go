package tenant_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/golive-hq/golive/internal/fault"
)

func TestFeedOpensItsTenantUntilRevoked(t *testing.T) {
	t.Parallel()
	ctx, b := context.Background(), setup(t)
	secret, err := b.CreateFeed(ctx, "acme")
	if err != nil || !regexp.MustCompile(`^glc_[A-Z0-9]{52}$`).MatchString(secret) {
		t.Fatalf("%q, %v", secret, err)
	}
	if got, err := b.ByFeed(ctx, secret); err != nil || got != b.acme {
		t.Errorf("%+v, %v", got, err)
	}
	stored := scalar[string](t, b.DB, `SELECT concat((SELECT json_agg(f) FROM calendar_feeds f), (SELECT json_agg(a) FROM audit_log a))`)
	if strings.Contains(stored, strings.TrimPrefix(secret, "glc_")) {
		t.Error("the secret can be read in the database")
	}

	list, err := b.ListFeeds(ctx, "acme")
	if err != nil || len(list) != 1 || list[0].Tenant != "acme" || list[0].RevokedAt != nil || !strings.HasSuffix(secret, strings.TrimPrefix(list[0].Hint, "glc_…")) {
		t.Fatalf("%+v, %v", list, err)
	}
	for range 2 {
		if err := b.RevokeFeed(ctx, list[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.ByFeed(ctx, secret); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a revoked feed gives %v", err)
	}
	if got := actions(t, b); got != "[calendar.revoked by operator calendar.created by operator tenant.created by operator]" {
		t.Error(got)
	}
}

func TestFeedsThatAreNone(t *testing.T) {
	t.Parallel()
	ctx, b := context.Background(), setup(t)
	revoked, err := b.CreateFeed(ctx, "acme")
	if err != nil {
		t.Fatal(err)
	}
	list, err := b.ListFeeds(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.RevokeFeed(ctx, list[0].ID); err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, secret := range []string{revoked, "glc_unknown", "", "glt_x", strings.Repeat("x", 10000)} {
		_, err := b.ByFeed(ctx, secret)
		if fault.CodeOf(err) != fault.NotFound {
			t.Fatalf("%.20q gives %v", secret, err)
		}
		told[err.Error()] = true
	}
	if len(told) != 1 {
		t.Errorf("it can be told which: %v", told)
	}
	for _, id := range []string{"x", uuid.NewString()} {
		if err := b.RevokeFeed(ctx, id); fault.CodeOf(err) != fault.NotFound {
			t.Error(err)
		}
	}
	if _, err := b.CreateFeed(ctx, "nobody"); fault.CodeOf(err) != fault.NotFound {
		t.Error(err)
	}
	if _, err := b.ListFeeds(ctx, "nobody"); fault.CodeOf(err) != fault.NotFound {
		t.Error(err)
	}
}
