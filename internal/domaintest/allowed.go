package domaintest

import (
	"slices"
	"strings"
)

// short are tables that never have many rows: one, one for each account or mode, or as many as
// have two of the same ID at Stripe.
var short = map[string]bool{
	"clock": true, "account_full": true, "standstill": true, "mail_outage": true, "mail_drops": true, "mail_domains": true,
	"payments_modules": true, "webhook_secrets": true, "contact_keys": true, "links_namesakes": true,
}

// ending are partial indexes that stay short because what they hold ends. Where a statement
// may have one of those or the table's key, Postgres takes whichever it likes of a table that
// it knows nothing of.
var ending = map[string]bool{
	// What is under way, until it is over.
	"deployments_active": true, "deployments_placed": true, "deployments_unplaced": true, "imports_running": true,
	// What is planned, until its time has come.
	"deployments_due": true, "deployments_next": true, "deployments_upcoming": true, "deployments_wall_time": true,
	// What somebody is to be told, until it was sent or dropped.
	"mails_entry": true, "mails_queued": true, "mails_turn": true,
	// What Stripe told, until it was applied: an operator is alerted of what can't be.
	"stripe_events_oldest": true, "stripe_events_open": true, "stripe_objects_read": true,
	// What was asked of Stripe, until it has answered, and payments until they are paid or not.
	"stripe_calls_unknown": true, "payments_one_live": true,
	// Invitations are accepted, or retention takes them; so are sessions ended.
	"invitations_open": true, "sessions_person": true,
}

// whole are statements, by some words of theirs, that may walk through a table.
var whole = []struct {
	words  string
	tables []string
}{
	// Operators' lists of all tenants.
	{"WHERE $1 IN ('', t.slug) ORDER BY", []string{"api_tokens", "calendar_feeds", "tenants"}},
	{"FROM tenants WHERE held_since IS NOT NULL", []string{"tenants"}},
	// What retention does every hour, in every worker, without an index of what is old.
	{"DELETE FROM api_tokens", []string{"api_tokens"}},
	{"DELETE FROM imports", []string{"imports"}},
	{"DELETE FROM invitations", []string{"invitations"}},
	{"DELETE FROM recipient_links", []string{"recipients"}},
	{"DELETE FROM sessions", []string{"sessions", "people"}},
	{"DELETE FROM sign_in_links", []string{"sign_in_links", "members"}},
	{"DELETE FROM order_contacts", []string{"orders"}},
	{"UPDATE disputes SET evidence = NULL, seal_version = NULL WHERE id = ANY(ARRAY(", []string{"orders"}},
}

// mayWalk tells whether a statement may go through all of a table, or of an index of it.
func mayWalk(sql, table, index string) bool {
	if short[table] || ending[index] || strings.HasPrefix(table, "river_") {
		return true
	}
	for _, w := range whole {
		if strings.Contains(sql, w.words) && slices.Contains(w.tables, table) {
			return true
		}
	}
	return false
}
