package stripesim

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// method is how a payer's payment method behaves.
type method struct {
	// name is Stripe's of a test payment method, such as pm_card_visa.
	name        string
	typ         string // card or sepa_debit
	brand       string
	last4       string
	code        string // of the failure
	declineCode string
	message     string
	// blocked charges never reached the bank.
	blocked bool
	// asks for 3-D Secure.
	asks bool
	// disputed is the reason of the dispute that follows; inquiry is one without money.
	disputed string
	inquiry  bool
	// refunds begin so.
	refunds string
	// refundFails takes back refunds that have succeeded.
	refundFails bool
	// available at once, instead of after two days.
	available bool
	// settles is what becomes of a debit by itself after debitSettles; empty is nothing.
	settles string
}

// What a method does with refunds and debits later on.
const (
	succeeds = "succeeded"
	fails    = "failed"
)

// The seconds after which things happen by themselves, by the simulator's clock. That
// of debits is documented for the IBANs, that of refunds is unverified.
const (
	debitSettles  = 3 * 60
	refundSettles = 60
)

// Names of payers' methods that are no test payment methods of Stripe's API.
const (
	// SEPA is a debit that succeeds or fails by Settle, however long it takes.
	SEPA = "sepa"
	// Card is the card of the simulator's own customer, in live as in test.
	Card = "card"
)

const (
	messageDeclined = "Your card was declined."
	messageDebit    = "The customer's bank account could not be debited."
)

// methods by name. Stripe's SEPA takes euros only; here it takes every currency, so
// that delayed payments can be tried in each.
var methods = indexMethods(
	visa(Card, "4242"),
	visa("pm_card_visa", "4242"),
	method{name: "pm_card_mastercard", brand: "mastercard", last4: "4444"},
	method{name: "pm_card_amex", brand: "amex", last4: "8431"},
	declining("pm_card_visa_chargeDeclined", "0002", "card_declined", "generic_decline", messageDeclined),
	declining("pm_card_chargeDeclined", "0002", "card_declined", "generic_decline", messageDeclined),
	declining("pm_card_visa_chargeDeclinedInsufficientFunds", "9995", "card_declined", "insufficient_funds", "Your card has insufficient funds."),
	declining("pm_card_chargeDeclinedInsufficientFunds", "9995", "card_declined", "insufficient_funds", "Your card has insufficient funds."),
	declining("pm_card_visa_chargeDeclinedLostCard", "9987", "card_declined", "lost_card", messageDeclined),
	declining("pm_card_chargeDeclinedExpiredCard", "0069", "expired_card", "", "Your card has expired."),
	declining("pm_card_chargeDeclinedIncorrectCvc", "0127", "incorrect_cvc", "", "Your card's security code is incorrect."),
	declining("pm_card_chargeDeclinedProcessingError", "0119", "processing_error", "", "An error occurred while processing your card. Try again in a little bit."),
	method{name: "pm_card_radarBlock", last4: "0019", code: "card_declined", declineCode: "fraudulent", message: messageDeclined, blocked: true},
	method{name: "pm_card_authenticationRequired", last4: "3184", asks: true},
	method{name: "pm_card_threeDSecure2Required", last4: "3220", asks: true},
	method{name: "pm_card_createDispute", last4: "0259", disputed: "fraudulent"},
	method{name: "pm_card_createDisputeProductNotReceived", last4: "2685", disputed: "product_not_received"},
	method{name: "pm_card_createDisputeInquiry", last4: "1976", disputed: "fraudulent", inquiry: true},
	method{name: "pm_card_pendingRefund", last4: "7726", refunds: statusPending},
	method{name: "pm_card_refundFail", last4: "5126", refundFails: true},
	method{name: "pm_card_bypassPending", last4: "0077", available: true},
	debit(SEPA, "3000", ""),
	debit("AT321904300235473204", "3204", succeeds),
	debit("AT051904300235473205", "3205", fails),
)

func visa(name, last4 string) method { return method{name: name, last4: last4} }

func declining(name, last4, code, declineCode, message string) method {
	return method{name: name, last4: last4, code: code, declineCode: declineCode, message: message}
}

// debit succeeds later, if at all, and so do its refunds.
func debit(name, last4, settles string) method {
	return method{name: name, typ: "sepa_debit", last4: last4, settles: settles, refunds: statusPending}
}

func indexMethods(all ...method) map[string]method {
	index := map[string]method{}
	for _, m := range all {
		m.typ = cmp.Or(m.typ, "card")
		m.brand = cmp.Or(m.brand, "visa")
		index[m.name] = m
	}
	return index
}

// Methods are the names that Pay takes.
func Methods() []string { return slices.Sorted(maps.Keys(methods)) }

// readMethod reads the payment method of a request: a test payment method by name, or
// a debit's data. A live key has neither.
func (o till) readMethod() (method, *apiError) {
	if o.in.has("payment_method_data") {
		return o.readDebit()
	}
	name := o.in.text("payment_method")
	m, ok := methods[name]
	if !ok || !strings.HasPrefix(name, "pm_") {
		return m, noSuch(400, nounMethod, name, "payment_method", "")
	}
	if o.mode == Live {
		return m, noSuch(400, nounMethod, name, "payment_method", hintTestObject)
	}
	return m, nil
}

const (
	hintTestObject = "; a similar object exists in test mode, but a live mode key was used to make this request."
	textTestIBAN   = "Your request was in live mode, but used a known test bank account."
	textIBAN       = "The IBAN %s is not one of the simulator's."
)

func (o till) readDebit() (method, *apiError) {
	const param = "payment_method_data[sepa_debit][iban]"
	iban := strings.ReplaceAll(o.in.object("payment_method_data").object("sepa_debit").text("iban"), " ", "")
	m, ok := methods[iban]
	switch {
	case iban == "":
		return m, missingParam(param)
	case !ok || m.typ != "sepa_debit":
		return m, invalid("invalid_bank_account_iban", param, textIBAN, iban)
	case o.mode == Live:
		return m, refused(param, textTestIBAN)
	}
	return m, nil
}

func methodDataParam() param {
	return object(params{
		"type": oneOf("sepa_debit").must(), "metadata": metadataParam(),
		"sepa_debit":      object(params{"iban": name(5000).must()}),
		"billing_details": object(params{"email": text(0), "name": text(5000), "phone": text(0)}),
	})
}
