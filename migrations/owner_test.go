package migrations_test

import (
	"maps"
	"path"
	"slices"
	"testing"
)

// owners says whose SQL may name which tables. Everybody else asks the owner: by a
// function that takes the transaction, or for a piece of SQL.
var owners = map[string][]string{
	"internal/tenant":     {"tenants", "members", "api_tokens", "calendar_feeds"},
	"internal/identity":   {"people", "sessions", "sign_in_links", "sign_in_failures", "invitations"},
	"internal/connection": {"stripe_connections"},
	"internal/audit":      {"audit_log", "audit_heads", "audit_aliases"},
	"internal/importing":  {"imports"},
	"internal/inbox":      {"payments_modules", "webhook_secrets", "stripe_events", "stripe_payloads", "stripe_objects"},
	"internal/product":    {"arrivals", "products", "links", "links_namesakes", "links_taken"},
	"internal/outbox":     {"mails", "mail_drops", "mail_outage"},
	"internal/notify":     {"mail_preferences"},
	"internal/recipient":  {"recipients", "recipient_links", "mail_domains"},
	"internal/deployment": {"deployments", "deployment_events"},
	"internal/pause":      {"standstill"},
	"internal/fair":       {"account_full"},
	"internal/journal":    {"deployment_steps"},
	"internal/ratelimit":  {"rate_slots"},
	"internal/quota":      {"quotas", "rates"},
	"internal/insight":    {"journeys"},
	"internal/order": {
		"orders", "order_numbers", "order_lines", "order_contacts", "contact_keys", "payments", "refunds", "disputes", "stripe_calls", "order_events", "order_effects",
	},
	"internal/payout":   {"payouts", "balance_transactions", "reconciliations", "mismatches"},
	"internal/devstack": {"clock"}, // who only reads it calls golive_now()
	"River": {
		"river_migration", "river_job", "river_leader", "river_queue", "river_client", "river_client_queue", "river_notification",
	},
}

// outsiders come to the database as a person with psql does.
var outsiders = []string{
	"internal/bench",      // measures from outside, and fills tables faster than the service would
	"internal/domaintest", // sets tests' scenes, and looks behind them
}

// exceptions are strangers in a file's SQL, each with the reason why it may stay.
var exceptions = map[string]string{
	"internal/app/doctor.go: clock":          "no query: tells people the statement that puts a moved clock right",
	"internal/devstack/database.go: tenants": "asks whose a database is before it has been migrated, and before there are services",

	"internal/insight/metrics.go: deployments":       "figures over all go-lives of a span are one statement each, with percentiles that only the database can make without reading every row out",
	"internal/insight/metrics.go: deployment_steps":  "the same",
	"internal/insight/metrics.go: deployment_events": "the same",

	"internal/deployment/schedule_due.go: products":      "one statement locks the products of what is due and passes over those that others have locked, or sweeps would wait for each other",
	"internal/deployment/row_owner.go: deployment_steps": "one statement asks whether its owner may act and begins the step",
	"internal/deployment/row_takeover.go: river_job":     "one statement finds the deployments whose job will never run, however many jobs there are",
	"internal/outbox/sweep.go: river_job":                "the same for notices",
	"internal/importing/dispatch.go: river_job":          "the same for imports",
	"internal/inbox/sweep.go: river_job":                 "the same for objects of Stripe's",
	"internal/inbox/object.go: river_job":                "an event, its object and that one's job are stored in one statement, because Stripe waits for it",
}

func TestEveryTableHasOneOwner(t *testing.T) {
	t.Parallel()
	owned := map[string]string{}
	for who, tables := range owners {
		for _, table := range tables {
			if owned[table] != "" {
				t.Errorf("%s belongs to %s and to %s", table, owned[table], who)
			}
			owned[table] = who
		}
	}
	made := tablesMade(t)
	for _, table := range made {
		if owned[table] == "" {
			t.Errorf("%s belongs to nobody: say in owners whose it is", table)
		}
	}
	for table := range owned {
		if !slices.Contains(made, table) {
			t.Errorf("no migration makes %s", table)
		}
	}
}

func TestSQLNamesOnlyTablesOfItsPackage(t *testing.T) {
	t.Parallel()
	known := tablesMade(t)
	unused := maps.Clone(exceptions)
	for _, file := range goFiles(t, "..") {
		if slices.Contains(outsiders, path.Dir(file)) {
			continue
		}
		for _, n := range namesIn(t, "..", file, known) {
			key := file + ": " + n.table
			delete(unused, key)
			switch {
			case n.table == "":
				t.Errorf("%s: this SQL hides the name of its table: write it out", n.at)
			case exceptions[key] == "" && !slices.Contains(owners[path.Dir(file)], n.table):
				t.Errorf("%s: the SQL names %s, which is not of %s: ask its owner", n.at, n.table, path.Dir(file))
			}
		}
	}
	for key := range unused {
		t.Errorf("drop the exception %q: nothing needs it any more", key)
	}
}
