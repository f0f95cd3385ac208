package catalog

// List is one of the lists that together hold all that an account sells.
type List string

// The lists. Stripe's list of prices holds either the active ones or the others.
const (
	Products       List = "products"
	ActivePrices   List = "active prices"
	ArchivedPrices List = "archived prices"
)

// Page is one page of a list, newest first. What cannot be read says so.
type Page struct {
	Products []Product
	Prices   []Price
	// Last is the id after which the next page begins, "" on an empty one.
	Last string
	// More tells that there is a next page.
	More bool
}
