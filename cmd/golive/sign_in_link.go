package main

import (
	"context"
	"net/url"
	"os"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/tenant"
)

type signInLinkCmd struct {
	Email string `arg:"" help:"Email address of the person to sign in."`
}

// Run prints the link.
func (c *signInLinkCmd) Run(ctx context.Context, t *terminal) error {
	page, err := app.LoadSignInURL(os.LookupEnv)
	if err != nil {
		return err
	}
	return withTenants(ctx, func(tenants *tenant.Service) error {
		people := identity.New(identity.Deps{DB: tenants.DB})
		secret, err := people.CreateLink(ctx, c.Email)
		if err != nil {
			return err
		}
		t.say("It signs in once, within ten minutes. Don't open it yourself.")
		return t.answer(page + "/login/link/" + url.PathEscape(secret))
	})
}
