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
