package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/tenant"
)

type calendarCmds struct {
	Create calendarCreateCmd `cmd:"" help:"Create a secret calendar URL and print it; it's shown only once."`
	List   calendarListCmd   `cmd:"" help:"List calendars."`
	Revoke calendarRevokeCmd `cmd:"" help:"Revoke a calendar URL immediately and permanently."`
}

type calendarCreateCmd struct {
	Tenant string `required:"" help:"The tenant's slug."`
}

// Run prints the address.
func (c *calendarCreateCmd) Run(ctx context.Context, t *terminal) error {
	address, err := app.LoadPublicURL(os.LookupEnv)
	if err != nil {
		return err
	}
	return withTenants(ctx, func(tenants *tenant.Service) error {
		secret, err := tenants.CreateFeed(ctx, c.Tenant)
		if err != nil {
			return err
		}
		t.say("Anyone with this URL can see what %s has scheduled. Subscribe to it in your calendar app.", c.Tenant)
		return t.answer(tenant.FeedURL(address, secret))
	})
}

type calendarListCmd struct {
	Tenant string `help:"The tenant's slug (default: all tenants)."`
}

// Run prints a line per calendar, the newest last.
func (c *calendarListCmd) Run(ctx context.Context, t *terminal) error {
	return withTenants(ctx, func(tenants *tenant.Service) error {
		feeds, err := tenants.ListFeeds(ctx, c.Tenant)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		for _, feed := range feeds {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", feed.ID, feed.Tenant, plain(feed.CreatedBy), feed.Hint, feed.CreatedAt.UTC().Format(time.RFC3339), state(feed.RevokedAt))
		}
		return w.Flush()
	})
}

type calendarRevokeCmd struct {
	ID string `arg:"" help:"The calendar's ID from calendar list."`
}

// Run is silent on standard output.
func (c *calendarRevokeCmd) Run(ctx context.Context, t *terminal) error {
	return withTenants(ctx, func(tenants *tenant.Service) error {
		if err := tenants.RevokeFeed(ctx, c.ID); err != nil {
			return err
		}
		t.say("Calendar %s revoked.", c.ID)
		return nil
	})
}
