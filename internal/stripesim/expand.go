package stripesim

import "strings"

// maxExpandDepth is documented by Stripe.
const maxExpandDepth = 4

// expansion is the tree of expanded names; an absent name is not expanded.
type expansion map[string]expansion

func (x expansion) has(name string) bool {
	_, ok := x[name]
	return ok
}

// target is what an answer is made of, as far as expansion can reach.
type target int

const (
	targetLeaf target = iota
	targetProduct
	targetPrice
	targetCurrencies // by currency
	targetCurrency
	targetCoupon
	targetProductList
	targetPriceList
	targetCouponList
	targetPlainList
)

// expandable lists the names that each kind of answer can expand.
func (t target) expandable(name string) (target, bool) {
	switch t {
	case targetProduct:
		switch name {
		case "default_price":
			return targetPrice, true
		case "tax_code":
			return targetLeaf, true
		}
	case targetPrice:
		switch name {
		case "product":
			return targetProduct, true
		case "tiers":
			return targetLeaf, true
		case "currency_options":
			return targetCurrencies, true
		}
	case targetCurrencies:
		return targetCurrency, true
	case targetCurrency:
		return targetLeaf, name == "tiers"
	case targetCoupon:
		return targetLeaf, name == "applies_to" || name == "currency_options"
	}
	return t.element(name)
}

func (t target) element(name string) (target, bool) {
	if name != "data" {
		return targetLeaf, false
	}
	switch t {
	case targetProductList:
		return targetProduct, true
	case targetPriceList:
		return targetPrice, true
	case targetCouponList:
		return targetCoupon, true
	default:
		return targetLeaf, t == targetPlainList
	}
}

// textExpandDepth is unverified.
const textExpandDepth = "You cannot expand more than %d levels of a property (%s)."

func parseExpand(paths []string, answers target) (expansion, *apiError) {
	root := expansion{}
	for _, path := range paths {
		names := strings.Split(path, ".")
		if len(names) > maxExpandDepth {
			return nil, invalid("", "expand", textExpandDepth, maxExpandDepth, path)
		}
		x, t := root, answers
		for _, name := range names {
			next, ok := t.expandable(name)
			if !ok {
				return nil, cannotExpand(path, answers)
			}
			t = next
			if x[name] == nil {
				x[name] = expansion{}
			}
			x = x[name]
		}
	}
	return root, nil
}

func cannotExpand(path string, answers target) *apiError {
	hint := ""
	if answers >= targetProductList && !strings.HasPrefix(path, "data.") {
		hint = " You may want to try expanding 'data." + path + "' instead."
	}
	return invalid("", "expand", "This property cannot be expanded (%s).%s", path, hint)
}
