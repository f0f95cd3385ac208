package graph

import (
	"context"
	"regexp"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/recipient"
	"github.com/golive-hq/golive/internal/tenant"
)

// address is one in a sentence of ours, such as "ada@example.com cancelled this".
var address = regexp.MustCompile(`[^\s"'<>(),;:]+@[^\s"'<>(),;:]+[^\s"'<>(),;:.]`)

// veiled is a text as whoever asks may read it: for a viewer of the tenant, others'
// addresses are shortened, as the audit log has them.
func veiled(ctx context.Context, tenantID, text string) string {
	if tenant.Require(ctx, tenantID, tenant.RoleDeployer) == nil {
		return text
	}
	// Whoever isn't known isn't anybody there.
	reader, _ := tenant.ActorFrom(ctx)
	return address.ReplaceAllStringFunc(text, func(name string) string { return audit.Masked(name, reader.Email) })
}

// veiledOptional is veiled, and nil for nil.
func veiledOptional(ctx context.Context, tenantID string, text *string) *string {
	if text == nil {
		return nil
	}
	read := veiled(ctx, tenantID, *text)
	return &read
}

// veiledEach is veiled for each of some.
func veiledEach(ctx context.Context, tenantID string, texts []string) []string {
	read := make([]string, len(texts))
	for i, text := range texts {
		read[i] = veiled(ctx, tenantID, text)
	}
	return read
}

// veiledMessage is what an event says, whose tenant its deployment knows.
func veiledMessage(ctx context.Context, e *deployment.Event) (string, error) {
	if !address.MatchString(e.Message) {
		return e.Message, nil
	}
	d, err := from(ctx).deployments.load(ctx, e.DeploymentID)
	if err != nil || d == nil {
		return "", err
	}
	return veiled(ctx, d.TenantID, e.Message), nil
}

// veiledRecipients are recipients, by names that whoever asks may read.
func veiledRecipients(ctx context.Context, tenantID string, all []recipient.Recipient) []*recipient.Recipient {
	read := make([]*recipient.Recipient, len(all))
	for i, one := range all {
		one.Email = veiled(ctx, tenantID, one.Email)
		read[i] = &one
	}
	return read
}

// veiledCustomer is a customer's address as whoever asks may read it: a shop's server knows
// its own customers.
func veiledCustomer(ctx context.Context, tenantID string, email *string) *string {
	if tenant.RequireForOrders(ctx, tenantID, tenant.RoleDeployer) == nil {
		return email
	}
	return veiledOptional(ctx, tenantID, email)
}

// ofCustomer are texts that a shop's server, or someone, wrote of a customer: null for viewers,
// because any of them may be a name, a telephone number or an address.
func ofCustomer(ctx context.Context, tenantID string, texts map[string]string) any {
	if len(texts) == 0 || tenant.RequireForOrders(ctx, tenantID, tenant.RoleDeployer) != nil {
		return nil
	}
	return texts
}

// veiledPayments are payments with why they failed as whoever asks may read it: Stripe's words
// may repeat what the customer is called.
func veiledPayments(ctx context.Context, tenantID string, all []*ledger.Payment) []*ledger.Payment {
	read := make([]*ledger.Payment, len(all))
	for i, one := range all {
		veiled := *one
		veiled.FailureMessage = veiledCustomer(ctx, tenantID, one.FailureMessage)
		read[i] = &veiled
	}
	return read
}

// veiledRefunds are refunds with who asked for them, and why they failed, by names that whoever
// asks may read.
func veiledRefunds(ctx context.Context, tenantID string, all []*ledger.Refund) []*ledger.Refund {
	read := make([]*ledger.Refund, len(all))
	for i, one := range all {
		veiled := *one
		veiled.RequestedBy = veiledOptional(ctx, tenantID, one.RequestedBy)
		veiled.FailureReason = veiledCustomer(ctx, tenantID, one.FailureReason)
		read[i] = &veiled
	}
	return read
}

// ofOrder is a text of an order's history as whoever asks may read it.
func ofOrder(ctx context.Context, orderID, text string) (string, error) {
	if !address.MatchString(text) {
		return text, nil
	}
	o, err := from(ctx).orders.load(ctx, orderID)
	if err != nil || o == nil {
		return "", err
	}
	return veiled(ctx, o.TenantID, text), nil
}

// mayFilterBy refuses to find others by an address that whoever asks may not read: what is
// found would tell it.
func mayFilterBy(ctx context.Context, tenantID string, name *string) error {
	if name == nil || veiled(ctx, tenantID, *name) == *name {
		return nil
	}
	return fault.New(fault.Forbidden, "Your role doesn't show other people's addresses, so you can't filter by them.")
}

// mayFind is the same for customers, whose id at the host may be an address.
func mayFind(ctx context.Context, tenantID string, names ...*string) error {
	for _, name := range names {
		if name != nil && *veiledCustomer(ctx, tenantID, name) != *name {
			return fault.New(fault.Forbidden, "Your role doesn't show customers' addresses, so you can't look for them.")
		}
	}
	return nil
}
