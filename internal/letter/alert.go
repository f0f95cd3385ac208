package letter

import (
	"context"
	"fmt"
	"strings"

	"github.com/golive-hq/golive/internal/alert"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/ledger"
	"github.com/golive-hq/golive/internal/mail"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/outbox"
	"github.com/golive-hq/golive/internal/payout"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

// mostUnanswered bounds how many go-lives one mail lists.
const mostUnanswered = 100

// ComposeAlert makes the mail of an alert.
func (s *Writer) ComposeAlert(ctx context.Context, n outbox.Notice) (outbox.Composed, error) {
	t, err := tenant.Load(ctx, s.db, n.TenantID)
	if err != nil {
		return outbox.Composed{}, err
	}
	m := mail.Notice{Key: fmt.Sprintf("golive:alert:%s:%s:%d", n.TenantID, n.Kind, n.ID), Tenant: t.Name, URL: s.publicURL + "/"}
	switch n.Kind {
	case alert.MemberLost:
		return s.unanswered(ctx, n, t, m)
	case alert.PaymentsTrouble:
		return s.unheard(ctx, n, m)
	case alert.DisputeDue:
		return s.disputed(ctx, n, t, m)
	case alert.MoneyMismatch:
		return s.differs(ctx, n, m)
	}
	names, err := product.Names(ctx, s.db, []string{n.Subject})
	m.Kind, m.Product, m.Happened = mail.Taken, names[n.Subject], letter{d: &deployment.Deployment{}, tenant: t}.moment(&n.DueAt)
	if n.Kind == alert.LinksReturned {
		m.Kind = mail.Returned
	}
	return outbox.Composed{Live: []outbox.Notice{n}, Mail: m}, err
}

// unheard says what keeps Stripe's events away now, if anything still does.
func (s *Writer) unheard(ctx context.Context, n outbox.Notice, m mail.Notice) (outbox.Composed, error) {
	problems, err := inbox.Problems(ctx, s.db, n.TenantID)
	if err != nil {
		return outbox.Composed{}, err
	}
	if len(problems) == 0 {
		return outbox.Composed{Moot: []outbox.Notice{n}}, nil
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, modeNames[p.Mode]+": "+p.Says)
	}
	m.Kind, m.Detail = mail.Unheard, strings.Join(lines, "\n")
	return outbox.Composed{Live: []outbox.Notice{n}, Mail: m}, nil
}

// differs says in what Stripe and Golive differ now, if they still do.
func (s *Writer) differs(ctx context.Context, n outbox.Notice, m mail.Notice) (outbox.Composed, error) {
	found, err := payout.Mismatches(ctx, s.db, n.TenantID)
	if err != nil {
		return outbox.Composed{}, err
	}
	if len(found) == 0 {
		return outbox.Composed{Moot: []outbox.Notice{n}}, nil
	}
	var lines []string
	for _, f := range found {
		lines = append(lines, modeNames[f.Mode]+": "+f.Says)
	}
	m.Kind, m.Detail = mail.Differs, strings.Join(lines, "\n")
	return outbox.Composed{Live: []outbox.Notice{n}, Mail: m}, nil
}

// disputed tells of a dispute, unless it needs no answer any more.
func (s *Writer) disputed(ctx context.Context, n outbox.Notice, t tenant.Tenant, m mail.Notice) (outbox.Composed, error) {
	d, waits, err := order.ToTell(ctx, s.db, n.Subject, n.Now)
	if err != nil {
		return outbox.Composed{}, err
	}
	if !waits {
		return outbox.Composed{Moot: []outbox.Notice{n}}, nil
	}
	m.Kind, m.Due, m.Now = mail.Disputed, letter{d: &deployment.Deployment{}, tenant: t}.moment(d.DueBy), n.Now
	m.Detail = fmt.Sprintf("%s, order %s: %s, %s.", modeNames[d.Mode], d.Order.Number(), ledger.Words(d.Amount, d.Currency), strings.ReplaceAll(d.Reason, "_", " "))
	return outbox.Composed{Live: []outbox.Notice{n}, Mail: m}, nil
}

var modeNames = map[catalog.Mode]string{catalog.Test: "Test mode", catalog.Live: "Live mode"}

// unanswered lists the schedules that nobody answers for now, whoever it was that did:
// somebody may have taken them over meanwhile.
func (s *Writer) unanswered(ctx context.Context, n outbox.Notice, t tenant.Tenant, m mail.Notice) (outbox.Composed, error) {
	found, err := s.withoutRight(ctx, t.ID)
	if err != nil {
		return outbox.Composed{}, err
	}
	if len(found) == 0 {
		return outbox.Composed{Moot: []outbox.Notice{n}}, nil
	}
	var products []string
	for _, d := range found {
		products = append(products, d.ProductID)
	}
	names, err := product.Names(ctx, s.db, products)
	if err != nil {
		return outbox.Composed{}, err
	}
	for _, d := range found[:min(len(found), mostUnanswered)] {
		l := letter{d: d, tenant: t}
		m.Items = append(m.Items, mail.Item{
			Product: names[d.ProductID], Due: l.moment(d.DueAt), Detail: "Responsible: " + d.Responsible, URL: s.pageOf(d.ID),
		})
	}
	if len(found) > mostUnanswered {
		m.Detail = "There are more than are listed here: see what's upcoming."
	}
	m.Kind, m.By = mail.Unanswered, n.Actor
	m.Person, err = tenant.AddressOf(ctx, s.db, n.Subject)
	return outbox.Composed{Live: []outbox.Notice{n}, Mail: m}, err
}

// withoutRight returns the tenant's schedules whose person may not deploy any more.
func (s *Writer) withoutRight(ctx context.Context, tenantID string) ([]*deployment.Deployment, error) {
	all, err := deployment.Appointments(ctx, s.db, tenantID, mostInFeed, mostHeldInFeed, heldInFeed)
	if err != nil {
		return nil, fmt.Errorf("read schedules: %w", err)
	}
	may := map[string]bool{}
	var without []*deployment.Deployment
	for _, d := range all {
		if _, asked := may[d.Responsible]; !asked {
			role, err := tenant.RoleNow(ctx, s.db, tenantID, d.Responsible, "")
			if err != nil {
				return nil, err
			}
			may[d.Responsible] = role.Covers(tenant.RoleDeployer)
		}
		if !may[d.Responsible] {
			without = append(without, d)
		}
	}
	return without, nil
}
