package importing_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// Nothing shows before all is read; then all does, and the audit log says who it was.
func TestImportByAWorker(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.sells(t, 250, "")
	st.WorkImports(t)
	wait, release := st.holdPage(t, 3)
	ctx, stop := context.WithTimeout(st.As, domaintest.Patience)
	defer stop()
	changed, err := st.Progress.Imports(ctx, st.Tenant.ID)
	must(t, err)
	if first := domaintest.Receive(t, changed, "the import before"); first.FinishedAt == nil {
		t.Errorf("%+v", first)
	}
	started, err := st.Imports.Start(st.As, st.Tenant.ID, nil)
	must(t, err)
	wait()
	for i := range changed {
		if i.ID == started.ID && i.Read == 200 {
			break
		}
	}
	if n := st.one(t, `SELECT count(*)::text FROM products WHERE stripe_product_id LIKE 'prod_0%'`); n != "0" {
		t.Errorf("%s products show already", n)
	}
	again, err := st.Imports.Start(st.As, st.Tenant.ID, nil)
	if err != nil || again.ID != started.ID {
		t.Errorf("a second start: %+v, %v", again, err)
	}
	_, err = st.Imports.Start(st.As, st.Tenant.ID, []string{"prod_00001"})
	wantCode(t, err, fault.InvalidState)
	release()
	for i := range changed {
		if i.FinishedAt != nil {
			if i.ID != started.ID || i.Read != 250 || i.Added != 250 || i.Changed != 250 || i.Gone == 0 || i.Error != nil || i.By != domaintest.Admin {
				t.Errorf("%+v", i)
			}
			break
		}
	}
	if n := st.one(t, `SELECT count(*)::text FROM products WHERE stripe_product_id LIKE 'prod_0%' AND gone_at IS NULL`); n != "250" {
		t.Errorf("%s products", n)
	}
	if n := st.one(t, `SELECT count(*)::text FROM arrivals`); n != "0" {
		t.Errorf("%s arrivals are left", n)
	}
}

// Who asks for something else meanwhile waits for its turn.
func TestImportsOfATenantTakeTurns(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.sells(t, 3, "")
	st.WorkImports(t)
	wait, release := st.holdPage(t, 1)
	_, err := st.Imports.Start(st.As, st.Tenant.ID, nil)
	must(t, err)
	wait()
	type answer struct {
		product.ImportResult
		error
	}
	answers := make(chan answer, 1)
	go func() {
		got, err := st.Imports.Products(st.As, st.Tenant.ID, []string{"prod_00001", "prod_none"})
		answers <- answer{got, err}
	}()
	if n := st.one(t, `SELECT count(*)::text FROM imports WHERE finished_at IS NULL`); n != "1" {
		t.Errorf("%s imports run", n)
	}
	release()
	got := domaintest.Receive(t, answers, "the other import")
	wantCode(t, got.error, fault.NotFound)
	if got.ImportResult != (product.ImportResult{Imported: 1}) || !strings.Contains(got.Error(), `"prod_none"`) {
		t.Errorf("%+v", got)
	}
}

// Another worker goes on from the last page; what the first one still reads counts for
// nothing.
func TestImportIsTakenOver(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.sells(t, 250, "")
	st.WorkImports(t)
	mark := len(st.pages(t))
	wait, release := st.holdPage(t, 2)
	_, err := st.Imports.Start(st.As, st.Tenant.ID, nil)
	must(t, err)
	wait()
	st.Exec(t, `UPDATE imports SET lease_until = now() - interval '1 second' WHERE finished_at IS NULL`)
	n, err := st.Imports.TakeUp(t.Context())
	if n != 1 || err != nil {
		t.Fatalf("took up %d, %v", n, err)
	}
	if got := st.ended(t); got.Read != 250 || got.Added != 250 || got.Error != nil {
		t.Errorf("%+v", got)
	}
	release()
	if n := st.one(t, `SELECT count(*)::text FROM audit_log WHERE action = 'products.imported'`); n != "2" {
		t.Errorf("%s entries of two imports", n)
	}
	pages := st.pages(t)[mark:]
	first := 0
	for _, p := range pages {
		if !strings.Contains(p.Query, "starting_after") {
			first++
		}
	}
	if first != 1 {
		t.Errorf("the first page was read %d times in %d", first, len(pages))
	}
}

// pages are the reads of the list of all products.
func (st *stack) pages(t *testing.T) (pages []stripesim.Request) {
	t.Helper()
	all, err := st.Stripe.Sim.Requests(stripesim.RequestFilter{Account: st.Stripe.Account.ID})
	must(t, err)
	for _, r := range all {
		if r.Path == "/v1/products" && r.Method == "GET" && !strings.Contains(r.Query, "ids") {
			pages = append(pages, r)
		}
	}
	return pages
}

