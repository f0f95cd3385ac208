package plan_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// statusOf is what a check makes of healthy evidence with a change.
func statusOf(t *testing.T, check string, change func(*plan.Evidence)) plan.CheckStatus {
	t.Helper()
	e := healthy()
	change(&e)
	return resultOf(t, conclude(e), check).Status
}

// expect holds a check against words all of which shall have the same verdict.
func expect(t *testing.T, check string, want plan.CheckStatus, words []string, change func(string) func(*plan.Evidence)) {
	t.Helper()
	for _, word := range words {
		if got := statusOf(t, check, change(word)); got != want {
			t.Errorf("%s of %q is %s, want %s", check, word, got, want)
		}
	}
}

func TestCheckHosts(t *testing.T) {
	t.Parallel()
	at := func(host string) func(*plan.Evidence) { return address("https://" + host + "/stripe") }
	image := func(host string) func(*plan.Evidence) { return images("https://" + host + "/a.png") }
	private := strings.Fields(`localhost LOCALHOST localhost. a.localhost shop shop.local shop.internal shop.lan shop.test
		x.y.invalid nas.home.arpa 127.0.0.1 127.9.9.9 10.0.0.1 172.16.0.1 172.31.255.255 192.168.0.1 169.254.1.1 0.0.0.0
		100.64.0.0 100.127.255.255 224.0.0.1 255.255.255.255 [::1] [::] [fe80::1] [fd00::1] [ff02::1] [::ffff:10.0.0.1]
		[::ffff:100.64.0.1]`)
	expect(t, "webhook_endpoint", plan.CheckWarning, private, at)
	expect(t, "product_images", plan.CheckWarning, private, image)
	public := strings.Fields(`acme.com acme.com. a.b.acme.com localhost.acme.com mylocal.io internal.io xlocalhost.com home.arpa.com
		8.8.8.8 11.0.0.1 172.15.0.1 172.32.0.1 192.169.0.1 100.63.255.255 100.128.0.0 [2606:4700::1] [::ffff:8.8.8.8]`)
	expect(t, "webhook_endpoint", plan.CheckPassed, public, at)
	expect(t, "product_images", plan.CheckPassed, public, image)
	tunnels := strings.Fields(`ngrok.io a.ngrok.io a.ngrok.app a.ngrok.dev a.ngrok-free.app a.ngrok-free.dev a.ngrok.pizza
		a.trycloudflare.com a.loca.lt a.localtunnel.me a.serveo.net a.localhost.run a.lhr.life a.lhr.rocks a.pagekite.me
		webhook.site a.requestbin.com smee.io A.NGROK.IO. a.b.smee.io`)
	expect(t, "webhook_endpoint", plan.CheckWarning, tunnels, at)
	expect(t, "product_images", plan.CheckPassed, tunnels, image)
}

func TestCheckNamesThatLookLikeATest(t *testing.T) {
	t.Parallel()
	odd := strings.Split(`test|Test|TESTING|my test|the product|test plan|Test-Price 12|test_product_2|foo|bar 3|foobar|asdf|asdfjkl|
		qwertz|Untitled|untitled product|Sample|example item|dummy|placeholder|TODO|tbd|xxx|xxxxx|abc|Product|Item #4|"test"|*test*|
		Pro [test]|(test)|Lorem Ipsum|lorem ipsum dolor sit amet`, "|")
	for i, word := range odd {
		odd[i] = strings.TrimSpace(word)
	}
	expect(t, "product_name", plan.CheckWarning, odd, name)
	expect(t, "product_description", plan.CheckWarning, odd, description)
	fine := strings.Split(`Testimonials|Latest|Contest|Barbecue|Foo Fighters|Abacus|Itemised billing|Production|My productions|Sampler|
		Example.com hosting|xx|Test drive|Product photography|The plan|Pro (tested)|100 %|Plan|a plan|プロ`, "|")
	for i, word := range fine {
		fine[i] = strings.TrimSpace(word)
	}
	expect(t, "product_name", plan.CheckPassed, fine, name)
	expect(t, "product_description", plan.CheckPassed, fine, description)
}

