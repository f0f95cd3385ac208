package catalog

// Product is what Golive copies of Stripe's product. An empty string is null.
type Product struct {
	ID                  string             `json:"id"`
	Name                string             `json:"name"`
	Active              bool               `json:"active"`
	Description         string             `json:"description"`
	URL                 string             `json:"url"`
	UnitLabel           string             `json:"unit_label"`
	StatementDescriptor string             `json:"statement_descriptor"`
	TaxCode             string             `json:"tax_code"`
	Shippable           *bool              `json:"shippable"`
	Images              []string           `json:"images"`
	Features            []Feature          `json:"features"`
	PackageDimensions   *PackageDimensions `json:"package_dimensions"`
	Metadata            map[string]string  `json:"metadata"`
	// DefaultPrice is the id of one of the product's active prices.
	DefaultPrice string `json:"default_price"`
	// Unknown is what Unknown found in Stripe's answer, nil in one that was stored.
	Unknown []string `json:"-"`
	// Unreadable is why Stripe's answer cannot be read, "" where it can. All but the
	// id is empty then.
	Unreadable string `json:"-"`
}

// Feature is one line of a product's feature list.
type Feature struct {
	Name string `json:"name"`
}

// PackageDimensions are in inches and ounces.
type PackageDimensions struct {
	Height Decimal `json:"height"`
	Length Decimal `json:"length"`
	Weight Decimal `json:"weight"`
	Width  Decimal `json:"width"`
}