// Whatever is changed while an import reads ends it, and nothing of it is kept.
func TestImportEndsEarly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(t *testing.T, st *stack)
		code      fault.Code
		says      string
	}{
		"disconnected": {func(t *testing.T, st *stack) {
			t.Helper()
			must(t, st.Connections.Disconnect(st.As, st.Tenant.ID, catalog.Test))
		}, fault.InvalidState, "disconnected during the import"},
		"another account": {func(t *testing.T, st *stack) {
			t.Helper()
			other := st.Stripe.Sim.AddAccount(stripesim.AccountConfig{})
			_, err := st.Connections.Connect(st.As, connection.Input{
				TenantID: st.Tenant.ID, Mode: catalog.Test, SecretKey: other.TestKey, AllowDifferentAccount: true,
			})
			must(t, err)
		}, fault.InvalidState, "different Stripe account"},
		"the right is gone": {func(t *testing.T, st *stack) {
			t.Helper()
			st.Exec(t, `UPDATE api_tokens SET revoked_at = now() WHERE member_id = (SELECT id FROM members WHERE email = 'dan@acme.example')`)
		}, fault.Forbidden, "dan@acme.example, who started this import, no longer"},
		"Stripe is away": {func(t *testing.T, st *stack) {
			t.Helper()
			_, err := st.Stripe.Sim.AddFault(stripesim.Fault{Kind: stripesim.Error503, Times: -1, Match: stripesim.Match{Path: "^/v1/prices"}})
			must(t, err)
		}, fault.StripeUnavailable, "Nothing was changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStack(t)
			st.sells(t, 250, "")
			st.WorkImports(t)
			wait, release := st.holdPage(t, 2)
			failed := make(chan error, 1)
			dan := st.Actor(t, "dan@acme.example", tenant.RoleDeployer)
			go func() {
				_, err := st.Imports.Products(dan, st.Tenant.ID, nil)
				failed <- err
			}()
			wait()
			c.meanwhile(t, st)
			release()
			err := domaintest.Receive(t, failed, "the end")
			wantCode(t, err, c.code)
			if !strings.Contains(err.Error(), c.says) {
				t.Error(err)
			}
			if n := st.one(t, `SELECT count(*) || ' ' || count(gone_at) FROM products WHERE stripe_product_id LIKE 'prod_0%' OR gone_at IS NOT NULL`); n != "0 0" {
				t.Errorf("products and gone ones: %s", n)
			}
			page, err := st.Tenants.AuditLog(st.As, audit.Filter{TenantID: st.Tenant.ID, Action: new("products.imported")}, 1, "")
			must(t, err)
			want := fmt.Sprintf("map[all:true changed:0 error:%s gone:0 imported:0]", c.code)
			if e := page.Entries[0]; e.Actor != "dan@acme.example" || fmt.Sprint(e.Details) != want {
				t.Errorf("recorded as %+v", e)
			}
			if n := st.one(t, `SELECT count(*)::text FROM arrivals`); n != "0" {
				t.Errorf("%s arrivals are left", n)
			}
		})
	}
}

// An import that nobody carries out says so, and begins once somebody does.
func TestImportWaitsForAWorker(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.sells(t, 3, "")
	st.Imports.WorkerPatience = time.Millisecond
	_, err := st.Imports.Products(st.As, st.Tenant.ID, nil)
	wantCode(t, err, fault.Unavailable)
	if !strings.Contains(err.Error(), "waits for a worker") {
		t.Error(err)
	}
	st.WorkImports(t)
	if got := st.ended(t); got.Added != 3 || got.Error != nil {
		t.Errorf("%+v", got)
	}
}

// A thousandth of what is allowed would do for everybody; more is refused as a whole.
func TestImportHasLimits(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.sells(t, 150, "")
	run := func(set string) error {
		wait, release := st.holdPage(t, 2)
		failed := make(chan error, 1)
		go func() {
			_, err := st.Imports.Here(st.As, st.Tenant.ID, nil)
			failed <- err
		}()
		wait()
		st.Exec(t, `UPDATE imports SET `+set+` WHERE finished_at IS NULL`)
		release()
		return domaintest.Receive(t, failed, "the refusal")
	}
	for set, says := range map[string]string{
		"read = 9951":                   "more than 10000 products",
		"bytes = 256 * 1024 * 1024 - 9": "more than 256 MiB",
	} {
		err := run(set)
		wantCode(t, err, fault.LimitReached)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Error(err)
		}
		if n := st.one(t, `SELECT count(*)::text FROM products WHERE stripe_product_id LIKE 'prod_0%'`); n != "0" {
			t.Errorf("%s products", n)
		}
	}
	must(t, run("read = 9950"))
}

func TestImportIsForDeployers(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	viewer := st.Actor(t, "vik@acme.example", tenant.RoleViewer)
	_, err := st.Imports.Start(viewer, st.Tenant.ID, nil)
	wantCode(t, err, fault.Forbidden)
	if _, err := st.Imports.Newest(viewer, st.Tenant.ID); err != nil {
		t.Error(err)
	}
	stranger := st.Stranger(t)
	_, err = st.Imports.Newest(stranger, st.Tenant.ID)
	wantCode(t, err, fault.NotFound)
	_, err = st.Imports.Start(stranger, st.Tenant.ID, nil)
	wantCode(t, err, fault.NotFound)
	_, err = st.Progress.Imports(stranger, st.Tenant.ID)
	wantCode(t, err, fault.NotFound)
}

// Of more ids than are worth asking for one by one, the lists are read and picked from.
func TestImportOfManyIDs(t *testing.T) {
	t.Parallel()
	st := newStack(t)
	st.sells(t, 250, "")
	ids := []string{"prod_none"}
	for i := range 60 {
		ids = append(ids, fmt.Sprintf("prod_%05d", 3*i))
	}
	got, err := st.Imports.Here(st.As, st.Tenant.ID, ids)
	wantCode(t, err, fault.NotFound)
	if got != (product.ImportResult{Imported: 60, Added: 60, Changed: 60}) {
		t.Errorf("%+v", got)
	}
}
