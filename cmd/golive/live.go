package main

import (
	"cmp"
	"context"
	"net/url"
)

// liveObject is what a go-live left in live mode.
type liveObject struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

// live lists a product and what is for sale of it in live mode, with where the Stripe
// Dashboard shows it. It is what people look at next, and no part of the deployment.
func (a *api) live(ctx context.Context, deploymentID string) ([]liveObject, error) {
	type answer struct {
		Product *struct {
			Name          string
			LiveProductID string
			Prices        []struct {
				LiveID, LookupKey, Nickname string
				Active                      bool
			}
			Tenant struct {
				StripeConnections []struct{ Mode, AccountID string }
			}
		}
	}
	d, err := look[answer](ctx, a, deploymentID, `product { name liveProductId
		prices { liveId lookupKey nickname active } tenant { stripeConnections { mode accountId } } }`)
	if err != nil || d == nil || d.Product == nil || d.Product.LiveProductID == "" {
		return nil, err
	}
	dashboard := "https://dashboard.stripe.com/"
	for _, c := range d.Product.Tenant.StripeConnections {
		if c.Mode == "LIVE" {
			dashboard += url.PathEscape(c.AccountID) + "/"
		}
	}
	all := []liveObject{{d.Product.LiveProductID, d.Product.Name, dashboard + "products/" + url.PathEscape(d.Product.LiveProductID)}}
	for _, p := range d.Product.Prices {
		if p.Active && p.LiveID != "" {
			all = append(all, liveObject{p.LiveID, cmp.Or(p.Nickname, p.LookupKey, "price"), dashboard + "prices/" + url.PathEscape(p.LiveID)})
		}
	}
	return all, nil
}

// showLive tells what is live now. That it cannot be told is no failure of what went live.
func (a *api) showLive(ctx context.Context, t *terminal, d *deployment, asJSON bool) {
	live, err := a.live(ctx, d.ID)
	if err != nil {
		t.say("What's live now couldn't be listed: %v", err)
		return
	}
	d.Live = live
	if asJSON {
		return
	}
	for _, o := range live {
		t.say("  %s  %s  %s", plain(o.ID), plain(o.Name), o.URL)
	}
}
