package outbox

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// MailSubscription is what a link in a mail lets its holder end: all mails of a tenant
// to an address, but for trouble that the address is responsible for.
type MailSubscription struct {
	Address string
	// Tenant is its name for people.
	Tenant string

	tenantID string
}

// unsubscribing is what tickets in mails are good for.
const unsubscribing = "unsubscribe"

func (s *Service) unsubscribeURL(tenantID, address string) (string, error) {
	ticket, err := s.Keys.Ticket(unsubscribing, tenantID+" "+address)
	return s.PublicURL + "/unsubscribe/" + ticket, err
}

// MailSubscription returns what a ticket is for, and changes nothing. It is NOT_FOUND
// where the ticket is none of ours. It asks for no actor: the ticket is the right.
func (s *Service) MailSubscription(ctx context.Context, ticket string) (MailSubscription, error) {
	unknown := fault.New(fault.NotFound, "This link is incomplete or has expired. Use the one in a newer email.")
	content, err := s.Keys.Redeem(unsubscribing, ticket)
	if err != nil {
		return MailSubscription{}, unknown
	}
	tenantID, address, _ := strings.Cut(content, " ")
	t, err := tenant.Load(ctx, s.DB, tenantID)
	if err != nil {
		return MailSubscription{}, err
	}
	return MailSubscription{Address: mailbox.Normal(address), Tenant: t.Name, tenantID: tenantID}, nil
}

// Unsubscribe ends what the ticket is for; repeating it changes nothing. What it
// ended a person can switch on again with SetPreferences.
func (s *Service) Unsubscribe(ctx context.Context, ticket string) (MailSubscription, error) {
	sub, err := s.MailSubscription(ctx, ticket)
	if err != nil {
		return MailSubscription{}, err
	}
	no := false
	c := choice{tenantID: sub.tenantID, person: sub.Address, by: sub.Address, kinds: s.allKinds(), wanted: &no}
	return sub, postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error { return c.make(ctx, tx) })
}
