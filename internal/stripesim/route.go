package stripesim

import (
	"net/url"
	"slices"
	"strings"
)

// route is one endpoint of Stripe.
type route struct {
	method   string
	template string // /v1/products/{id}
	resource string // what a restricted key has rights on
	params   params
	answers  target // what the answer is, for expansion
	run      func(*op) (any, *apiError)
}

// endpoint names what Stripe limits: method and path template.
func (r *route) endpoint() string { return r.method + " " + r.template }

var routes = indexRoutes(slices.Concat(
	productRoutes(), priceRoutes(), couponRoutes(), webhookRoutes(), accountRoutes(), eventRoutes(),
))

// indexRoutes lets every endpoint take expand.
func indexRoutes(all []*route) map[string]*route {
	index := map[string]*route{}
	for _, r := range all {
		if r.params == nil {
			r.params = params{}
		}
		r.params["expand"] = array(name(5000), 0)
		index[r.endpoint()] = r
	}
	return index
}

// findRoute returns the endpoint and the id in the path, nil if there is none.
func findRoute(method, path string) (*route, string) {
	if r, ok := routes[method+" "+path]; ok {
		return r, ""
	}
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return nil, ""
	}
	id, err := url.PathUnescape(path[i+1:])
	if err != nil || id == "" {
		return nil, ""
	}
	return routes[method+" "+path[:i]+"/{id}"], id
}
