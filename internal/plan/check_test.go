package plan_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// rules is what the documentation promises of each check, in order: whether what
// it finds may block, also the archiving of a product.
var rules = []struct {
	check             string
	blocks, archiving bool
}{
	{"product_exists", true, true},
	{"product_name", true, false},
	{"product_price", true, false},
	{"product_description", false, false},
	{"product_images", false, false},
	{"default_price", true, false},
	{"price_tax_behavior", false, false},
	{"lookup_keys", true, false},
	{"metadata", true, false},
	{"stripe_integration", true, true},
	{"production_config", true, true},
	{"key_permissions", true, true},
	{"key_mode", true, true},
	{"same_account", true, true},
	{"account_ready", true, false},
	{"statement_descriptor", false, false},
	{"webhook_endpoint", false, false},
	{"live_conflict", true, true},
	{"drift", false, false},
	{"concurrent_deployment", false, false},
	{"something_to_deploy", false, false},
}

func TestCheckHealthyProductPassesEverything(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*plan.Evidence){"never live": func(*plan.Evidence) {}, "live and repriced": repriced} {
		e := healthy()
		change(&e)
		results := conclude(e)
		if !plan.OK(results) {
			t.Errorf("%s: not OK", name)
		}
		for _, r := range results {
			if r.Status != plan.CheckPassed || r.Details != nil {
				t.Errorf("%s: %s is %s: %s %v", name, r.Check, r.Status, r.Message, r.Details)
			}
		}
	}
}

func TestCheckNamesAreStable(t *testing.T) {
	t.Parallel()
	var want []string
	for _, r := range rules {
		want = append(want, r.check)
	}
	if got := plan.CheckNames(); !slices.Equal(got, want) {
		t.Errorf("CheckNames() = %q, want %q", got, want)
	}
	for i, r := range plan.Check(plan.Evidence{}) {
		if r.Check != want[i] {
			t.Errorf("result %d is of %s, want %s", i, r.Check, want[i])
		}
	}
}

func TestCheckCases(t *testing.T) {
	t.Parallel()
	for _, c := range allCases() {
		t.Run(c.check+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			e := healthy()
			c.change(&e)
			results := conclude(e)
			got := resultOf(t, results, c.check)
			if name := missing(got, c.names); got.Status != c.want || name != "" {
				t.Errorf("%s: %s %v\nwant %s, naming %q", got.Status, got.Message, got.Details, c.want, name)
			}
			for _, r := range results {
				actionable(t, r)
			}
		})
	}
}

// actionable demands of a message what a person can act on.
func actionable(t *testing.T, r plan.Result) {
	t.Helper()
	body, ended := strings.CutSuffix(r.Message, ".")
	if !ended || body == "" || strings.Contains(body, " 0 more") {
		t.Errorf("%s: not a sentence: %q", r.Check, r.Message)
	}
	told := strings.Contains(body, ". ")
	if r.Status != plan.CheckPassed && !told {
		t.Errorf("%s: does not say what to do: %q", r.Check, r.Message)
	}
}

// TestCheckCanAlwaysObject: a check without a case that fails is no check.
func TestCheckCanAlwaysObject(t *testing.T) {
	t.Parallel()
	for _, rule := range rules {
		worst := plan.CheckPassed
		for _, c := range allCases() {
			if c.check == rule.check && c.want != plan.CheckPassed && worst != plan.CheckFailed {
				worst = c.want
			}
		}
		want := plan.CheckWarning
		if rule.blocks {
			want = plan.CheckFailed
		}
		if worst != want {
			t.Errorf("the worst case of %s is %s, want %s", rule.check, worst, want)
		}
	}
}

// relieved tells that a finding is said not to matter to a product that is archived.
func relieved(r plan.Result) bool { return strings.Contains(r.Message, "block archiving: ") }

