package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/fault"
)

// deploymentArg is how commands take a deployment: people know products by name.
type deploymentArg struct {
	Deployment string `arg:"" help:"The deployment's ID, or the product: its name or part of it, or its ID."`
}

// The statuses of deployments that a command may be about.
var (
	waiting    = []string{"SCHEDULED"}
	unfinished = []string{"PENDING", "VALIDATING", "DEPLOYING", "SCHEDULED"}
)

// deploymentNamed is the id of the deployment that is meant: by its own, or the only one
// of a product in one of these statuses. Where there are several, it lists them and
// returns an error.
func (a *api) deploymentNamed(ctx context.Context, named string, statuses []string) (string, error) {
	p, id, err := a.deploymentOrProduct(ctx, named)
	if err != nil || id != "" {
		return id, err
	}
	all, err := a.deploymentsOf(ctx, p, statuses)
	switch {
	case err != nil:
		return "", err
	case len(all) == 0:
		return "", fmt.Errorf("%s has no deployment that is %s; see golive history %s", p, strings.Join(statuses, ", "), plain(p.StripeProductID))
	case len(all) > 1:
		return "", fmt.Errorf("%s has several, so nothing was done; use the ID of the one you mean:%s", p, deploymentList(all))
	}
	return all[0].ID, nil
}

// newestDeployment is the one that is meant, or the one of a product that runs, or else
// its newest.
func (a *api) newestDeployment(ctx context.Context, named string) (string, error) {
	p, id, err := a.deploymentOrProduct(ctx, named)
	if err != nil || id != "" {
		return id, err
	}
	type answer struct {
		Product struct{ ActiveDeployment, LastDeployment *struct{ ID string } }
	}
	data, err := ask[answer](ctx, a, `query($id: ID!) { product(id: $id) { activeDeployment { id } lastDeployment { id } } }`, map[string]any{"id": p.ID})
	switch {
	case err != nil:
		return "", err
	case data.Product.ActiveDeployment != nil:
		return data.Product.ActiveDeployment.ID, nil
	case data.Product.LastDeployment != nil:
		return data.Product.LastDeployment.ID, nil
	}
	return "", fmt.Errorf("%s has never been deployed", p)
}

// deploymentOrProduct is a deployment's id, or else the product that is named. An id of
// ours may be either's.
func (a *api) deploymentOrProduct(ctx context.Context, named string) (product, string, error) {
	if !ourID.MatchString(named) {
		p, err := a.product(ctx, named)
		return p, "", err
	}
	c, err := a.client()
	if err != nil {
		return product{}, "", err
	}
	d, err := client.Deployment[struct{ ID string }](ctx, c, named, "id")
	if err == nil && d != nil {
		return product{}, d.ID, nil
	}
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return product{}, "", printable(err)
	}
	p, err := a.productByID(ctx, named)
	if fault.CodeOf(err) == fault.NotFound {
		err = errors.New("neither a deployment nor a product has the ID " + named + ", or this token can't see it")
	}
	return p, "", err
}

// deploymentsOf are the newest hundred of a product in these statuses.
func (a *api) deploymentsOf(ctx context.Context, p product, statuses []string) ([]scheduled, error) {
	type answer struct {
		Product struct {
			Tenant struct{ Deployments struct{ Nodes []scheduled } }
		}
	}
	data, err := ask[answer](ctx, a, `query($id: ID!, $statuses: [DeploymentStatus!]) { product(id: $id) { tenant {
		deployments(first: 100, productId: $id, status: $statuses) { nodes { `+scheduledFields+` } }
	} } }`, map[string]any{"id": p.ID, "statuses": statuses})
	return data.Product.Tenant.Deployments.Nodes, err
}

func deploymentList(all []scheduled) string {
	var text strings.Builder
	for _, d := range all {
		fmt.Fprintf(&text, "\n  %s  %s, %s", d.ID, d.how(d.Tenant), d.state(d.Tenant))
	}
	return text.String()
}
