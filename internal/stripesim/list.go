package stripesim

import (
	"maps"
	"net/http"
	"strconv"
)

// Stripe's documented page sizes.
const (
	defaultLimit = 10
	maxLimit     = 100
)

type list struct {
	Object  string `json:"object"`
	Data    any    `json:"data"`
	HasMore bool   `json:"has_more"`
	URL     string `json:"url"`
}

// listParams adds what every list takes.
func listParams(own params) params {
	all := params{"limit": integer(), "starting_after": name(5000), "ending_before": name(5000)}
	maps.Copy(all, own)
	return all
}

// createdParam is a time or a range of times; see created.
func createdParam() param { return param{kind: kindTime} }

var rangeParams = params{"gt": integer(), "gte": integer(), "lt": integer(), "lte": integer()}

// created reads the filter by time of creation.
func (in input) created() func(int64) bool { return in.during("created") }

// during reads a filter by time.
func (in input) during(name string) func(int64) bool {
	filter := in.object(name)
	if filter.n.leaf {
		at := *in.integer(name)
		return func(created int64) bool { return created == at }
	}
	gt, gte, lt, lte := filter.integer("gt"), filter.integer("gte"), filter.integer("lt"), filter.integer("lte")
	return func(created int64) bool {
		return (gt == nil || created > *gt) && (gte == nil || created >= *gte) &&
			(lt == nil || created < *lt) && (lte == nil || created <= *lte)
	}
}

// listOf answers one page of the source. Cursors are looked up among all of
// the collection, since they need not match the filter.
func listOf[T any](o *op, all *collection[T], source ordered[T], noun string, match func(*T) bool, render func(*T, expansion) any) (any, *apiError) {
	if o.fault.is(Endless) && len(source) > 0 {
		return oneMore(o, source, render), nil
	}
	at, err := cursorOf(o, all, noun)
	if err != nil {
		return nil, err
	}
	stuck := o.fault.is(Stuck)
	if stuck {
		at.after = nil
	}
	page, more := shown(source, o.fault).page(at, match)
	data := make([]any, 0, len(page))
	for _, value := range page {
		data = append(data, render(value, o.expand["data"]))
	}
	return list{Object: "list", Data: data, HasMore: more || stuck && len(data) > 0, URL: o.route.template}, nil
}

func cursorOf[T any](o *op, all *collection[T], noun string) (cursor[T], *apiError) {
	at := cursor[T]{limit: defaultLimit}
	if limit := o.in.integer("limit"); limit != nil {
		switch {
		case *limit < 1:
			return at, invalid("parameter_invalid_integer", "limit", "This value must be greater than or equal to 1 (it currently is '%d').", *limit)
		case *limit > maxLimit:
			return at, invalid("parameter_invalid_integer", "limit", "This value must be less than or equal to %d (it currently is '%d').", maxLimit, *limit)
		}
		at.limit = int(*limit)
	}
	if o.in.has("starting_after") && o.in.has("ending_before") {
		return at, exclusiveParams("ending_before", "starting_after")
	}
	for param, end := range map[string]**entry[T]{"starting_after": &at.after, "ending_before": &at.before} {
		if !o.in.has(param) {
			continue
		}
		e, ok := all.byID[o.in.text(param)]
		if !ok {
			return at, o.missing(http.StatusBadRequest, noun, o.in.text(param), param)
		}
		*end = e
	}
	return at, nil
}

// checkTime takes a plain time or a range.
func checkTime(path string, n *node) *apiError {
	if !n.leaf {
		return rangeParams.check(path, n)
	}
	if _, err := strconv.ParseInt(n.text, 10, 64); err != nil {
		return invalid("parameter_invalid_integer", path, "Invalid integer: %s", n.text)
	}
	return nil
}

// filter is one optional condition; absent parameters match everything.
func (in input) filter(name string, has func(value string) bool) bool {
	return !in.has(name) || has(in.text(name))
}
