package stripesim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// AccountConfig describes an account; its zero value is a healthy one with
// random id and keys.
type AccountConfig struct {
	// ID such as acct_…; adding an account whose id exists changes its keys
	// and fields and keeps its objects.
	ID      string `json:"id"`
	TestKey string `json:"test_key"`
	LiveKey string `json:"live_key"`
	// Sandbox leaves out the live mode, as Stripe's sandboxes do.
	Sandbox bool `json:"sandbox,omitempty"`
	// Keys are further ones: restricted, expired, revoked.
	Keys []KeyConfig `json:"keys,omitempty"`
	// Set overwrites fields of GET /v1/account by dotted path, such as
	// "charges_enabled" or "settings.payments.statement_descriptor".
	Set map[string]any `json:"set,omitempty"`
	// Omit leaves fields out altogether, by dotted path.
	Omit []string `json:"omit,omitempty"`
}

// Account is what a client needs to know to use an account.
type Account struct {
	ID      string `json:"id"`
	TestKey string `json:"test_key"`
	// LiveKey is empty for a sandbox.
	LiveKey string `json:"live_key,omitempty"`
}

type account struct {
	id string

	// mu guards all below. It makes every request's effect one instant, and is
	// never held while something waits.
	mu     sync.Mutex
	config AccountConfig
	fields map[string]any
	test   *store
	live   *store
}

func (a *account) store(m Mode) *store {
	if m == Live {
		return a.live
	}
	return a.test
}

