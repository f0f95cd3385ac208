package mail_test

import (
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/mail"
)

const (
	sampleDeployment = "019b2f6e-4f3a-7c51-9d2e-6a1f0c3b8e57"
	newYork          = "America/New_York"
)

// at is an instant with an offset; zone "" is UTC.
func at(rfc3339, zone, offset string) mail.Moment {
	t, err := time.Parse(time.RFC3339, rfc3339)
	if err != nil {
		panic(err)
	}
	return mail.Moment{At: t, Zone: zone, Offset: offset}
}

// sample is a notice as the service would make it, of each kind.
func sample(kind mail.Kind) mail.Notice {
	n := mail.Notice{
		Kind: kind, From: "Golive <golive@example.com>", To: "ada@harbour.example",
		Key:    "golive:" + sampleDeployment + ":1:" + string(kind) + ":ada@harbour.example",
		Thread: "golive:" + sampleDeployment + ":ada@harbour.example",
		Tenant: "Harbour Goods", Product: "Pine Storage", Deployment: sampleDeployment, By: "ada@harbour.example",
		Now: at("2026-12-18T10:12:03Z", "", "").At,
		Due: at("2026-12-25T14:00:00Z", newYork, "-05:00"),
		URL: "https://golive.example.com/?deployment=" + sampleDeployment, UnsubscribeURL: "https://golive.example.com/unsubscribe/0123456789abcdef",
	}
	switch kind {
	case mail.Scheduled:
		n.Reason = "Christmas sale"
	case mail.Rescheduled:
		n.Sequence, n.By, n.Before, n.Due = 1, "ben@harbour.example", n.Due, at("2026-12-26T02:00:00Z", newYork, "-05:00")
	case mail.TimeZoneMoved:
		n.Sequence, n.Before, n.Due = 1, n.Due, at("2026-12-25T13:00:00Z", newYork, "-04:00")
	case mail.Reminder:
		n.Now = at("2026-12-25T13:30:00Z", "", "").At
	case mail.Held:
		n.Happened = at("2026-12-25T14:00:00Z", newYork, "-05:00")
		n.Detail = "The amount of price price_monthly changed in test mode: 12.00 EUR when scheduled, 15.00 EUR now.\nThe product's name changed: \"Pine Storage\" when scheduled, \"Pine Storage Plus\" now."
		n.UnsubscribeURL = ""
	case mail.Missed:
		n.Happened = at("2026-12-25T14:15:00Z", newYork, "-05:00")
		n.Detail = "No worker was running from 13:41 UTC to 16:02 UTC."
		n.UnsubscribeURL = ""
	case mail.Started:
		n.Happened = at("2026-12-25T14:00:00Z", newYork, "-05:00")
	case mail.Completed:
		n.Happened, n.Late = at("2026-12-25T14:04:12Z", newYork, "-05:00"), 4*time.Minute+9*time.Second
	case mail.Failed:
		n.Happened, n.Outcome = at("2026-12-25T14:00:03Z", newYork, "-05:00"), mail.Restored
		n.Detail = "Stripe rejected the price price_yearly: this account can't charge in ISK."
		n.Hint = "Ask someone who manages the Stripe account to enable the currency, then go live again."
		n.UnsubscribeURL = ""
	case mail.RolledBack:
		n.Rollback, n.Due, n.Happened, n.Reason = true, mail.Moment{}, at("2026-12-28T08:30:11Z", newYork, "-05:00"), "The sale is over"
	case mail.Cancelled:
		n.Sequence, n.By, n.Happened, n.Outcome, n.Reason = 2, "ben@harbour.example", at("2026-12-20T16:45:00Z", newYork, "-05:00"), mail.Unchanged, "Stock arrives late"
	case mail.Invited:
		n.Due, n.Product, n.Deployment, n.UnsubscribeURL, n.Role = mail.Moment{}, "", "", "", "deployer"
		n.Key, n.URL = "golive:invitation:"+sampleDeployment, "https://golive.example.com/login"
	case mail.Asked:
		n.Due, n.Product, n.Deployment, n.UnsubscribeURL, n.To = mail.Moment{}, "", "", "", "press@printer.example"
		n.Key, n.URL = "golive:recipient:7", "https://golive.example.com/recipient/0123456789abcdef"
	case mail.Unanswered:
		n.Due, n.Product, n.Deployment, n.UnsubscribeURL = mail.Moment{}, "", "", ""
		n.Person, n.URL = "ben@harbour.example", "https://golive.example.com/"
		n.Items = []mail.Item{
			{Product: "Pine Storage", Due: at("2026-12-25T14:00:00Z", newYork, "-05:00"), Detail: "Responsible: ben@harbour.example", URL: "https://golive.example.com/?deployment=1"},
			{Product: "Oak Table", Due: at("2026-12-27T09:00:00Z", newYork, "-05:00"), Detail: "Responsible: ben@harbour.example", URL: "https://golive.example.com/?deployment=2"},
		}
	case mail.Taken, mail.Returned:
		n.Due, n.Deployment, n.By, n.UnsubscribeURL = mail.Moment{}, "", "", ""
		n.Happened, n.URL = at("2026-12-18T10:12:00Z", newYork, "-05:00"), "https://golive.example.com/"
	case mail.Unheard:
		n.Due, n.Product, n.Deployment, n.By, n.UnsubscribeURL = mail.Moment{}, "", "", "", ""
		n.Key, n.URL = "golive:alert:7", "https://golive.example.com/"
		n.Detail = "Live mode: The webhook endpoint is disabled at Stripe, so events come late."
	case mail.Differs:
		n.Due, n.Product, n.Deployment, n.By, n.UnsubscribeURL = mail.Moment{}, "", "", "", ""
		n.Key, n.URL = "golive:alert:8", "https://golive.example.com/"
		n.Detail = "Live mode: Of the payment pi_3Example, Stripe captured 20.00 USD and Golive knows of 18.50 USD."
	case mail.Disputed:
		n.Product, n.Deployment, n.By, n.UnsubscribeURL = "", "", "", ""
		n.Key, n.URL = "golive:alert:9", "https://golive.example.com/"
		n.Detail = "Live mode, order 000042: 18.50 USD, product not received."
	case mail.Receipt, mail.Refunded:
		n.Due, n.Product, n.Deployment, n.By, n.URL, n.UnsubscribeURL = mail.Moment{}, "", "", "", "", ""
		n.Key, n.To, n.Order, n.Amount = "golive:receipt:7", "cara@example.com", "A-17", "37.00 USD"
		n.Happened = at("2026-12-18T10:12:00Z", newYork, "-05:00")
		n.Items = []mail.Item{{Product: "2 × Dockside Coffee 500 g", Detail: "37.00 USD"}}
		if kind == mail.Refunded {
			n.Amount, n.Items, n.Test = "18.50 USD", nil, true
		}
	case mail.Digest:
		n.Due, n.By, n.Product, n.Deployment, n.UnsubscribeURL = mail.Moment{}, "", "", "", ""
		n.Items = []mail.Item{
			{Kind: mail.Missed, Product: "Pine Storage", Due: at("2026-12-25T14:00:00Z", newYork, "-05:00"), URL: "https://golive.example.com/?deployment=1"},
			{Kind: mail.Held, Product: "Oak Table", Due: at("2026-12-25T14:00:00Z", newYork, "-05:00"), Detail: "The amount of price price_monthly changed.", URL: "https://golive.example.com/?deployment=2"},
		}
		n.URL = "https://golive.example.com/"
	}
	return n
}

func render(t *testing.T, n mail.Notice) *mail.Message {
	t.Helper()
	m, err := mail.Render(n)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
