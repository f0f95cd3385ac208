package stripesim

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Texts about products that Stripe does not document, unverified.
const (
	textDescriptor     = "The statement descriptor must contain at least one letter and may not include any of these characters: <, >, \\, ', \"."
	textURL            = "Not a valid URL"
	textTaxCode        = "Invalid tax code: %s"
	textDefaultForeign = "The price specified (%s) does not belong to the product %s, so it cannot be its default price."
	textDefaultPassive = "The price specified (%s) is inactive. The default price of a product must be active."
)

const (
	maxImages   = 8
	maxFeatures = 15
)

var taxCodePattern = regexp.MustCompile(`^txcd_\d{8}$`)

func productParams() params {
	return params{
		"active": boolean(), "description": text(40000), "metadata": metadataParam(), "shippable": boolean(),
		"features":             array(object(params{"name": name(80).must()}), maxFeatures),
		"images":               array(name(2048), maxImages),
		"package_dimensions":   object(params{"height": number().must(), "length": number().must(), "weight": number().must(), "width": number().must()}),
		"statement_descriptor": text(22), "tax_code": text(0), "unit_label": text(12), "url": text(2048),
	}
}

func productCreateParams() params {
	ps := productParams()
	ps["id"], ps["name"] = name(5000), name(5000).must()
	ps["default_price_data"] = object(params{
		"currency": name(0).must(), "currency_options": currencyOptionsParam(), "unit_amount": integer(), "unit_amount_decimal": decimal(),
		"recurring":    object(params{"interval": intervalParam().must(), "interval_count": integer()}),
		"tax_behavior": taxBehaviorParam(),
	})
	return ps
}

// productUpdateParams differ in what the empty string may clear.
func productUpdateParams() params {
	ps := productParams()
	ps["name"], ps["default_price"] = name(5000), text(5000)
	for _, clearable := range []string{"features", "images", "package_dimensions"} {
		ps[clearable] = ps[clearable].orEmpty()
	}
	return ps
}

func createProduct(o *op) (any, *apiError) {
	p, err := o.newProduct(o.in)
	if err != nil {
		return nil, err
	}
	if !o.in.has("default_price_data") {
		o.storeProduct(p)
		return o.renderProduct(p, o.expand), nil
	}
	def, err := o.newPrice(o.in.object("default_price_data"))
	if err != nil {
		return nil, err
	}
	def.Product.id = p.ID
	p.DefaultPrice.id = def.ID
	o.storeProduct(p)
	o.addPrice(def)
	o.emit("price.created", o.renderPrice(def, nil), nil)
	return o.renderProduct(p, o.expand), nil
}

func (o *op) storeProduct(p *product) {
	o.products.add(p.ID, p.Created, p)
	o.emit("product.created", *p, nil)
}

// newProduct makes a product from product parameters, or from a price's
// product_data, without storing it.
func (o *op) newProduct(in input) (*product, *apiError) {
	p := &product{
		ID: in.text("id"), Object: "product", Active: true, Created: o.created(), Updated: o.created(),
		Features: []feature{}, Images: []string{}, Livemode: o.mode == Live,
	}
	if err := o.applyProduct(p, in); err != nil {
		return nil, err
	}
	if p.ID == "" {
		p.ID = newID("prod_", 14)
	}
	if _, taken := o.products.get(p.ID); taken {
		err := refused("", "Product already exists.")
		err.code = "resource_already_exists"
		return nil, err
	}
	return p, nil
}

func updateProduct(o *op) (any, *apiError) {
	old, err := o.findProduct()
	if err != nil {
		return nil, err
	}
	p := *old
	if err := o.applyProduct(&p, o.in); err != nil {
		return nil, err
	}
	if err := o.applyDefaultPrice(&p); err != nil {
		return nil, err
	}
	if changed := changes(old, &p); changed != nil {
		p.Updated = o.created()
		o.products.replace(p.ID, &p)
		o.emit("product.updated", p, changes(old, &p))
	}
	return o.renderProduct(&p, o.expand), nil
}

// applyProduct sets every given field; p must not be stored yet.
func (o *op) applyProduct(p *product, in input) (err *apiError) {
	if p.Metadata, err = in.mergeMetadata(p.Metadata); err != nil {
		return err
	}
	if in.has("name") {
		p.Name = in.text("name")
	}
	in.setBool("active", &p.Active)
	in.setText("description", &p.Description)
	in.setText("unit_label", &p.UnitLabel)
	if in.has("shippable") {
		shippable := in.flag("shippable")
		p.Shippable = &shippable
	}
	if in.has("images") {
		p.Images = in.texts("images")
	}
	if in.has("features") {
		p.Features = []feature{}
		for _, f := range in.list("features") {
			p.Features = append(p.Features, feature{f.text("name")})
		}
	}
	if in.has("package_dimensions") {
		p.PackageDimensions = newPackageDimensions(in.object("package_dimensions"))
	}
	return applyChecked(p, in)
}

// applyChecked sets the fields whose text has rules of its own.
func applyChecked(p *product, in input) *apiError {
	if d := in.text("statement_descriptor"); d != "" {
		if strings.ContainsAny(d, `<>\'"`) || strings.IndexFunc(d, unicode.IsLetter) < 0 {
			return invalid("", "statement_descriptor", textDescriptor)
		}
	}
	if u := in.text("url"); u != "" && !strings.HasPrefix(u, "https://") && !strings.HasPrefix(u, "http://") {
		return invalid("url_invalid", "url", textURL)
	}
	if t := in.text("tax_code"); t != "" && !taxCodePattern.MatchString(t) {
		return invalid("", "tax_code", textTaxCode, t)
	}
	in.setText("statement_descriptor", &p.StatementDescriptor)
	in.setText("url", &p.URL)
	if in.has("tax_code") {
		p.TaxCode = ref{id: in.text("tax_code")}
	}
	return nil
}

// applyDefaultPrice moves the default to an active price of this product.
func (o *op) applyDefaultPrice(p *product) *apiError {
	if !o.in.has("default_price") {
		return nil
	}
	id := o.in.text("default_price")
	if id != "" {
		def, ok := o.prices.get(id)
		switch {
		case !ok:
			return o.missing(http.StatusBadRequest, nounPrice, id, "default_price")
		case def.Product.id != p.ID:
			return refused("default_price", textDefaultForeign, id, p.ID)
		case !def.Active:
			return refused("default_price", textDefaultPassive, id)
		}
	}
	p.DefaultPrice = ref{id: id}
	return nil
}

func newPackageDimensions(in input) *packageDimensions {
	if len(in.names()) == 0 {
		return nil
	}
	return &packageDimensions{Height: in.number("height"), Length: in.number("length"), Weight: in.number("weight"), Width: in.number("width")}
}

// number is a float of the shortest form, as Stripe answers it.
func (in input) number(name string) json.Number {
	f, _ := strconv.ParseFloat(in.text(name), 64)
	return json.Number(strconv.FormatFloat(f, 'f', -1, 64))
}
