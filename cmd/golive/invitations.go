package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
)

type invitationsCmds struct {
	List     invitationsListCmd     `cmd:"" help:"List the open invitations; needs the admin role."`
	Withdraw invitationsWithdrawCmd `cmd:"" help:"Withdraw an invitation that nobody has accepted."`
}

// invitation is an Invitation.
type invitation struct {
	ID        string `json:"id"`
	Email     string `json:"email"`
	Role      string `json:"role"`
	InvitedBy string `json:"invitedBy"`
	ExpiresAt string `json:"expiresAt"`
}

const invitationFields = `id email role invitedBy expiresAt`

type invitationsListCmd struct {
	api
	ofTenant
	JSON bool `name:"json" help:"Print the invitations as JSON."`
}

// Run prints a line per invitation, the newest last.
func (c *invitationsListCmd) Run(ctx context.Context, t *terminal) error {
	all, err := c.invitations(ctx, c.ofTenant)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.document(all)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, i := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", plain(i.Email), strings.ToLower(i.Role), plain(i.InvitedBy), i.ExpiresAt)
	}
	return w.Flush()
}

func (a *api) invitations(ctx context.Context, named ofTenant) ([]invitation, error) {
	of, err := named.of(ctx, a)
	if err != nil {
		return nil, err
	}
	type answer struct {
		Tenant struct{ Invitations []invitation }
	}
	data, err := ask[answer](ctx, a, `query($slug: String!) { tenant(slug: $slug) { invitations { `+invitationFields+` } } }`, map[string]any{"slug": of.Slug})
	return data.Tenant.Invitations, err
}

type invitationsWithdrawCmd struct {
	api
	ofTenant
	Email string `arg:"" help:"The address that was invited."`
	Yes   bool   `short:"y" help:"Skip the confirmation prompt."`
}

// Run asks first.
func (c *invitationsWithdrawCmd) Run(ctx context.Context, t *terminal) error {
	i, err := c.invitationFor(ctx)
	if err != nil {
		return err
	}
	if !c.Yes {
		if err := t.mustConfirm(ctx, fmt.Sprintf("Withdraw the invitation of %s as %s?", plain(i.Email), strings.ToLower(i.Role))); err != nil {
			return err
		}
	}
	if _, err := mutate[struct{}](ctx, &c.api, "withdrawInvitation", map[string]any{"invitationId": i.ID}, ""); err != nil {
		return err
	}
	t.say("Withdrew the invitation of %s.", plain(i.Email))
	return nil
}

func (c *invitationsWithdrawCmd) invitationFor(ctx context.Context) (invitation, error) {
	all, err := c.invitations(ctx, c.ofTenant)
	if err != nil {
		return invitation{}, err
	}
	for _, i := range all {
		if strings.EqualFold(i.Email, strings.TrimSpace(c.Email)) {
			return i, nil
		}
	}
	return invitation{}, fmt.Errorf("there's no open invitation of %s; see golive invitations list", plain(c.Email))
}
