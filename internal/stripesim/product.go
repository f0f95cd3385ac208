package stripesim

import (
	"encoding/json"
	"net/http"
)

type product struct {
	ID                  string             `json:"id"`
	Object              string             `json:"object"`
	Active              bool               `json:"active"`
	Created             int64              `json:"created"`
	DefaultPrice        ref                `json:"default_price"`
	Description         *string            `json:"description"`
	Features            []feature          `json:"features"`
	Images              []string           `json:"images"`
	Livemode            bool               `json:"livemode"`
	Metadata            map[string]string  `json:"metadata"`
	Name                string             `json:"name"`
	PackageDimensions   *packageDimensions `json:"package_dimensions"`
	Shippable           *bool              `json:"shippable"`
	StatementDescriptor *string            `json:"statement_descriptor"`
	TaxCode             ref                `json:"tax_code"`
	UnitLabel           *string            `json:"unit_label"`
	Updated             int64              `json:"updated"`
	URL                 *string            `json:"url"`
}

type feature struct {
	Name string `json:"name"`
}

// packageDimensions are inches and ounces.
type packageDimensions struct {
	Height json.Number `json:"height"`
	Length json.Number `json:"length"`
	Weight json.Number `json:"weight"`
	Width  json.Number `json:"width"`
}

type taxCode struct {
	ID          string `json:"id"`
	Object      string `json:"object"`
	Description string `json:"description"`
	Name        string `json:"name"`
}

type deleted struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Deleted bool   `json:"deleted"`
}

func productRoutes() []*route {
	return []*route{
		{
			method: "GET", template: "/v1/products", resource: "products", answers: targetProductList, run: listProducts,
			params: listParams(params{
				"active": boolean(), "created": createdParam(), "ids": array(name(5000), 0),
				"shippable": boolean(), "url": name(5000),
			}),
		},
		{method: "POST", template: "/v1/products", resource: "products", answers: targetProduct, run: createProduct, params: productCreateParams()},
		{method: "GET", template: "/v1/products/{id}", resource: "products", answers: targetProduct, run: getProduct},
		{method: "POST", template: "/v1/products/{id}", resource: "products", answers: targetProduct, run: updateProduct, params: productUpdateParams()},
		{method: "DELETE", template: "/v1/products/{id}", resource: "products", run: deleteProduct},
	}
}

// render fills in what the request expands.
func (st *store) renderProduct(p *product, x expansion) any {
	v := *p
	if x.has("default_price") && v.DefaultPrice.id != "" {
		if def, ok := st.prices.get(v.DefaultPrice.id); ok {
			v.DefaultPrice.object = st.renderPrice(def, x["default_price"])
		}
	}
	if x.has("tax_code") && v.TaxCode.id != "" {
		v.TaxCode.object = taxCode{ID: v.TaxCode.id, Object: "tax_code", Name: v.TaxCode.id}
	}
	return v
}

// findProduct resolves the path's own id.
func (o *op) findProduct() (*product, *apiError) {
	p, ok := o.products.get(o.pathID)
	if !ok {
		return nil, o.missing(http.StatusNotFound, nounProduct, o.pathID, "id")
	}
	return p, nil
}

func getProduct(o *op) (any, *apiError) {
	p, err := o.findProduct()
	if err != nil {
		return nil, err
	}
	return o.renderProduct(p, o.expand), nil
}

func listProducts(o *op) (any, *apiError) {
	created := o.in.created()
	source := o.products.all
	if o.in.has("ids") {
		source = o.products.subset(o.in.texts("ids"))
	}
	return listOf(o, o.products, source, nounProduct, func(p *product) bool {
		return created(p.Created) &&
			o.in.filter("active", func(v string) bool { return p.Active == (v == "true") }) &&
			o.in.filter("shippable", func(v string) bool { return p.Shippable != nil && *p.Shippable == (v == "true") }) &&
			o.in.filter("url", func(v string) bool { return p.URL != nil && *p.URL == v })
	}, o.renderProduct)
}

func deleteProduct(o *op) (any, *apiError) {
	p, err := o.findProduct()
	if err != nil {
		return nil, err
	}
	if prices := o.byProduct[p.ID]; prices != nil && len(*prices) > 0 {
		return nil, refused("", "This product cannot be deleted because it has one or more user-created prices.")
	}
	o.products.remove(p.ID)
	gone := *p
	gone.Active = false
	o.emit("product.deleted", gone, nil)
	return deleted{ID: p.ID, Object: "product", Deleted: true}, nil
}
