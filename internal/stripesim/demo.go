package stripesim

import (
	_ "embed"
	"encoding/json"
)

//go:embed demo.json
var demoCatalogue []byte

// demoAccount has fixed keys, so that what was connected to it stays connected
// across restarts.
var demoAccount = AccountConfig{
	ID:      "acct_1HarbourAndPine",
	TestKey: "sk_test_harbourandpine",
	LiveKey: "sk_live_harbourandpine",
}

// demoLive is what a platform has in live before the first product goes there.
var demoLive = State{WebhookEndpoints: []json.RawMessage{json.RawMessage(`{
	"id": "we_1HarbourAndPineOrders", "created": 1735725600, "api_version": "` + Version + `",
	"description": "Orders and subscriptions", "secret": "whsec_harbourandpineorders",
	"enabled_events": ["checkout.session.completed", "checkout.session.async_payment_succeeded",
		"checkout.session.async_payment_failed", "invoice.paid", "invoice.payment_failed",
		"customer.subscription.updated", "customer.subscription.deleted"],
	"url": "https://api.harbourandpine.example/stripe/webhooks"
}`)}}

// DemoCatalogue returns the test mode of a small company that sells software,
// coffee, courses and more: between them its products use every price shape.
// Ids, times and content are always the same.
func DemoCatalogue() State {
	var state State
	if err := json.Unmarshal(demoCatalogue, &state); err != nil {
		panic(err) // it is compiled in
	}
	return state
}

// AddDemo adds an account that can go live out of the box: healthy, with
// DemoCatalogue in test and a webhook endpoint in live. An account that is
// there already, out of the state file, is left as it is.
func (s *Sim) AddDemo() (Account, error) {
	if old, ok := s.completeDemo(); ok {
		return old, nil
	}
	added := s.AddAccount(demoAccount)
	if err := s.Load(added.ID, Live, demoLive); err != nil {
		return added, err
	}
	return added, s.Load(added.ID, Test, DemoCatalogue())
}

// completeDemo returns the demo account if it is there in full. Products in
// test come last, so without them an earlier AddDemo was cut off.
func (s *Sim) completeDemo() (Account, bool) {
	a, err := s.account(demoAccount.ID)
	if err != nil {
		return Account{}, false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return Account{ID: a.id, TestKey: a.config.TestKey, LiveKey: a.config.LiveKey}, len(a.test.products.all) > 0
}
