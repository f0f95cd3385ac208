package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
)

type membersCmds struct {
	List   membersListCmd   `cmd:"" help:"List a tenant's members."`
	Invite membersInviteCmd `cmd:"" help:"Invite someone by email; the invitation expires after 14 days."`
	Role   membersRoleCmd   `cmd:"" help:"Change a member's role."`
	Remove membersRemoveCmd `cmd:"" help:"Remove a member, whose API tokens and calendars stop working."`
}

// member is a Member.
type member struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name"`
	Role  string `json:"role"`
	Since string `json:"since"`
}

const memberFields = `id email name role since`

type membersListCmd struct {
	api
	ofTenant
	JSON bool `name:"json" help:"Print the members as JSON."`
}

// Run prints a line per member, by address.
func (c *membersListCmd) Run(ctx context.Context, t *terminal) error {
	all, err := c.members(ctx, c.ofTenant)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.document(all)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, m := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", plain(m.Email), strings.ToLower(m.Role), plain(m.Name), m.Since)
	}
	return w.Flush()
}

func (a *api) members(ctx context.Context, named ofTenant) ([]member, error) {
	of, err := named.of(ctx, a)
	if err != nil {
		return nil, err
	}
	type answer struct{ Tenant struct{ Members []member } }
	data, err := ask[answer](ctx, a, `query($slug: String!) { tenant(slug: $slug) { members { `+memberFields+` } } }`, map[string]any{"slug": of.Slug})
	return data.Tenant.Members, err
}

// memberNamed is the member with that address.
func (a *api) memberNamed(ctx context.Context, named ofTenant, email string) (member, error) {
	all, err := a.members(ctx, named)
	if err != nil {
		return member{}, err
	}
	for _, m := range all {
		if strings.EqualFold(m.Email, strings.TrimSpace(email)) {
			return m, nil
		}
	}
	return member{}, fmt.Errorf("there's no member %s; see golive members list", plain(email))
}

type membersInviteCmd struct {
	api
	ofTenant
	Email string `arg:"" help:"The person's email address."`
	Role  string `required:"" enum:"viewer,deployer,admin" help:"viewer, deployer or admin."`
}

// Run is silent on standard output.
func (c *membersInviteCmd) Run(ctx context.Context, t *terminal) error {
	of, err := c.of(ctx, &c.api)
	if err != nil {
		return err
	}
	got, err := mutate[struct{ Invitation invitation }](ctx, &c.api, "inviteMember",
		map[string]any{"tenantId": of.ID, "email": c.Email, "role": strings.ToUpper(c.Role)}, "invitation { "+invitationFields+" }")
	if err == nil {
		t.say("Invited %s as %s until %s.", plain(got.Invitation.Email), c.Role, got.Invitation.ExpiresAt)
	}
	return err
}

type membersRoleCmd struct {
	api
	ofTenant
	Email string `arg:"" help:"The member's email address."`
	Role  string `arg:"" enum:"viewer,deployer,admin" help:"viewer, deployer or admin."`
	Yes   bool   `short:"y" help:"Skip the confirmation prompt."`
}

// ranks are the roles, from least to most.
var ranks = map[string]int{"VIEWER": 0, "DEPLOYER": 1, "ADMIN": 2}

// Run asks first where it takes something away.
func (c *membersRoleCmd) Run(ctx context.Context, t *terminal) error {
	m, err := c.memberNamed(ctx, c.ofTenant, c.Email)
	if err != nil {
		return err
	}
	role := strings.ToUpper(c.Role)
	if lowers := ranks[role] < ranks[m.Role]; lowers && !c.Yes {
		question := fmt.Sprintf("Lower %s from %s to %s?", plain(m.Email), strings.ToLower(m.Role), c.Role)
		if role == "VIEWER" {
			question += " Go-lives they scheduled will fail unless someone else reschedules them."
		}
		if err := t.mustConfirm(ctx, question); err != nil {
			return err
		}
	}
	got, err := mutate[memberChange](ctx, &c.api, "setMemberRole", map[string]any{"memberId": m.ID, "role": role}, affectedFields)
	if err != nil {
		return err
	}
	t.say("%s is %s now.", plain(m.Email), c.Role)
	return got.show(t)
}

type membersRemoveCmd struct {
	api
	ofTenant
	Email string `arg:"" help:"The member's email address."`
	Yes   bool   `short:"y" help:"Skip the confirmation prompt."`
}

// Run asks first.
func (c *membersRemoveCmd) Run(ctx context.Context, t *terminal) error {
	m, err := c.memberNamed(ctx, c.ofTenant, c.Email)
	if err != nil {
		return err
	}
	if !c.Yes {
		err := t.mustConfirm(ctx, fmt.Sprintf("Remove %s? Their API tokens and calendars stop working, and go-lives they scheduled will fail unless someone else reschedules them.", plain(m.Email)))
		if err != nil {
			return err
		}
	}
	got, err := mutate[memberChange](ctx, &c.api, "removeMember", map[string]any{"memberId": m.ID}, affectedFields)
	if err != nil {
		return err
	}
	t.say("Removed %s.", plain(m.Email))
	return got.show(t)
}

// memberChange is what a SetMemberRolePayload and a RemoveMemberPayload have in common.
type memberChange struct {
	SchedulesAffected []scheduled
}

const affectedFields = `schedulesAffected { ` + scheduledFields + ` }`

// show prints a line per go-live that nobody answers for now.
func (c memberChange) show(t *terminal) error {
	if len(c.SchedulesAffected) == 0 {
		return nil
	}
	t.say("These fail at their time unless someone reschedules them:")
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, d := range c.SchedulesAffected {
		zone := d.Tenant.home(d.TimeZone)
		local, offset := zone.At(*d.ScheduledFor)
		fmt.Fprintf(w, "%s%s\t%s\t%s\t%s\n", local, offset, zone, d.Product, d.ID)
	}
	return w.Flush()
}
