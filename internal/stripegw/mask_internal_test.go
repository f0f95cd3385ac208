package stripegw

import "testing"

func TestMask(t *testing.T) {
	t.Parallel()
	const odd = "oddly-shaped-key-of-a-stand-in"
	for message, want := range map[string]string{
		"key rk_live_abcdefghijklmnopqrst is no good": "key rk_live_****qrst is no good",
		"'sk_test_short'":                                                   "'sk_test_****'",
		"masked by Stripe: sk_live_****abcd":                                "masked by Stripe: sk_live_****abcd",
		"whsec_0123456789abcdef0123456789":                                  "whsec_****6789",
		"pk_test_aaaaaaaaaaaaaaaaaaaa1 twice pk_test_aaaaaaaaaaaaaaaaaaaa2": "pk_test_****aaa1 twice pk_test_****aaa2",
		"a " + odd + " b":                                                   "a ****d-in b",
	} {
		if got := mask(message, odd); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
