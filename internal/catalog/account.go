package catalog

import "cmp"

// Account is what the checks need to know of a Stripe account. Stripe's
// contract requires only the id; a nil field is unknown, which is not a pass.
type Account struct {
	ID               string        `json:"id"`
	Country          string        `json:"country"`
	DefaultCurrency  string        `json:"default_currency"`
	ChargesEnabled   *bool         `json:"charges_enabled"`
	PayoutsEnabled   *bool         `json:"payouts_enabled"`
	DetailsSubmitted *bool         `json:"details_submitted"`
	Requirements     *Requirements `json:"requirements"`
	Settings         Settings      `json:"settings"`
	BusinessProfile  struct {
		Name string `json:"name"`
	} `json:"business_profile"`
}

// Name is what people call the account, nil where nobody has said.
func (a *Account) Name() *string {
	if name := cmp.Or(a.Settings.Dashboard.DisplayName, a.BusinessProfile.Name); name != "" {
		return &name
	}
	return nil
}

// Requirements are what Stripe still wants from an account's owner.
type Requirements struct {
	CurrentlyDue   []string `json:"currently_due"`
	PastDue        []string `json:"past_due"`
	DisabledReason string   `json:"disabled_reason"`
}

// Settings holds the account settings that customers see.
type Settings struct {
	Payments struct {
		StatementDescriptor string `json:"statement_descriptor"`
	} `json:"payments"`
	Dashboard struct {
		DisplayName string `json:"display_name"`
	} `json:"dashboard"`
}

// Balance tells a key's mode: Stripe says so itself, whatever the key's prefix.
type Balance struct {
	Livemode bool `json:"livemode"`
}

// WebhookEndpoint is where Stripe sends an account's events.
type WebhookEndpoint struct {
	ID            string   `json:"id"`
	URL           string   `json:"url"`
	Status        string   `json:"status"`
	APIVersion    string   `json:"api_version"`
	EnabledEvents []string `json:"enabled_events"`
}

// KeySeen is what Stripe said of a connected key when it was asked something else.
type KeySeen struct {
	Mode      Mode
	AccountID string
	// Name is what the account is called, "" where that was not told.
	Name string
	// Refused tells that Stripe takes the key no more, Taken that it did; neither where
	// nothing was heard.
	Refused, Taken bool
}
