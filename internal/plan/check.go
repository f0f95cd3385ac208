package plan

import (
	"fmt"
	"strings"
)

// Check judges whether a product may go live: one result per check, in the order
// of CheckNames. A check that could not run is CheckFailed with the reason.
func Check(e Evidence) []Result {
	archiving := archivedInTest(&e)
	results := make([]Result, len(checks))
	for i, c := range checks {
		r := c.judge(&e)
		if archiving && !c.archiving && r.Status == CheckFailed {
			r.Status = CheckWarning
			r.Message = "Doesn't block archiving: " + r.Message
		}
		results[i] = r
	}
	return results
}

// CheckNames returns the names of all checks in the order in which Check reports them.
func CheckNames() []string {
	list := make([]string, len(checks))
	for i, c := range checks {
		list[i] = c.name
	}
	return list
}

// check is one line of the table of checks.
type check struct {
	name string
	// archiving tells that the check also blocks a product that is archived in
	// test, whose deployment only archives it in live.
	archiving bool
	// needs are the answers without which the check cannot run.
	needs []source
	run   func(*Evidence) Result
}

var checks = []check{
	{"product_exists", true, []source{testCatalog}, checkProductExists},
	{"product_name", false, []source{testProduct}, checkProductName},
	{"product_price", false, []source{testProduct}, checkProductPrice},
	{"product_description", false, []source{testProduct}, checkProductDescription},
	{"product_images", false, []source{testProduct}, checkProductImages},
	{"default_price", false, []source{testProduct}, checkDefaultPrice},
	{"price_tax_behavior", false, []source{testProduct}, checkTaxBehavior},
	{"lookup_keys", false, []source{testProduct, liveProduct, liveKeyHolders}, checkLookupKeys},
	{"metadata", false, []source{testProduct}, checkMetadata},
	// The three that judge the keys say themselves what a missing answer means.
	{"stripe_integration", true, nil, checkStripeIntegration},
	{"production_config", true, nil, checkProductionConfig},
	{"key_permissions", true, nil, checkKeyPermissions},
	{"key_mode", true, []source{testBalance, liveBalance}, checkKeyMode},
	{"same_account", true, []source{testAccount, liveAccount}, checkSameAccount},
	{"account_ready", false, []source{liveAccount}, checkAccountReady},
	{"statement_descriptor", false, []source{testProduct, liveAccount}, checkStatementDescriptor},
	{"webhook_endpoint", false, []source{liveWebhooks}, checkWebhookEndpoint},
	{"live_conflict", true, []source{testProduct, liveProduct}, checkLiveConflict},
	{"drift", false, []source{liveProduct}, checkDrift},
	{"concurrent_deployment", false, nil, checkConcurrentDeployment},
	{"something_to_deploy", false, []source{testProduct, liveProduct}, checkSomethingToDeploy},
}

func (c *check) judge(e *Evidence) Result {
	for _, s := range c.needs {
		if err := s.err(e); err != nil {
			r := unread(s, err)
			r.Check = c.name
			return r
		}
	}
	r := c.run(e)
	r.Check = c.name
	return r
}

func archivedInTest(e *Evidence) bool {
	return testProduct.err(e) == nil && !e.Test.Value.Product.Active
}

// problem is one thing that a check found, in a sentence that says what to do.
type problem struct {
	status  CheckStatus
	message string
	// about names the object and the field for programs.
	about map[string]any
}

func failure(about map[string]any, format string, args ...any) problem {
	return problem{CheckFailed, fmt.Sprintf(format, args...), about}
}

func warning(about map[string]any, format string, args ...any) problem {
	return problem{CheckWarning, fmt.Sprintf(format, args...), about}
}

func passed(format string, args ...any) Result {
	return Result{Status: CheckPassed, Message: fmt.Sprintf(format, args...)}
}

// verdict is the result of a check that found these problems: the first of the
// worst is its message, all are its details. ok is the result where there are none.
func verdict(ok Result, problems []problem) Result {
	if len(problems) == 0 {
		return ok
	}
	worst := problems[0]
	all := make([]map[string]any, len(problems))
	for i, p := range problems {
		if p.status == CheckFailed && worst.status != CheckFailed {
			worst = p
		}
		all[i] = map[string]any{"status": string(p.status), "message": p.message}
		for k, v := range p.about {
			all[i][k] = v
		}
	}
	message := worst.message
	if n := len(problems) - 1; n > 0 {
		message = fmt.Sprintf("%s. See the details for %d more.", strings.TrimSuffix(message, "."), n)
	}
	return Result{Status: worst.status, Message: message, Details: map[string]any{"problems": all}}
}

// counted is "1 price", "2 prices".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
