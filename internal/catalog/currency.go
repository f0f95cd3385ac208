package catalog

// MinorDigits tells how many digits of an amount lie behind the decimal point:
// 2 for most currencies, 0 for those that Stripe charges in whole units, 3 for a
// few. Source: Stripe's list of zero- and three-decimal currencies.
func MinorDigits(currency string) int {
	switch currency {
	case "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf":
		return 0
	case "bhd", "jod", "kwd", "omr", "tnd":
		return 3
	default:
		return 2
	}
}

// ChargeStep is the amount of which every charge must be a multiple, in the smallest
// unit. In currencies of three decimals the card networks want the last one to be zero;
// two currencies have no coins any more and are still written with two decimals.
func ChargeStep(currency string) int64 {
	switch {
	case MinorDigits(currency) == 3:
		return 10
	case currency == "isk" || currency == "ugx":
		return 100
	}
	return 1
}

// MinCharge is the lowest amount that Stripe charges where an account settles in the
// currency, in the smallest unit. Where Stripe names none it is the lowest that there is.
func MinCharge(currency string) int64 {
	if least, named := minCharges[currency]; named {
		return least
	}
	return ChargeStep(currency)
}

var minCharges = map[string]int64{
	"usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500,
	"dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000,
	"myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}
