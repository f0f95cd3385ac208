package plan

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

func checkProductExists(e *Evidence) Result {
	if e.Test.Value == nil {
		return verdict(Result{}, []problem{failure(map[string]any{"product": e.StripeProductID},
			"Product %s is no longer in test mode. Create it again there, or import your products again.", e.StripeProductID)})
	}
	product := &e.Test.Value.Product
	var problems []problem
	if len(product.Unknown) > 0 {
		problems = append(problems, unknownProblem("product", product.ID, map[string]any{"product": product.ID}, product.Unknown))
	}
	return verdict(passed("The product exists in test mode."), problems)
}

// placeholder matches texts that people type to have something there. It takes
// the whole text: "Test" alone is none of the names that contain it.
var placeholder = regexp.MustCompile(`(?i)^\W*(((my|a|the)\s+)?(test(ing)?|foo|bar|baz|foobar|asdf\w*|qwer\w*|untitled|sample|example|dummy|placeholder|todo|tbd|xxx+|abc|product|item)[\s\-_#]*(product|item|plan|price|subscription|description|text)?[\s\-_#]*\d*|lorem ipsum.*|.*[(\[]test[)\]])\W*$`)

func checkProductName(e *Evidence) Result {
	name := e.Test.Value.Product.Name
	about := map[string]any{"field": "name"}
	var problems []problem
	switch {
	case strings.TrimSpace(name) == "":
		problems = append(problems, failure(about, "The product has no name. Give it the name customers should see."))
	case placeholder.MatchString(name):
		problems = append(problems, warning(about, "The name %q looks like a placeholder. Check that it's what customers should see.", name))
	}
	return verdict(passed("The product is named %q.", name), problems)
}

func checkProductDescription(e *Evidence) Result {
	description := e.Test.Value.Product.Description
	about := map[string]any{"field": "description"}
	var problems []problem
	switch {
	case strings.TrimSpace(description) == "":
		problems = append(problems, warning(about, "The product has no description. Add one for checkout pages and invoices."))
	case placeholder.MatchString(description):
		problems = append(problems, warning(about, "The description looks like a placeholder. Check that it's what customers should see."))
	}
	return verdict(passed("The product has a description."), problems)
}

func checkProductImages(e *Evidence) Result {
	images := e.Test.Value.Product.Images
	if len(images) == 0 {
		return verdict(Result{}, []problem{warning(map[string]any{"field": "images"},
			"The product has no image. Add one for checkout pages.")})
	}
	var problems []problem
	for _, image := range images {
		if wrong := imageFault(image); wrong != "" {
			problems = append(problems, warning(map[string]any{"field": "images", "image": bareURL(image)},
				"The image %s %s. Host it at a public https address.", bareURL(image), wrong))
		}
	}
	return verdict(passed("Every image is at a public https address."), problems)
}

func imageFault(image string) string {
	u, err := url.Parse(image)
	switch {
	case err != nil || u.Hostname() == "":
		return "isn't a web address"
	case u.Hostname() == "files.stripe.com":
		return "was uploaded in test mode"
	case privateHost(u.Hostname()):
		return "is on a host that isn't reachable from the internet"
	case u.Scheme != "https":
		return "doesn't use https"
	}
	return ""
}

func checkDefaultPrice(e *Evidence) Result {
	id := e.Test.Value.Product.DefaultPrice
	price := e.Test.Value.Price(id)
	about := map[string]any{"field": "default_price", "price": id}
	var problems []problem
	switch {
	case id == "" && len(e.Test.Value.ActivePrices()) > 1:
		problems = append(problems, warning(about, "The product has several active prices but no default. Choose a default price in test mode."))
	case id == "":
		return passed("The product doesn't need a default price.")
	case price == nil || (price.Product != "" && price.Product != e.Test.Value.Product.ID):
		problems = append(problems, failure(about, "The default price %s doesn't belong to this product. Choose one that does in test mode.", id))
	case !price.Active:
		problems = append(problems, failure(about, "The default price %s is archived. Choose an active one in test mode.", priceName(price)))
	}
	return verdict(passed("The default price is active."), problems)
}

// priceName names a price as people know it, and by its id.
func priceName(p *catalog.Price) string {
	switch {
	case p.Nickname != "":
		return p.ID + " (" + p.Nickname + ")"
	case p.LookupKey != "":
		return p.ID + " (" + p.LookupKey + ")"
	}
	return p.ID
}
