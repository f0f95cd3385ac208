package stripegw

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/ledger"
)

func TestMask(t *testing.T) {
	t.Parallel()
	const odd = "oddly-shaped-key-of-a-stand-in"
	for message, want := range map[string]string{
		"key rk_live_abcdefghijklmnopqrst is no good": "key rk_live_****qrst is no good",
		"'sk_test_short'":                                                   "'sk_test_****'",
		"masked by Stripe: sk_live_****abcd":                                "masked by Stripe: sk_live_****abcd",
		"whsec_0123456789abcdef0123456789":                                  "whsec_****6789",
		"pk_test_aaaaaaaaaaaaaaaaaaaa1 twice pk_test_aaaaaaaaaaaaaaaaaaaa2": "pk_test_****aaa1 twice pk_test_****aaa2",
		"Invalid email address: jane.doe@example":                           "Invalid email address: j…@example",
		"`jane@example.com`, it says.":                                      "`j…@example.com`, it says.",
		"a " + odd + " b":                                                   "a ****d-in b",
	} {
		if got := mask(message, odd); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWhyAPaymentFailedQuotesNobody(t *testing.T) {
	t.Parallel()
	i := &ledger.Intent{LastPaymentError: &ledger.PaymentError{Message: "Invalid email address: ada@shop.example"}}
	quoteNobody(i)
	if got := i.LastPaymentError.Message; strings.Contains(got, "ada@shop.example") || !strings.Contains(got, "Invalid email address") {
		t.Errorf("%q", got)
	}
	quoteNobody(&ledger.Intent{})
	quoteNobody(nil)
}
