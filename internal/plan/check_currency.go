package plan

import (
	"math/big"
	"strings"
)

// What follows is from docs.stripe.com/currencies. Where that page leaves room,
// these tables take the wider reading: Stripe itself refuses the rest in test.

// currencies are the codes that Stripe takes or has taken.
var currencies = strings.Fields(`
	aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd btn bwp byn byr bzd
	cad cdf chf clp cny cop crc cve czk djf dkk dop dzd eek egp etb eur fjd fkp gbp gel ghs gip gmd gnf gtq
	gyd hkd hnl hrk htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl
	ltl lvl mad mdl mga mkd mmk mnt mop mro mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk
	php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sll sos srd ssp std stn svc szl thb tjs
	tnd top try ttd twd tzs uah ugx usd usdb usdc usdg uyu uzs vef ves vnd vuv wst xaf xcd xcg xof xpf yer
	zar zmw`)

// maxAmount is the highest amount that Stripe charges, by its number of digits.
func maxAmount(currency string) *big.Rat {
	limit := int64(99_999_999)
	switch currency {
	case "inr":
		limit = 999_999_999
	case "jpy":
		limit = 9_999_999_999
	case "cop", "huf", "idr":
		limit = 999_999_999_999
	case "lbp":
		limit = 99_999_999_999_999
	}
	return new(big.Rat).SetInt64(limit)
}
