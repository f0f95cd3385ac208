package stripesim_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestProductKeepsEveryField(t *testing.T) {
	t.Parallel()
	b := setup(t)
	form := "id=prod_own&name=Plan&active=false&description=D&url=https://a.example&unit_label=seat&statement_descriptor=PLAN" +
		"&tax_code=txcd_10000000&shippable=true&images[]=https://a.example/1.png&images[1]=https://a.example/2.png"
	b.refused(400, "POST", "/v1/products", form, "message", "Invalid array", "param", "images")
	form = strings.Replace(form, "images[]", "images[0]", 1) +
		"&features[0][name]=Fast&features[1][name]=Good&metadata[a]=1&metadata[b]=2" +
		"&package_dimensions[height]=1.50&package_dimensions[length]=2&package_dimensions[weight]=0.25&package_dimensions[width]=4"
	want := []string{
		"id", "prod_own", "object", "product", "name", "Plan", "active", "false", "description", "D", "url", "https://a.example",
		"unit_label", "seat", "statement_descriptor", "PLAN", "tax_code", "txcd_10000000", "shippable", "true",
		"images.1", "https://a.example/2.png", "features.1.name", "Good", "metadata.b", "2", "package_dimensions.height", "1.5",
		"package_dimensions.weight", "0.25", "default_price", "<nil>", "livemode", "false",
	}
	b.ok("POST", "/v1/products", form).wants(t, want...)
	b.ok("GET", "/v1/products/prod_own", "").wants(t, want...)

	cleared := "description=&url=&unit_label=&statement_descriptor=&tax_code=&images=&features=&package_dimensions=&metadata=&active=true"
	a := b.ok("POST", "/v1/products/prod_own", cleared)
	a.wants(t, "description", "<nil>", "url", "<nil>", "unit_label", "<nil>", "statement_descriptor", "<nil>", "tax_code", "<nil>",
		"images", "[]", "features", "[]", "package_dimensions", "<nil>", "metadata", "map[]", "name", "Plan", "shippable", "true", "active", "true")
}

func TestProductIDIsUniquePerMode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("prod_own")
	b.refused(400, "POST", "/v1/products", "name=x&id=prod_own", "code", "resource_already_exists", "message", "Product already exists.")
	b.must("GET", "/v1/products/prod_own", "", b.live()).isRefusal(t, 404, "code", "resource_missing", "param", "id",
		"message", "No such product: 'prod_own'; a similar object exists in test mode, but a live mode key was used to make this request.")
	b.ok("POST", "/v1/products", "name=x&id=prod_own", b.live()).wants(t, "livemode", "true")
	b.refused(404, "GET", "/v1/products/prod_none", "", "message", "No such product: 'prod_none'")
	if id := b.ok("POST", "/v1/products", "name=x").get("id"); len(id) != len("prod_")+14 {
		t.Errorf("made-up id is %q", id)
	}
}

func TestMetadataIsMergedByKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ok("POST", "/v1/products", "id=p&name=x&metadata[a]=1&metadata[b]=2")
	b.ok("POST", "/v1/products/p", "metadata[b]=&metadata[c]=3&metadata[7]=8").wants(t, "metadata", "map[7:8 a:1 c:3]")
	b.ok("POST", "/v1/products/p", "metadata=").wants(t, "metadata", "map[]")
	many := ""
	for i := range 51 {
		many += fmt.Sprintf("&metadata[key%d]=v", i)
	}
	b.refused(400, "POST", "/v1/products", "name=x"+many, "message", "up to 50 keys")
	b.refused(400, "POST", "/v1/products", "name=x&metadata["+strings.Repeat("k", 41)+"]=v", "message", "up to 40 characters")
	b.refused(400, "POST", "/v1/products", "name=x&metadata[k]="+strings.Repeat("v", 501), "message", "up to 500 characters")
	b.ok("POST", "/v1/products", "name=x&metadata["+strings.Repeat("é", 40)+"]="+strings.Repeat("日", 500))
}

func TestDefaultPriceIsAnActivePriceOfTheProduct(t *testing.T) {
	t.Parallel()
	b := setup(t)
	plan, other := b.product("plan"), b.product("other")
	first, second := b.price(plan, ""), b.price(plan, "")
	passive, foreign := b.price(plan, "active=false"), b.price(other, "")

	b.refused(400, "POST", "/v1/products/plan", "default_price="+passive, "param", "default_price", "message", "inactive")
	b.refused(400, "POST", "/v1/products/plan", "default_price="+foreign, "param", "default_price", "message", "does not belong")
	b.refused(400, "POST", "/v1/products/plan", "default_price=price_none", "code", "resource_missing", "param", "default_price")
	b.ok("POST", "/v1/products/plan", "default_price="+first).wants(t, "default_price", first)
	b.refused(400, "POST", "/v1/prices/"+first, "active=false", "param", "active",
		"message", "This price cannot be archived because it is the default price of its product.")
	b.ok("POST", "/v1/products/plan", "default_price="+second)
	b.ok("POST", "/v1/prices/"+first, "active=false").wants(t, "active", "false")
	b.ok("POST", "/v1/products/plan", "active=false").wants(t, "default_price", second)
	b.ok("POST", "/v1/products/plan", "default_price=").wants(t, "default_price", "<nil>")
	b.ok("POST", "/v1/prices/"+second, "active=false")
}

