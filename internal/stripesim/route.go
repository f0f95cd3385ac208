package stripesim

import (
	"net/url"
	"slices"
	"strings"
)

// route is one endpoint of Stripe.
type route struct {
	method   string
	template string // /v1/products/{id}, or /v1/products/{id}/verb
	resource string // what a restricted key has rights on
	params   params
	answers  target // what the answer is, for expansion
	run      func(*op) (any, *apiError)
}

// endpoint names what Stripe limits: method and path template.
func (r *route) endpoint() string { return r.method + " " + r.template }

var routes = indexRoutes(slices.Concat(
	productRoutes(), priceRoutes(), couponRoutes(), webhookRoutes(), accountRoutes(), eventRoutes(),
	intentRoutes(), chargeRoutes(), sessionRoutes(), refundRoutes(), disputeRoutes(), balanceRoutes(), payoutRoutes(),
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
	if parent, id := cutLast(path); id != "" {
		if r, ok := routes[method+" "+parent+"/{id}"]; ok {
			return r, id
		}
	}
	path, verb := cutLast(path)
	parent, id := cutLast(path)
	if id == "" || verb == "" {
		return nil, ""
	}
	return routes[method+" "+parent+"/{id}/"+verb], id
}

// cutLast cuts the last segment off a path; it is empty if it can't be read.
func cutLast(path string) (parent, last string) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", ""
	}
	last, _ = url.PathUnescape(path[i+1:])
	return path[:i], last
}
