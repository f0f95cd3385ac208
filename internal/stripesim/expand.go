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
	targetIntent
	targetCharge
	targetSession
	targetItem
	targetRefund
	targetDispute
	targetTransaction
	targetPayout
	targetProductList // and the lists
	targetPriceList
	targetCouponList
	targetIntentList
	targetChargeList
	targetSessionList
	targetItemList
	targetRefundList
	targetDisputeList
	targetTransactionList
	targetPayoutList
	targetPlainList
)

// expansions are the names that each kind of answer can expand, and into what.
var expansions = map[target]map[string]target{
	targetProduct:         {"default_price": targetPrice, "tax_code": targetLeaf},
	targetPrice:           {"product": targetProduct, "tiers": targetLeaf, "currency_options": targetCurrencies},
	targetCurrency:        {"tiers": targetLeaf},
	targetCoupon:          {"applies_to": targetLeaf, "currency_options": targetLeaf},
	targetIntent:          {"latest_charge": targetCharge},
	targetCharge:          {"balance_transaction": targetTransaction, "failure_balance_transaction": targetTransaction, "payment_intent": targetIntent},
	targetSession:         {"payment_intent": targetIntent, "line_items": targetItemList},
	targetItem:            {"price": targetPrice},
	targetRefund:          {"balance_transaction": targetTransaction, "failure_balance_transaction": targetTransaction, "charge": targetCharge, "payment_intent": targetIntent},
	targetDispute:         {"charge": targetCharge, "payment_intent": targetIntent},
	targetTransaction:     {"source": targetLeaf},
	targetPayout:          {"balance_transaction": targetTransaction, "failure_balance_transaction": targetTransaction},
	targetProductList:     {"data": targetProduct},
	targetPriceList:       {"data": targetPrice},
	targetCouponList:      {"data": targetCoupon},
	targetIntentList:      {"data": targetIntent},
	targetChargeList:      {"data": targetCharge},
	targetSessionList:     {"data": targetSession},
	targetItemList:        {"data": targetItem},
	targetRefundList:      {"data": targetRefund},
	targetDisputeList:     {"data": targetDispute},
	targetTransactionList: {"data": targetTransaction},
	targetPayoutList:      {"data": targetPayout},
	targetPlainList:       {"data": targetLeaf},
}

func (t target) expandable(name string) (target, bool) {
	if t == targetCurrencies { // any currency
		return targetCurrency, true
	}
	into, ok := expansions[t][name]
	return into, ok
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