// A price of nothing is meant where a word says so, on the product or on the price.
func TestCheckPriceOfNothing(t *testing.T) {
	t.Parallel()
	free := strings.Fields(`free Free FREE freemium trial gratis gratuit kostenlos complimentary starter basic hobby community
		donation lite Starter-Plan pro-free`)
	other := strings.Fields(`pro premium carefree refreeze polite backtrial`)
	nothing := func(change func(*plan.Evidence, string)) func(string) func(*plan.Evidence) {
		return func(word string) func(*plan.Evidence) {
			return func(e *plan.Evidence) {
				e.Test.Value.Prices[0].UnitAmountDecimal, e.Test.Value.Prices[0].LookupKey = "0", ""
				change(e, word)
			}
		}
	}
	for _, change := range []func(*plan.Evidence, string){
		func(e *plan.Evidence, word string) { e.Test.Value.Product.Name = word },
		func(e *plan.Evidence, word string) { e.Test.Value.Prices[0].Nickname = word },
		func(e *plan.Evidence, word string) { e.Test.Value.Prices[0].LookupKey = word },
	} {
		expect(t, "product_price", plan.CheckPassed, free, nothing(change))
		expect(t, "product_price", plan.CheckWarning, other, nothing(change))
		// The word excuses a price of nothing, not one that looks like a test's.
		expect(t, "product_price", plan.CheckWarning, free, func(word string) func(*plan.Evidence) {
			return func(e *plan.Evidence) {
				nothing(change)(word)(e)
				e.Test.Value.Prices[0].UnitAmountDecimal = "1234"
			}
		})
	}
}

// Metadata that names objects of test is told from words that only look like it.
func TestCheckMetadataWords(t *testing.T) {
	t.Parallel()
	in := func(value string) func(*plan.Evidence) { return productMetadata("k", value) }
	expect(t, "metadata", plan.CheckWarning, strings.Fields(`prod_Nx12YzAbCdEf price_1NxYz2AbCdEf plan_1NxYz2Ab promo_1NxYz2Ab
		txr_1NxYz2Ab shr_1NxYz2Ab plink_1NxYz2Ab cus_1NxYz2Ab sub_1NxYz2Ab we_1NxYz2Ab bpc_1NxYz2Ab mtr_1NxYz2Ab a,price_1NxYz2Ab;b
		https://dashboard.stripe.com/test/prices/price_1NxYz2Ab sk_test_x sk_live_x rk_test_x rk_live_x whsec_x pk_test_x
		cs_test_x seti_test_x pi_test_x buy.stripe.com/test_x price_month price_year`), in)
	expect(t, "metadata", plan.CheckPassed, strings.Fields(`price_sensitive product_12345678 price_1NxYz2A prices_1NxYz2Ab
		xprice_1NxYz2Ab pk_live_x cs_live_x task_test_x buy.stripe.com/x prod_pro price_ sk_test_`), in)
}

func TestCheckStatementDescriptors(t *testing.T) {
	t.Parallel()
	expect(t, "statement_descriptor", plan.CheckPassed, []string{"ACME", "ACME 2", "a", "Ä", "ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ", "A.B-C/D & Co"}, descriptor)
	expect(t, "statement_descriptor", plan.CheckWarning, []string{"1", "22-10", "ABCDEFGHIJKLMNOPQRSTUVW", "A<", "A>", `A\`, `A"`, "A'", "A*"}, descriptor)
}

// Why Stripe did not answer is told in the details, and Stripe's own code in the
// sentence; no two reasons read alike.
func TestCheckReasonsOfNoAnswer(t *testing.T) {
	t.Parallel()
	told := map[string]bool{}
	for _, c := range []struct {
		err   *catalog.Error
		names string
	}{
		{&catalog.Error{Kind: catalog.KindNetwork}, ""},
		{&catalog.Error{Kind: catalog.KindUnavailable, Status: 500}, "outage"},
		{&catalog.Error{Kind: catalog.KindRateLimit, Status: 429}, "too many"},
		{&catalog.Error{Kind: catalog.KindConflict, Status: 409}, ""},
		{&catalog.Error{Kind: catalog.KindRequest, Status: 400, Code: "bad_thing"}, "bad_thing|stripeCode=bad_thing"},
		{&catalog.Error{Kind: catalog.KindRequest, Status: 418}, "418"},
		{&catalog.Error{Kind: catalog.KindPermission, Status: 402, Code: "not_paid"}, "not_paid|stripeCode=not_paid"},
	} {
		e := healthy()
		e.Webhooks.Err = c.err
		r := resultOf(t, conclude(e), "webhook_endpoint")
		if name := missing(r, c.names); !couldNotRun(r) || name != "" || r.Details["category"] != string(c.err.Kind) || told[r.Message] {
			t.Errorf("%v: %s %v, does not name %q", c.err, r.Message, r.Details, name)
		}
		told[r.Message] = true
	}
}
