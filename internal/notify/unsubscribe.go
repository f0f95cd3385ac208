package notify

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Subscription is what a link in a mail lets its holder end: all mails of a tenant
// to an address, but for trouble that the address is responsible for.
type Subscription struct {
	Address string
	// Tenant is its name for people.
	Tenant string

	tenantID string
}

// unsubscribing is what tickets in mails are good for.
const unsubscribing = "unsubscribe"

// UnsubscribeURL is a link that ends all mails of a tenant to an address.
func (s *Choices) UnsubscribeURL(tenantID, address string) (string, error) {
	ticket, err := s.Keys.Ticket(unsubscribing, tenantID+" "+address)
	return s.PublicURL + "/unsubscribe/" + ticket, err
}

// Subscription returns what a ticket is for, and changes nothing. It is NOT_FOUND
// where the ticket is none of ours. It asks for no actor: the ticket is the right.
func (s *Choices) Subscription(ctx context.Context, ticket string) (Subscription, error) {
	unknown := fault.New(fault.NotFound, "This link is incomplete or has expired. Use the one in a newer email.")
	content, err := s.Keys.Redeem(unsubscribing, ticket)
	if err != nil {
		return Subscription{}, unknown
	}
	tenantID, address, _ := strings.Cut(content, " ")
	t, err := tenant.Load(postgres.For(ctx, tenantID), s.DB, tenantID)
	if err != nil {
		return Subscription{}, err
	}
	return Subscription{Address: mailbox.Normal(address), Tenant: t.Name, tenantID: tenantID}, nil
}

// Unsubscribe ends what the ticket is for; repeating it changes nothing. What it
// ended a person can switch on again with SetPreferences.
func (s *Choices) Unsubscribe(ctx context.Context, ticket string) (Subscription, error) {
	sub, err := s.Subscription(ctx, ticket)
	if err != nil {
		return Subscription{}, err
	}
	no := false
	c := choice{tenantID: sub.tenantID, person: sub.Address, by: sub.Address, kinds: s.allKinds(), wanted: &no}
	ctx = postgres.For(ctx, sub.tenantID)
	return sub, postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error { return c.make(ctx, tx) })
}
