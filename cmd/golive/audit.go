package main

import (
	"context"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

type auditCmds struct {
	Verify auditVerifyCmd `cmd:"" help:"Check that nothing in the audit logs was changed, deleted, moved or cut off; needs GOLIVE_SEALING_KEYS."`
	Export auditExportCmd `cmd:"" help:"Print a tenant's audit log, oldest entry first; needs an admin's token."`
}

type auditVerifyCmd struct {
	Tenant string `placeholder:"SLUG" help:"Check this tenant's log only (default: all)."`
	Anchor string `placeholder:"FILE" help:"A worker's log, kept outside of the database: what its audit anchors name must still be there."`
}

// Run prints a line per tenant and fails where a log is not whole.
func (c *auditVerifyCmd) Run(ctx context.Context, t *terminal) error {
	_, keys, err := app.LoadKeys(os.LookupEnv)
	if err != nil {
		return err
	}
	anchors, err := c.anchors()
	if err != nil {
		return err
	}
	return withDatabase(ctx, func(pool *pgxpool.Pool) error {
		tenants, err := (&tenant.Service{DB: pool}).ListTenants(ctx)
		if err != nil {
			return err
		}
		return c.verify(ctx, t, pool, keys, tenants, anchors)
	})
}

func (c *auditVerifyCmd) anchors() ([]audit.Anchor, error) {
	if c.Anchor == "" {
		return nil, nil
	}
	file, err := os.Open(c.Anchor)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	anchors, err := audit.ReadAnchors(file)
	if err == nil && len(anchors) == 0 {
		err = fmt.Errorf("%s has no audit anchors: workers log one per tenant each hour in which its audit log grew", c.Anchor)
	}
	return anchors, err
}

func (c *auditVerifyCmd) verify(ctx context.Context, t *terminal, pool *pgxpool.Pool, keys *seal.Keys, tenants []tenant.Tenant, anchors []audit.Anchor) error {
	looked, broken := 0, 0
	for _, one := range tenants {
		if c.Tenant != "" && c.Tenant != one.Slug {
			continue
		}
		v, err := audit.Verify(postgres.Across(ctx, postgres.Auditing), pool, keys, one.ID, anchors)
		if looked++; err != nil || !v.Whole() {
			broken++
		}
		// One log that can't be read says nothing of the others.
		fmt.Fprintln(t.out, one.Slug+": "+verdictWords(v, err))
	}
	if c.Tenant == "" {
		broken += vanished(t, tenants, anchors)
	}
	switch {
	case looked == 0 && c.Tenant != "":
		return fmt.Errorf("there's no tenant %q", c.Tenant)
	case broken > 0:
		return fmt.Errorf("%s broken or impossible to verify", count(broken, "audit log"))
	}
	return nil
}

// vanished names the tenants that anchors know and the database does not.
func vanished(t *terminal, tenants []tenant.Tenant, anchors []audit.Anchor) (n int) {
	known := map[string]bool{}
	for _, one := range tenants {
		known[one.ID] = true
	}
	for _, a := range anchors {
		if !known[a.TenantID] {
			known[a.TenantID] = true
			fmt.Fprintf(t.out, "%s: BROKEN: the anchor of %s names number %d, but there's no such tenant.\n", a.TenantID, a.At, a.Entries)
			n++
		}
	}
	return n
}

func verdictWords(v audit.Verdict, err error) string {
	words := fmt.Sprintf("whole, entries: %d", v.Entries)
	switch {
	case err != nil:
		return "can't be verified: " + err.Error()
	case !v.Whole():
		words = "BROKEN at entry " + v.BrokenAt + ": " + v.Why
	case v.Late > 0:
		words += fmt.Sprintf(", %d of them written without the sealing keys", v.Late)
	}
	if v.Waiting > 0 {
		words += fmt.Sprintf(" (and %d that wait for a worker to chain them)", v.Waiting)
	}
	return words
}

type auditExportCmd struct {
	api
	ofTenant
	CSV bool `name:"csv" help:"Print a table for spreadsheets instead of JSON Lines."`
}

// Run streams the log to standard output.
func (c *auditExportCmd) Run(ctx context.Context, t *terminal) error {
	of, err := c.of(ctx, &c.api)
	if err != nil {
		return err
	}
	conn, err := c.client()
	if err != nil {
		return err
	}
	format := audit.JSONLines
	if c.CSV {
		format = audit.CSV
	}
	return printable(client.Download(ctx, conn, "/audit/"+of.Slug+"."+string(format), t.out))
}