// TestCheckBlocksOnlyAsListed: whatever any case shows them, the other checks warn
// at most.
func TestCheckBlocksOnlyAsListed(t *testing.T) {
	t.Parallel()
	for _, c := range allCases() {
		e := healthy()
		c.change(&e)
		for i, r := range conclude(e) {
			if (r.Status == plan.CheckFailed || relieved(r)) && !rules[i].blocks && !couldNotRun(r) {
				t.Errorf("%s/%s makes %s fail: %s", c.check, c.name, r.Check, r.Message)
			}
		}
	}
}

// TestCheckHoldsArchivingUpByLess: with the product archived in test, the same
// findings block only where they concern the archiving.
func TestCheckHoldsArchivingUpByLess(t *testing.T) {
	t.Parallel()
	blocking := map[string]bool{}
	for _, c := range allCases() {
		e := healthy()
		c.change(&e)
		if e.Test.Err != nil || e.Test.Value == nil || e.TestAccountID == "" {
			continue // nobody knows that it is archived
		}
		before := conclude(e)
		e.Test.Value.Product.Active = false
		for i, r := range conclude(e) {
			actionable(t, r)
			if r.Status == plan.CheckFailed {
				blocking[r.Check] = true
			}
			if r.Status == plan.CheckFailed && !rules[i].archiving {
				t.Errorf("%s/%s: %s fails for an archived product: %s", c.check, c.name, r.Check, r.Message)
			}
			if held := before[i].Status == plan.CheckFailed && r.Status == plan.CheckWarning; held && !relieved(r) {
				t.Errorf("%s/%s: %s does not say that it does not matter: %s", c.check, c.name, r.Check, r.Message)
			}
			if before[i].Status == plan.CheckFailed && rules[i].archiving && r.Status != plan.CheckFailed {
				t.Errorf("%s/%s: %s does not fail for an archived product: %s", c.check, c.name, r.Check, r.Message)
			}
		}
	}
	delete(blocking, "product_exists") // a product that is not there is not archived
	if want := 6; len(blocking) != want {
		t.Errorf("%d checks can block an archiving besides product_exists, want %d: %v", len(blocking), want, blocking)
	}
}

func TestCheckSameEvidenceSameResults(t *testing.T) {
	t.Parallel()
	for _, c := range allCases() {
		e := healthy()
		c.change(&e)
		first := encoded(t, conclude(e))
		for range 5 {
			if again := encoded(t, conclude(e)); again != first {
				t.Fatalf("%s/%s: %s\nthen %s", c.check, c.name, first, again)
			}
		}
	}
}

func TestCheckCountsMoreProblems(t *testing.T) {
	t.Parallel()
	e := healthy()
	e.Test.Value.Prices[0].UnitAmountDecimal = "1"
	e.Test.Value.Prices[1].UnitAmountDecimal = "-1"
	got := resultOf(t, conclude(e), "product_price")
	if got.Status != plan.CheckFailed || !strings.Contains(got.Message, "price_year") || !strings.Contains(got.Message, "1 more") {
		t.Errorf("%s: %s", got.Status, got.Message)
	}
	problems, ok := got.Details["problems"].([]map[string]any)
	if !ok || len(problems) != 2 || problems[0]["price"] != "price_month" || problems[1]["status"] != "FAILED" {
		t.Errorf("details: %v", got.Details)
	}
}

// TestCheckDocumentedAsBuilt: the table in docs/checks.md names every check, in order,
// and what it may block.
func TestCheckDocumentedAsBuilt(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/checks.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "API version "+catalog.APIVersion) {
		t.Errorf("docs/checks.md does not tell API version %s", catalog.APIVersion)
	}
	var rows []string
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, "|"); len(cells) == 7 && strings.HasPrefix(line, "| `") {
			rows = append(rows, strings.Join(cells[1:4], "|"))
		}
	}
	var want []string
	yesNo := map[bool]string{true: "blocks", false: "warns"}
	for _, r := range rules {
		want = append(want, fmt.Sprintf(" `%s` | %s | %s ", r.check, yesNo[r.blocks], yesNo[r.archiving]))
	}
	if !slices.Equal(rows, want) {
		t.Errorf("docs/checks.md has\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}