func TestDefaultPriceDataMakesAPrice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.ok("POST", "/v1/products", "name=x&default_price_data[currency]=usd&default_price_data[unit_amount]=500&expand[]=default_price")
	a.wants(t, "default_price.unit_amount", "500", "default_price.product", a.get("id"))
}

func TestProductWithPricesCantBeDeleted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("plan")
	b.price("plan", "active=false")
	b.refused(400, "DELETE", "/v1/products/plan", "", "code", "", "param", "",
		"message", "This product cannot be deleted because it has one or more user-created prices.")
	b.product("empty")
	b.ok("DELETE", "/v1/products/empty", "").wants(t, "id", "empty", "object", "product", "deleted", "true")
	b.refused(404, "GET", "/v1/products/empty", "")
	b.product("empty") // the id is free again
}

func TestParametersAreChecked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("plan")
	for _, c := range []struct{ path, form, code, param, message string }{
		{"/v1/products", "description=x", "parameter_missing", "name", "Missing required param: name."},
		{"/v1/products", "name=", "parameter_invalid_empty", "name", "You passed an empty string for 'name'."},
		{"/v1/products", "name=x&bogus=1", "parameter_unknown", "bogus", "Received unknown parameter: bogus"},
		{"/v1/products", "name=x&type=good", "parameter_unknown", "type", ""},
		{"/v1/products", "name=x&marketing_features[0][name]=y", "parameter_unknown", "marketing_features", ""},
		{"/v1/products", "name=x&active=yes", "", "active", "Invalid boolean: yes"},
		{"/v1/products", "name=x&features[0][title]=y", "parameter_unknown", "features[0][title]", ""},
		{"/v1/products", "name=x&features[0]=y", "", "features[0]", "Invalid object"},
		{"/v1/products", "name=x&images=https://a.example/b", "", "images", "Invalid array"},
		{"/v1/products", "name=x&" + strings.Repeat("images[]=https://a.example&", 9), "", "images", "maximum 8"},
		{"/v1/products", "name=x&package_dimensions[height]=1", "parameter_missing", "package_dimensions[length]", ""},
		{"/v1/products", "name=x&statement_descriptor=" + strings.Repeat("D", 23), "", "statement_descriptor", "at most 22"},
		{"/v1/products", "name=x&statement_descriptor=<b>", "", "statement_descriptor", "characters"},
		{"/v1/products", "name=x&statement_descriptor=12345", "", "statement_descriptor", "letter"},
		{"/v1/products", "name=x&unit_label=" + strings.Repeat("u", 13), "", "unit_label", "at most 12"},
		{"/v1/products", "name=x&tax_code=food", "", "tax_code", ""},
		{"/v1/products", "name=x&url=harbour", "url_invalid", "url", "Not a valid URL"},
		{"/v1/products", "name[a]=x", "", "name", "Invalid string"},
		{"/v1/products", "name=x&name[a]=x", "", "name[a]", "conflicting"},
		{"/v1/products", "name=%zz", "", "", "not form-encoded"},
		{"/v1/prices", "currency=usd&product=plan&unit_amount=1.5", "parameter_invalid_integer", "unit_amount", "Invalid integer: 1.5"},
		{"/v1/prices", "currency=usd&product=plan&unit_amount=5&recurring[interval]=eon", "", "recurring[interval]", "must be one of day, month, week, or year"},
		{"/v1/prices", "currency=usd&product=plan&unit_amount=5&recurring[interval_count]=2", "parameter_missing", "recurring[interval]", ""},
		{"/v1/prices", "currency=usd&product=plan&unit_amount=5&recurring[interval]=month&recurring[meter]=m", "parameter_unknown", "recurring[meter]", ""},
	} {
		a := b.refused(400, "POST", c.path, c.form, "type", "invalid_request_error", "code", c.code, "param", c.param)
		if !strings.Contains(a.get("error.message"), c.message) {
			t.Errorf("%s: message is %q, want %q", c.form, a.get("error.message"), c.message)
		}
	}
	a := b.must("POST", "/v1/products", `{"name":"x"}`, header("Content-Type", "application/json"))
	a.isRefusal(t, 400, "message", "form-encoded")
	a.wants(t, "error.doc_url", "<nil>")
	b.refused(400, "POST", "/v1/products", "", "doc_url", "https://stripe.com/docs/error-codes/parameter-missing")
	b.ok("POST", "/v1/products", "name="+url.QueryEscape("ünï & co = [50%]")).wants(t, "name", "ünï & co = [50%]")
}
