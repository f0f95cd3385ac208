package recipient

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// State is what an address is to a tenant that wants to send mails to it.
type State string

// The states. Mails go to members and to those who have confirmed; who is waiting gets the
// one that asks.
const (
	Member    State = "MEMBER"
	Confirmed State = "CONFIRMED"
	Waiting   State = "WAITING"
	Refused   State = "REFUSED"
)

// Recipient is somebody who is named to get mails, as named.
type Recipient struct {
	Email string
	State State
}

// Service holds the use cases.
type Service struct {
	DB *pgxpool.Pool
	// PublicURL is where people reach the page, without a slash at the end.
	PublicURL string
	// Agreed is told, in the transaction, of an address that may be told from now on.
	Agreed func(ctx context.Context, tx pgx.Tx, tenantID, address string) error
}

// Group are addresses that a tenant has named together.
type Group struct {
	TenantID  string
	Addresses []string
}

// States returns what those of each group are now, in their order; groups of tenants that
// the actor is no member of have none. It is one query.
func (s *Service) States(ctx context.Context, groups []Group) ([][]Recipient, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	mine := actor.TenantIDs()
	for i, g := range groups {
		if !slices.Contains(mine, g.TenantID) {
			groups[i].Addresses = nil
		}
	}
	return statesOf(ctx, s.DB, groups)
}

// stateSQL is what an address q is now. Who has refused stays so whatever the domain. Who was
// a member is so no longer by anything but their own word since: they left, or were removed.
var stateSQL = `SELECT CASE WHEN ` + tenant.MemberSQL("q.tenant_id", "q.address", "q.readable") + ` THEN 'MEMBER'
		WHEN r.state = 'REFUSED' THEN r.state
		WHEN r.state = 'CONFIRMED' AND NOT ` + tenant.LeftSQL("q.tenant_id", "q.address", "q.readable", "r.answered_at") + ` THEN r.state
		WHEN NOT ` + tenant.LeftSQL("q.tenant_id", "q.address", "q.readable", "'-infinity'") + `
			AND EXISTS (SELECT FROM mail_domains d WHERE d.tenant_id = q.tenant_id AND d.domain = q.domain) THEN 'CONFIRMED'
		ELSE 'WAITING' END
	FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS q (tenant_id, address, readable, domain, n)
	LEFT JOIN recipients r ON r.tenant_id = q.tenant_id AND r.address = q.address ORDER BY q.n`

func statesOf(ctx context.Context, db postgres.Querier, groups []Group) ([][]Recipient, error) {
	var tenants, addresses, readable, domains []string
	for _, g := range groups {
		for _, a := range g.Addresses {
			normal := mailbox.Normal(a)
			tenants, addresses = append(tenants, g.TenantID), append(addresses, normal)
			readable, domains = append(readable, mailbox.Readable(normal)), append(domains, domainOf(normal))
		}
	}
	if len(addresses) == 0 {
		return make([][]Recipient, len(groups)), nil
	}
	states, err := postgres.All(ctx, db, pgx.RowTo[State], stateSQL, tenants, addresses, readable, domains)
	if err != nil {
		return nil, fmt.Errorf("look what recipients are: %w", err)
	}
	out := make([][]Recipient, len(groups))
	for i, g := range groups {
		for _, a := range g.Addresses {
			out[i] = append(out[i], Recipient{Email: a, State: states[0]})
			states = states[1:]
		}
	}
	return out, nil
}

func domainOf(address string) string { return address[strings.LastIndex(address, "@")+1:] }

// Judge tells what the recipient of a notice that is due is to its tenant. One who was never
// asked, or has not answered for long, is asked; not one who was removed, unless somebody
// names them anew.
func (s *Service) Judge(ctx context.Context, n outbox.Notice) (outbox.Standing, error) {
	if n.Kind == Asked {
		return outbox.Standing{Told: true}, nil
	}
	found, err := statesOf(ctx, s.DB, []Group{{n.TenantID, []string{n.Recipient}}})
	if err != nil {
		return outbox.Standing{}, err
	}
	is := found[0][0].State
	if is == Waiting {
		err = s.askAgain(ctx, n)
	}
	return outbox.Standing{Told: is == Member || is == Confirmed, Member: is == Member}, err
}

func (s *Service) askAgain(ctx context.Context, n outbox.Notice) error {
	removed, err := tenant.WasMember(ctx, s.DB, n.TenantID, n.Recipient)
	if err != nil || removed {
		return err
	}
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		_, err := Ask(ctx, tx, Group{n.TenantID, []string{n.Recipient}}, n.Actor)
		return err
	})
}
