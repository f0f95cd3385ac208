package stripesim

import (
	"slices"
	"strings"
)

// What Stripe keeps of a charge: 2.9 % and 30 of the smallest unit, in whatever
// currency, rounded half up; of a dispute 1500. Real accounts differ.
const (
	feePerMille = 29
	feeFixed    = 30
	disputeFee  = 1500
	// disputeFeeReturned goes back with the money of a dispute that is won; unverified.
	disputeFeeReturned = 0
)

// availableAfter is how many seconds the money of a charge takes to be available
// for payouts: two days.
const availableAfter = 2 * 24 * 3600

// maxAmount is eight digits, as Stripe documents.
const maxAmount = 99_999_999

// Texts of refused amounts, unverified but for their codes.
const (
	textTooSmall   = "Amount must be at least %d %s in the smallest unit"
	textTooLarge   = "Amount must be no more than %d %s in the smallest unit"
	textIndivisble = "Invalid amount: amounts in %s must be divisible by %d"
	textPositive   = "This value must be greater than or equal to 1."
)

func chargeFee(amount int64) int64 { return (amount*feePerMille+500)/1000 + feeFixed }

// minimums are the smallest amounts that Stripe charges, in the smallest unit.
var minimums = map[string]int64{
	"aed": 200, "bgn": 100, "czk": 1500, "dkk": 250, "gbp": 30, "hkd": 400, "huf": 17500, "mxn": 1000, "myr": 200,
	"nok": 300, "pln": 200, "ron": 200, "sek": 300, "thb": 1000,
}

// otherMinimum holds for the currencies that are not in minimums. For dollars, euros
// and a dozen more it is documented, for the rest unverified: Stripe converts.
const otherMinimum = 50

func minimumOf(currency string) int64 {
	if m, ok := minimums[currency]; ok {
		return m
	}
	return otherMinimum
}

// hundreds end in 00 though they have two decimals; that UGX is one of them is
// unverified. tens have three decimals and end in 0.
var (
	hundreds = strings.Fields("isk ugx")
	tens     = strings.Fields("bhd jod kwd omr tnd")
)

func divisorOf(currency string) int64 {
	switch {
	case slices.Contains(hundreds, currency):
		return 100
	case slices.Contains(tens, currency):
		return 10
	default:
		return 1
	}
}

// checkAmount holds the amount of a payment to the limits of its currency.
func checkAmount(param, currency string, amount int64) *apiError {
	switch upper := strings.ToUpper(currency); {
	case amount < 1:
		return invalid("parameter_invalid_integer", param, textPositive)
	case amount < minimumOf(currency):
		return invalid("amount_too_small", param, textTooSmall, minimumOf(currency), upper)
	case amount > maxAmount:
		return invalid("amount_too_large", param, textTooLarge, maxAmount, upper)
	case amount%divisorOf(currency) != 0:
		return invalid("parameter_invalid_integer", param, textIndivisble, upper, divisorOf(currency))
	}
	return nil
}
