// Package alert tells those who run a tenant what happened to it beside deployments of
// theirs: somebody whose schedules nobody answers for any more, live products that another
// tenant has taken over. It writes notices in the transaction of what they tell; what they
// say package letter knows.
package alert

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

// The kinds of notices. The subject of MemberLost is a member, of the others a product.
const (
	MemberLost    outbox.Kind = "MEMBER_LOST"
	LinksTaken    outbox.Kind = "LINKS_TAKEN"
	LinksReturned outbox.Kind = "LINKS_RETURNED"
	// PaymentsTrouble has the tenant as its subject.
	PaymentsTrouble outbox.Kind = "PAYMENTS_TROUBLE"
	// MoneyMismatch has the tenant as its subject, DisputeDue a dispute.
	MoneyMismatch outbox.Kind = "MONEY_MISMATCH"
	DisputeDue    outbox.Kind = "DISPUTE_DUE"
)

// TellLost tells a tenant's admins of a member who may deploy no longer, and by that of
// whose schedules they have to think.
func TellLost(ctx context.Context, tx pgx.Tx, m tenant.Member) error {
	ctx = postgres.Including(ctx, m.TenantID)
	admins, err := tenant.Admins(ctx, tx, m.TenantID)
	if err != nil {
		return err
	}
	by := tenant.Operator
	if actor, err := tenant.ActorFrom(ctx); err == nil {
		by = actor.Email
	}
	return insert(ctx, tx, outbox.Entry{TenantID: m.TenantID, Subject: m.ID, Kind: traits(MemberLost), Actor: by}, admins)
}

// TellHands tells tenants of links that they have lost to another one, or have again. That
// of a product stands for those of its prices.
func TellHands(ctx context.Context, tx pgx.Tx, kind outbox.Kind, hands []product.ChangedHands) error {
	for _, h := range hands {
		if h.Resource != catalog.ResourceProduct || h.ProductID == nil {
			continue
		}
		if err := tellHands(ctx, tx, kind, h); err != nil {
			return err
		}
	}
	return nil
}

// TellPayments tells a tenant's admins that what Stripe says of payments does not come in.
func TellPayments(ctx context.Context, tx pgx.Tx, tenantID string) error {
	return tellAdmins(ctx, tx, tenantID, tenantID, PaymentsTrouble)
}

// TellMismatch tells a tenant's admins that Stripe and Golive differ about money.
func TellMismatch(ctx context.Context, tx pgx.Tx, tenantID string) error {
	return tellAdmins(ctx, tx, tenantID, tenantID, MoneyMismatch)
}

// TellDispute tells them of a dispute that waits for an answer.
func TellDispute(ctx context.Context, tx pgx.Tx, tenantID, disputeID string) error {
	return tellAdmins(ctx, tx, tenantID, disputeID, DisputeDue)
}

func tellAdmins(ctx context.Context, tx pgx.Tx, tenantID, subject string, kind outbox.Kind) error {
	admins, err := tenant.Admins(ctx, tx, tenantID)
	if err != nil {
		return err
	}
	return insert(ctx, tx, outbox.Entry{TenantID: tenantID, Subject: subject, Kind: traits(kind)}, admins)
}

var remarks = map[outbox.Kind]string{
	LinksTaken:    "Another tenant of the Stripe account took over the live product, so this will fail unless it adopts",
	LinksReturned: "The live product was given back by another tenant of the Stripe account",
}

func tellHands(ctx context.Context, tx pgx.Tx, kind outbox.Kind, h product.ChangedHands) error {
	ctx = postgres.For(ctx, h.TenantID)
	to, err := tenant.Admins(ctx, tx, h.TenantID)
	if err != nil {
		return err
	}
	answer, err := deployment.ResponsibleFor(ctx, tx, *h.ProductID, h.DeploymentID)
	if err != nil {
		return err
	}
	for _, email := range answer {
		responsible, err := tenant.Responsible(ctx, tx, h.TenantID, email)
		if err != nil {
			return err
		}
		to = append(to, responsible...)
	}
	slices.Sort(to)
	if err := deployment.Remark(ctx, tx, *h.ProductID, remarks[kind]); err != nil {
		return err
	}
	return insert(ctx, tx, outbox.Entry{TenantID: h.TenantID, Subject: *h.ProductID, Kind: traits(kind)}, slices.Compact(to))
}

func traits(kind outbox.Kind) outbox.Traits {
	return outbox.Traits{Kind: kind, Importance: 1, Unasked: true, Alone: true}
}

func insert(ctx context.Context, tx pgx.Tx, e outbox.Entry, to []string) error {
	e.Version = 1
	for _, address := range to {
		e.To = append(e.To, outbox.Addressee{Address: address, Required: true})
	}
	return outbox.InsertRequired(ctx, tx, e)
}
