package plan

import "slices"

// Group is what a check is about.
type Group string

// The groups.
const (
	GroupProduct    Group = "PRODUCT"
	GroupPrices     Group = "PRICES"
	GroupLive       Group = "LIVE"
	GroupConnection Group = "CONNECTION"
	GroupAccount    Group = "ACCOUNT"
)

// groups are those of the checks of a go-live and of a rollback. That each has one is
// held by a test.
var groups = map[Group][]string{
	GroupProduct:    {"product_exists", "product_name", "product_description", "product_images", "metadata"},
	GroupPrices:     {"product_price", "default_price", "price_tax_behavior", "lookup_keys", "live_prices"},
	GroupLive:       {"live_conflict", "drift", "concurrent_deployment", "something_to_deploy", "live_product", "records"},
	GroupConnection: {"stripe_integration", "production_config", "key_permissions", "key_mode", "same_account"},
	GroupAccount:    {"account_ready", "statement_descriptor", "webhook_endpoint"},
}

// Group is what the check is about; one that this version does not know is about live.
func (r *Result) Group() Group {
	for group, names := range groups {
		if slices.Contains(names, r.Check) {
			return group
		}
	}
	return GroupLive
}

// CouldNotRun tells that the check failed because something that it looks at could not be
// read, and says nothing of the product.
func (r *Result) CouldNotRun() bool {
	is, _ := r.Details["couldNotRun"].(bool)
	return is
}

// Problem is one thing that a check found, in a sentence that says what to do.
type Problem struct {
	Status  CheckStatus
	Message string
}

// Problems are all that the check found, none where it passed. Results keep them among
// their details, as made or as read from the database.
func (r *Result) Problems() []Problem {
	found := []Problem{}
	switch list := r.Details["problems"].(type) {
	case []map[string]any:
		for _, p := range list {
			found = append(found, r.problem(p))
		}
	case []any:
		for _, p := range list {
			found = append(found, r.problem(members(p)))
		}
	}
	if len(found) == 0 && r.Status != CheckPassed {
		found = append(found, Problem{r.Status, r.Message})
	}
	return found
}

// problem is never worse than the check: what blocks a go-live does not block archiving.
func (r *Result) problem(details map[string]any) Problem {
	status, _ := details["status"].(string)
	message, _ := details["message"].(string)
	if r.Status != CheckFailed {
		status = string(r.Status)
	}
	return Problem{CheckStatus(status), message}
}
