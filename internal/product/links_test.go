package product_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

func (b *bundle) links(t *testing.T, account string) []product.Link {
	t.Helper()
	links, err := product.Links(b.ctx(), b.DB, account, "prod_1")
	if err != nil {
		t.Fatal(err)
	}
	return links
}

func TestLinks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deployment := uuid.NewString()
	link := product.Link{
		LiveAccountID: "acct_1", TestID: "price_1", Resource: catalog.ResourcePrice, LiveID: "price_live",
		TestProductID: "prod_1", TenantID: b.acme.ID, DeploymentID: &deployment, Adopted: true,
	}
	save := func(l product.Link) {
		t.Helper()
		b.inTx(t, func(tx pgx.Tx) error { return saveLink(b.ctx(), tx, l) })
	}
	save(link)
	save(product.Link{
		LiveAccountID: "acct_1", TestID: "price_9", Resource: catalog.ResourcePrice, LiveID: "price_live_9",
		TestProductID: "prod_9", TenantID: b.acme.ID,
	})
	if got := b.links(t, "acct_1"); len(got) != 1 || got[0].LiveID != "price_live" || got[0].Base != nil || !got[0].Adopted ||
		*got[0].DeploymentID != deployment || got[0].Resource != catalog.ResourcePrice {
		t.Fatalf("%+v", got)
	}
	if got := b.links(t, "acct_2"); len(got) != 0 {
		t.Errorf("links of another account: %+v", got)
	}

	base := json.RawMessage(`{"id": "price_live"}`)
	b.inTx(t, func(tx pgx.Tx) error {
		return product.SaveBase(b.ctx(), tx, "acct_1", catalog.ResourcePrice, "price_1", base)
	})
	link.DeploymentID, link.Adopted = nil, false
	save(link)
	if got := b.links(t, "acct_1"); string(got[0].Base) != string(base) || !got[0].Adopted || *got[0].DeploymentID != deployment {
		t.Errorf("the same link again changed it: %+v", got[0])
	}
	link.LiveID = "price_live_2"
	save(link)
	if got := b.links(t, "acct_1"); len(got) != 1 || got[0].LiveID != "price_live_2" || got[0].Base != nil || got[0].Adopted {
		t.Errorf("the replacing link: %+v", got)
	}

	// One live object is the twin of one test object.
	link.TestID = "price_2"
	err := postgres.InTx(b.ctx(), b.DB, func(tx pgx.Tx) error { return saveLink(b.ctx(), tx, link) })
	if !postgres.IsUnique(err, "links_live_id_key") {
		t.Error(err)
	}
}

// A product and prices of it and of others share ids, in test and in live. Each keeps
// its own link, whichever comes first, through every change that links go through.
func TestLinksOfNamesakes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deployment := uuid.NewString()
	link := func(resource catalog.Resource, testID, liveID string) product.Link {
		return product.Link{
			LiveAccountID: "acct_1", TestID: testID, Resource: resource, LiveID: liveID,
			TestProductID: "prod_1", TenantID: b.acme.ID, DeploymentID: &deployment,
		}
	}
	for _, l := range []product.Link{
		link(catalog.ResourceProduct, "prod_1", "prod_1"), link(catalog.ResourcePrice, "prod_1", "price_live_1"),
		link(catalog.ResourcePrice, "same", "price_live_2"), link(catalog.ResourceProduct, "same", "same"),
		link(catalog.ResourcePrice, "price_3", "prod_1"),
	} {
		b.inTx(t, func(tx pgx.Tx) error { return saveLink(b.ctx(), tx, l) })
		b.inTx(t, func(tx pgx.Tx) error {
			return product.SaveBase(b.ctx(), tx, "acct_1", l.Resource, l.TestID, json.RawMessage(`{"of": "`+string(l.Resource)+` `+l.TestID+`"}`))
		})
	}
	want := map[string]string{
		"product prod_1": "prod_1", "price prod_1": "price_live_1", "price same": "price_live_2", "product same": "same", "price price_3": "prod_1",
	}
	b.wantLinks(t, want)

	moved := link(catalog.ResourcePrice, "prod_1", "price_live_9")
	b.inTx(t, func(tx pgx.Tx) error { return saveLink(b.ctx(), tx, moved) })
	want["price prod_1"] = "price_live_9"
	b.wantLinks(t, want)

	// Another tenant of the account takes two of them over, and gives them back.
	taking, globex := uuid.NewString(), b.makeTenant(t, "globex")
	for _, l := range []product.Link{link(catalog.ResourcePrice, "prod_1", "price_live_9"), link(catalog.ResourceProduct, "prod_1", "prod_1")} {
		l.TenantID, l.DeploymentID = globex.ID, &taking
		b.inTx(t, func(tx pgx.Tx) error { return saveLink(b.ctx(), tx, l) })
	}
	b.wantLinks(t, want)
	b.inTx(t, func(tx pgx.Tx) error { return returnLinks(b.ctx(), tx, taking) })
	b.wantLinks(t, want)
	for _, l := range b.links(t, "acct_1") {
		if l.TenantID != b.acme.ID {
			t.Errorf("%s %s was not given back", l.Resource, l.TestID)
		}
	}
}

