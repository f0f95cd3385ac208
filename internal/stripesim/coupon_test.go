package stripesim_test

import (
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

func TestCoupons(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	b := bench{simtest.StartWith(t, stripesim.Config{Now: func() time.Time { return now }}), t}
	b.product("plan")
	a := b.ok("POST", "/v1/coupons", "id=SPRING&percent_off=33.333333&duration=repeating&duration_in_months=3&name=Spring&max_redemptions=5"+
		"&redeem_by=1700000100&applies_to[products][]=plan&metadata[a]=b")
	a.wants(t, "id", "SPRING", "percent_off", "33.333333", "duration_in_months", "3", "name", "Spring", "max_redemptions", "5",
		"times_redeemed", "0", "valid", "true", "amount_off", "<nil>", "currency", "<nil>", "metadata.a", "b")
	if a.has("applies_to") || a.has("currency_options") {
		t.Error("expandable properties are there unasked")
	}
	b.ok("GET", "/v1/coupons/SPRING?expand[]=applies_to", "").wants(t, "applies_to.products.0", "plan")
	b.refused(400, "POST", "/v1/coupons", "id=SPRING&percent_off=5", "code", "resource_already_exists", "message", "Coupon already exists.")
	b.Sim.Advance(100 * time.Second)
	b.ok("GET", "/v1/coupons?expand[]=data.applies_to", "").wants(t, "data.0.valid", "false", "data.0.applies_to.products.0", "plan")

	id := b.ok("POST", "/v1/coupons", "amount_off=500&currency=usd&currency_options[eur][amount_off]=450").get("id")
	b.ok("POST", "/v1/coupons/"+id, "name=Five&currency_options[gbp][amount_off]=400&expand[]=currency_options").wants(t, "name", "Five",
		"duration", "once", "currency_options", "map[eur:map[amount_off:450] gbp:map[amount_off:400] usd:map[amount_off:500]]")
	b.ok("POST", "/v1/coupons/"+id, "name=&metadata=").wants(t, "name", "<nil>")
	b.refused(400, "POST", "/v1/coupons/"+id, "amount_off=5", "code", "parameter_unknown")
	b.ok("DELETE", "/v1/coupons/"+id, "").wants(t, "deleted", "true", "object", "coupon")
	b.refused(404, "GET", "/v1/coupons/"+id, "", "param", "coupon", "message", "No such coupon: '"+id+"'")
}

func TestCouponIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for form, param := range map[string]string{
		"duration=once":                            "percent_off",
		"percent_off=5&amount_off=5":               "percent_off",
		"percent_off=0":                            "percent_off",
		"percent_off=100.5":                        "percent_off",
		"percent_off=five":                         "percent_off",
		"amount_off=5":                             "currency",
		"amount_off=0&currency=usd":                "amount_off",
		"percent_off=5&duration=repeating":         "duration_in_months",
		"percent_off=5&redeem_by=1":                "redeem_by",
		"percent_off=5&applies_to[products][]=nil": "applies_to[products][0]",
		"percent_off=5&name=12345678901234567890123456789012345678901": "name",
	} {
		b.refused(400, "POST", "/v1/coupons", form, "param", param)
	}
}
