package main

import (
	"context"
	"fmt"
	"slices"
	"text/tabwriter"
)

type upcomingCmd struct {
	api
	JSON bool `name:"json" help:"Print the deployments as JSON."`
}

// Run lists the next hundred of each tenant that the token may see, by time.
func (c *upcomingCmd) Run(ctx context.Context, t *terminal) error {
	all, more, err := c.upcoming(ctx)
	if err != nil {
		return err
	}
	if more {
		t.say("Showing the next 100 for each tenant. Use the API to see more.")
	}
	if c.JSON {
		return t.document(all)
	}
	if len(all) == 0 {
		t.say("Nothing is scheduled.")
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, d := range all {
		zone := d.Tenant.home(d.TimeZone)
		local, offset := zone.At(*d.ScheduledFor)
		fmt.Fprintf(w, "%s%s\t%s\t%s\t%s\t%s\t%s\t%s\n", local, offset, zone,
			d.until(d.Tenant), d.Product, d.waitsFor(), plain(d.RequestedBy), d.ID)
	}
	return w.Flush()
}

func (a *api) upcoming(ctx context.Context) (all []scheduled, more bool, err error) {
	type answer struct {
		Viewer struct {
			Memberships []struct {
				Tenant struct {
					Upcoming struct {
						Nodes    []scheduled
						PageInfo struct{ HasNextPage bool }
					}
				}
			}
		}
	}
	data, err := ask[answer](ctx, a, `{ viewer { memberships { tenant { upcoming(first: 100) {
		nodes { `+scheduledFields+` } pageInfo { hasNextPage }
	} } } } }`, nil)
	for _, m := range data.Viewer.Memberships {
		all = append(all, m.Tenant.Upcoming.Nodes...)
		more = more || m.Tenant.Upcoming.PageInfo.HasNextPage
	}
	slices.SortStableFunc(all, func(a, b scheduled) int { return a.ScheduledFor.Compare(*b.ScheduledFor) })
	return all, more, err
}