// During an upgrade, workers of the version before save links by test id alone: what is
// of another kind is neither changed nor lost.
func TestLinksOfNamesakesFromAnEarlierVersion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, l := range [][3]string{{"prod_1", "product", "prod_1"}, {"prod_1", "price", "price_a"}, {"prod_1", "price", "price_b"}, {"prod_1", "product", "prod_1"}} {
		b.inTx(t, func(tx pgx.Tx) error {
			_, err := tx.Exec(b.ctx(), `INSERT INTO links (live_account_id, test_id, resource, live_id, test_product_id, tenant_id, adopted)
				VALUES ('acct_1', $1, $2, $3, 'prod_1', $4, false)
				ON CONFLICT (live_account_id, test_id) DO UPDATE SET live_id = EXCLUDED.live_id, base = NULL, created_at = now()
				WHERE links.live_id <> EXCLUDED.live_id`, l[0], l[1], l[2], b.acme.ID)
			return err
		})
	}
	b.wantLinks(t, map[string]string{"product prod_1": "prod_1", "price prod_1": "price_b"})
}

// wantLinks holds the links of prod_1, by kind and id, to these live ids.
func (b *bundle) wantLinks(t *testing.T, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, l := range b.links(t, "acct_1") {
		name := string(l.Resource) + " " + l.TestID
		if got[name] != "" || l.Base != nil && string(l.Base) != `{"of": "`+name+`"}` {
			t.Errorf("link of %s twice, or with the base %s", name, l.Base)
		}
		got[name] = l.LiveID
	}
	if !maps.Equal(got, want) {
		t.Errorf("links %v, want %v", got, want)
	}
}

func TestUpdatesThatMeetNothingFail(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.inTx(t, func(tx pgx.Tx) error {
		for name, err := range map[string]error{
			"SaveBase":     product.SaveBase(b.ctx(), tx, "acct_1", catalog.ResourcePrice, "price_1", json.RawMessage(`{}`)),
			"MarkDeployed": product.MarkDeployed(b.ctx(), tx, uuid.NewString(), "acct_1", "prod_1", "d"),
			"MarkDrifted":  product.MarkDrifted(b.ctx(), tx, uuid.NewString(), true),
			"Refresh":      product.Refresh(b.ctx(), tx, uuid.NewString(), catalog.Snapshot{}),
		} {
			if err == nil {
				t.Errorf("%s wrote nothing in silence", name)
			}
		}
		wantCode(t, product.LockForDeployment(b.ctx(), tx, uuid.NewString()), fault.NotFound)
		return nil
	})
}

func TestLockForDeploymentExcludesAnother(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.sells("prod_1", "Pro", "1")
	b.imports(t)
	id := b.get(t, "prod_1").ID
	locked := make(chan error, 1)
	b.inTx(t, func(tx pgx.Tx) error {
		if err := product.LockForDeployment(b.ctx(), tx, id); err != nil {
			return err
		}
		go func() {
			locked <- postgres.InTx(b.ctx(), b.DB, func(tx pgx.Tx) error { return product.LockForDeployment(b.ctx(), tx, id) })
		}()
		for !scalar[bool](t, b, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`) {
			select {
			case err := <-locked:
				t.Fatalf("locked twice: %v", err)
			default:
			}
		}
		return nil
	})
	if err := <-locked; err != nil {
		t.Error(err)
	}
}

// Whose links another tenant takes over, or gives back, finds it in the audit log, and
// not who that was.
func TestLinksThatChangeHandsAreToldToWhomTheyWere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other, err := b.tenants.CreateTenant(b.ctx(), "other", "Other", "UTC")
	if err != nil {
		t.Fatal(err)
	}
	deployment := uuid.NewString()
	link := product.Link{
		LiveAccountID: "acct_1", TestID: "prod_1", Resource: catalog.ResourceProduct, LiveID: "prod_live", TestProductID: "prod_1", TenantID: b.acme.ID,
	}
	b.inTx(t, func(tx pgx.Tx) error { return saveLink(b.ctx(), tx, link) })
	link.TenantID, link.DeploymentID, link.Adopted = other.ID, &deployment, true
	b.inTx(t, func(tx pgx.Tx) error { return saveLink(b.ctx(), tx, link) })
	b.inTx(t, func(tx pgx.Tx) error { return returnLinks(b.ctx(), tx, deployment) })
	for i, want := range []string{"links.returned", "links.taken"} {
		page, err := audit.List(b.ctx(), b.DB, audit.Filter{TenantID: b.acme.ID}, 2, "")
		if err != nil || len(page.Entries) != 2 {
			t.Fatal(page, err)
		}
		e := page.Entries[i]
		details := fmt.Sprint(e.Details)
		if e.Action != want || e.Subject != "prod_1" || e.ActorKind != audit.System || !strings.Contains(details, "liveId:prod_live") || strings.Contains(details, other.ID) {
			t.Errorf("%+v", e)
		}
	}
}

func saveLink(ctx context.Context, tx pgx.Tx, l product.Link) error {
	_, err := product.SaveLink(ctx, tx, l)
	return err
}

func returnLinks(ctx context.Context, tx pgx.Tx, deploymentID string) error {
	_, err := product.ReturnLinks(ctx, tx, deploymentID)
	return err
}