// AddAccount creates the account, or updates the one that has its id.
func (s *Sim) AddAccount(config AccountConfig) Account {
	config = config.withDefaults()
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[config.ID]
	if a == nil {
		a = &account{id: config.ID, test: newStore(), live: newStore()}
		s.accounts[config.ID] = a
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.config, a.fields = config, accountFields(config)
	maps.DeleteFunc(s.keys, func(_ string, k *key) bool { return k.account == a })
	s.addKey(a, KeyConfig{Key: config.TestKey, Mode: Test})
	if config.LiveKey != "" {
		s.addKey(a, KeyConfig{Key: config.LiveKey, Mode: Live})
	}
	for _, k := range config.Keys {
		s.addKey(a, k)
	}
	s.saver.changed()
	return Account{ID: config.ID, TestKey: config.TestKey, LiveKey: config.LiveKey}
}

func (config AccountConfig) withDefaults() AccountConfig {
	if config.ID == "" {
		config.ID = newID("acct_1", 15)
	}
	if config.TestKey == "" {
		config.TestKey = newID("sk_test_", 24)
	}
	switch {
	case config.Sandbox:
		config.LiveKey = ""
	case config.LiveKey == "":
		config.LiveKey = newID("sk_live_", 24)
	}
	return config
}

func (s *Sim) addKey(a *account, k KeyConfig) { s.keys[k.Key] = &key{k, a} }

// SetKey adds a key to an account or changes one, for instance to revoke it.
func (s *Sim) SetKey(accountID string, k KeyConfig) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.accounts[accountID]
	if !ok {
		return noAccount(accountID)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.config.Keys = append(slices.DeleteFunc(a.config.Keys, func(old KeyConfig) bool { return old.Key == k.Key }), k)
	s.addKey(a, k)
	s.saver.changed()
	return nil
}

// SetAccount changes fields of GET /v1/account as AccountConfig.Set and Omit do,
// on top of earlier changes.
func (s *Sim) SetAccount(accountID string, set map[string]any, omit ...string) error {
	a, err := s.account(accountID)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	changed := maps.Clone(a.config.Set)
	if changed == nil {
		changed = map[string]any{}
	}
	for path, value := range set {
		changed[path] = value
		a.config.Omit = slices.DeleteFunc(a.config.Omit, func(omitted string) bool { return omitted == path })
	}
	a.config.Set, a.config.Omit = changed, append(a.config.Omit, omit...)
	a.fields = accountFields(a.config)
	s.saver.changed()
	return nil
}

func (s *Sim) account(id string) (*account, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	a, ok := s.accounts[id]
	if !ok {
		return nil, noAccount(id)
	}
	return a, nil
}

func noAccount(id string) error { return fmt.Errorf("stripesim: there is no account %q", id) }

func accountRoutes() []*route {
	return []*route{
		{method: "GET", template: "/v1/account", resource: "account", run: func(o *op) (any, *apiError) { return o.account.fields, nil }},
		{method: "GET", template: "/v1/accounts/{id}", resource: "account", run: getAccount},
		{method: "GET", template: "/v1/balance", resource: "balance", run: getBalance},
	}
}

func getAccount(o *op) (any, *apiError) {
	if o.pathID != o.account.id {
		return nil, forbidden(codePlatformKey, "The provided key '"+mask(bearer(o.header))+"' does not have access to account '"+o.pathID+"' (or that account does not exist). Application access may have been revoked.")
	}
	return o.account.fields, nil
}

// healthyAccount is one that Stripe would let charge.
const healthyAccount = `{
	"object": "account",
	"business_profile": {"annual_revenue": null, "estimated_worker_count": null, "mcc": "5734", "name": "Harbour & Pine",
		"product_description": "Software and coffee, both by subscription", "support_address": null,
		"support_email": "help@harbourandpine.example", "support_phone": "+15555550123",
		"support_url": "https://harbourandpine.example/help", "url": "https://harbourandpine.example"},
	"business_type": "company",
	"capabilities": {"card_payments": "active", "transfers": "active"},
	"charges_enabled": true,
	"controller": {"type": "account"},
	"country": "US",
	"created": 1672531200,
	"default_currency": "usd",
	"details_submitted": true,
	"email": "owner@harbourandpine.example",
	"future_requirements": {"alternatives": [], "current_deadline": null, "currently_due": [], "disabled_reason": null,
		"errors": [], "eventually_due": [], "past_due": [], "pending_verification": []},
	"metadata": {},
	"payouts_enabled": true,
	"requirements": {"alternatives": [], "current_deadline": null, "currently_due": [], "disabled_reason": null,
		"errors": [], "eventually_due": [], "past_due": [], "pending_verification": []},
	"settings": {
		"bacs_debit_payments": {"display_name": null, "service_user_number": null},
		"branding": {"icon": null, "logo": null, "primary_color": null, "secondary_color": null},
		"card_issuing": {"tos_acceptance": {"date": null, "ip": null}},
		"card_payments": {"decline_on": {"avs_failure": false, "cvc_failure": false}, "statement_descriptor_prefix": "HARBOUR",
			"statement_descriptor_prefix_kana": null, "statement_descriptor_prefix_kanji": null},
		"dashboard": {"display_name": "Harbour & Pine", "timezone": "Etc/UTC"},
		"invoices": {"default_account_tax_ids": null},
		"payments": {"statement_descriptor": "HARBOUR AND PINE", "statement_descriptor_kana": null, "statement_descriptor_kanji": null},
		"payouts": {"debit_negative_balances": true, "schedule": {"delay_days": 2, "interval": "daily"}, "statement_descriptor": null},
		"sepa_debit_payments": {}
	},
	"tos_acceptance": {"date": null, "ip": null, "user_agent": null},
	"type": "standard"
}`

func accountFields(config AccountConfig) map[string]any {
	fields := decode([]byte(healthyAccount))
	fields["id"] = config.ID
	for path, value := range config.Set {
		parent, name := descend(fields, path)
		parent[name] = value
	}
	for _, path := range config.Omit {
		parent, name := descend(fields, path)
		delete(parent, name)
	}
	return fields
}

// descend returns the map that holds the last name of a dotted path, making
// those that are absent or null.
func descend(fields map[string]any, path string) (map[string]any, string) {
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		child, ok := fields[name].(map[string]any)
		if !ok {
			child = map[string]any{}
			fields[name] = child
		}
		fields = child
	}
	return fields, names[len(names)-1]
}
