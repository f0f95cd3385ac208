package postgres_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// across lists who goes across tenants, how often in a file, and why it must. Whoever adds
// one says why here.
var across = map[string]struct {
	sites int
	why   string
}{
	"cmd/golive/person.go: Operators": {1, "a person is forgotten in all tenants at once"},

	"internal/audit/anchor.go: Auditing": {1, "a worker names the ends of all chains"},
	"internal/audit/person.go: Auditing": {2, "what all logs say of a person; aliases are deleted"},
	"internal/audit/prune.go: Auditing":  {1, "retention deletes entries"},
	"internal/audit/reseal.go: Auditing": {1, "the keys of all chains are sealed anew"},
	"internal/audit/state.go: Auditing":  {1, "a worker looks at all chains"},
	"internal/audit/sweep.go: Auditing":  {1, "entries that were written without the keys are chained: an update"},
	"cmd/golive/audit.go: Auditing":      {1, "an operator verifies all chains"},

	"internal/connection/key.go: Operators":    {1, "whether the keyset opens what is stored"},
	"internal/connection/reseal.go: Operators": {1, "all Stripe keys are sealed anew"},

	"internal/deployment/ask_rollback.go: LiveObjects": {1, "the deployments of a live object are one stack, whosever they are"},
	"internal/deployment/row_read.go: LiveObjects":     {1, "what is going on with a live object, and who was first"},
	"internal/deployment/row_places.go: LiveObjects":   {1, "how many deployments of a live account run"},
	"internal/deployment/row_places.go: Sweeps":        {2, "the places of an account are given away, whosever turn it is"},
	"internal/deployment/ops_status.go: Sweeps":        {2, "metrics and the doctor count"},
	"internal/deployment/schedule_due.go: Sweeps":      {1, "what is due"},
	"internal/deployment/schedule_missed.go: Sweeps":   {1, "what was missed"},
	"internal/deployment/schedule_tzdata.go: Sweeps":   {1, "what newer time zone data move"},
	"internal/runner/lease_beat.go: Sweeps":            {1, "one heartbeat for all that a process carries out"},
	"internal/runner/lease_own.go: Sweeps":             {1, "a job names a deployment, and the row its tenant"},
	"internal/runner/takeover.go: Sweeps":              {1, "what nobody works on"},
	"internal/product/links.go: LiveObjects":           {3, "links of one live account, which tenants may share"},

	"internal/outbox/metrics.go: Sweeps": {1, "metrics count"},
	"internal/outbox/settle.go: Sweeps":  {1, "a job names a mail, and the row its tenant"},
	"internal/outbox/sweep.go: Sweeps":   {1, "mails that are due, in turns by tenant"},

	"internal/inbox/hook.go: Door":        {1, "whose an endpoint's path is"},
	"internal/inbox/round.go: Sweeps":     {1, "endpoints whose turn it is to be looked after"},
	"internal/inbox/sweep.go: Sweeps":     {1, "objects of Stripe's that nobody reads"},
	"internal/inbox/metrics.go: Sweeps":   {1, "metrics count"},
	"internal/inbox/prune.go: Retention":  {3, "what events of long ago said, those that are over, and what was read long ago"},
	"internal/inbox/reseal.go: Operators": {1, "all secrets of endpoints, and what events said, are sealed anew"},

	"internal/order/stand.go: Sweeps":        {1, "metrics count"},
	"internal/order/dispute_list.go: Sweeps": {1, "metrics count"},
	"internal/order/agree.go: Sweeps":        {1, "whether a payment at Stripe is another tenant's of the account"},
	"internal/inbox/account.go: Sweeps":      {1, "the accounts of all that sell"},
	"internal/payout/look.go: Sweeps":        {2, "accounts whose turn it is to be compared, and those that have begun to sell"},
	"internal/payout/metrics.go: Sweeps":     {1, "metrics count"},

	"internal/importing/dispatch.go: Sweeps":  {1, "imports that nobody works on"},
	"internal/importing/run.go: Sweeps":       {2, "a job names an import, and the row its tenant"},
	"internal/importing/store.go: Sweeps":     {1, "whether imports of other tenants wait"},
	"internal/recipient/ask.go: Door":         {1, "whom a link in a mail asks"},
	"internal/importing/person.go: Operators": {2, "the imports of a person"},
	"internal/notify/forget.go: Operators":    {1, "what a person wants to be told, in all tenants"},
	"internal/insight/journey.go: Retention":  {1, "notes that are older than any figure"},
	"internal/recipient/prune.go: Retention":  {1, "links that asked long ago"},
	"internal/recipient/forget.go: Operators": {2, "what tenants have asked a person"},

	"internal/deployment/prune.go: Retention": {1, "events of what has ended for long"},
	"internal/identity/prune.go: Retention":   {4, "sessions, sign-in links, failures and invitations that are over"},
	"internal/order/tend.go: Sweeps":          {1, "orders that somebody has to look at, whosever they are"},
	"internal/order/prune.go: Retention":      {1, "what is known of the customers of long ago"},
	"internal/order/reseal.go: Operators":     {1, "contacts, the keys to find them and calls under way are sealed anew"},
	"internal/order/person.go: Operators":     {1, "which tenants keep email addresses, of which each is then looked through for itself"},
	"internal/importing/prune.go: Retention":  {1, "imports that are over"},
	"internal/outbox/sweep.go: Retention":     {1, "mails that are settled"},
	"internal/tenant/prune.go: Retention":     {1, "tokens that are over"},

	"internal/identity/forget.go: Operators": {2, "what is known of a person, who may be of several tenants"},
	"internal/identity/link.go: Door":        {2, "whose a sign-in link is"},
	"internal/identity/link.go: Operators":   {1, "an operator makes a sign-in link"},
	"internal/identity/session.go: Door":     {9, "whose a session is; sessions and time zones are a person's and no tenant's"},
	"internal/identity/sign_in.go: Door":     {1, "who signs in, and where that one was invited"},
	"internal/identity/store.go: Door":       {1, "who could not sign in"},
	"internal/tenant/feed.go: Door":          {1, "whose calendar an address is"},
	"internal/tenant/feed.go: Operators":     {3, "operators make, list and revoke calendar addresses"},
	"internal/tenant/hold.go: Operators":     {2, "operators hold tenants; retention asks which are"},
	"internal/tenant/member.go: Door":        {2, "where somebody is a member"},
	"internal/tenant/operator.go: Operators": {2, "operators make and list tenants"},
	"internal/tenant/person.go: Operators":   {2, "where a person is or was a member"},
	"internal/tenant/tenant.go: Operators":   {1, "what concerns all tenants stands in all logs"},
	"internal/tenant/token.go: Door":         {2, "whose a token is"},
	"internal/tenant/token.go: Operators":    {3, "operators make, list and revoke tokens"},
}

func TestWhoGoesAcrossTenantsHasAReason(t *testing.T) {
	t.Parallel()
	call := regexp.MustCompile(`postgres\.Across\([^)]*?postgres\.(\w+)\)`)
	found := map[string]int{}
	must(t, filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.Contains(path, "/domaintest/") || strings.Contains(path, "/bench/") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range call.FindAllSubmatch(text, -1) {
			found[strings.TrimPrefix(filepath.ToSlash(path), "../../")+": "+string(m[1])]++
		}
		return err
	}))
	for site, n := range found {
		if across[site].sites != n {
			t.Errorf("%s goes across tenants %d times, %d of them with a reason", site, n, across[site].sites)
		}
	}
	for site := range across {
		if found[site] == 0 {
			t.Errorf("drop %q: nobody does so any more", site)
		}
	}
}
