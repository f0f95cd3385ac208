package stripesim

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// pagePath is where payers pay: below it is the id of a session or of an intent.
const pagePath = "/pay/"

func isPage(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, pagePath) }

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// checkout is what the page shows.
type checkout struct {
	ID       string
	Live     bool
	Merchant string
	Items    []sessionItem
	Total    string
	// Status is the session's, or the intent's where there is no session.
	Status string
	// Asks, Settles are what the payment waits for.
	Asks, Settles bool
	// Cards and Debits tell what is offered.
	Cards, Debits bool
	Problem       string
	Cancel        string
	// Back is where the payer goes once it is over; empty is nowhere.
	Back string
}

// page serves the hosted page, and does on POST what its buttons say.
func (w *World) page(rw http.ResponseWriter, r *http.Request) {
	id := strings.TrimPrefix(r.URL.Path, pagePath)
	if _, _, found := w.whose(id); !found {
		http.Error(rw, "There is nothing to pay here.", http.StatusNotFound)
		return
	}
	problem := ""
	if r.Method == http.MethodPost {
		if err := w.press(id, r.PostFormValue("do")); err != nil {
			problem = strings.TrimPrefix(err.Error(), "stripesim: ")
		}
	}
	c := w.checkout(id)
	if problem != "" {
		c.Problem = problem
	}
	if r.Method == http.MethodPost && c.Back != "" && c.Problem == "" {
		http.Redirect(rw, r, c.Back, http.StatusSeeOther)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-store")
	_ = pageTemplate.Execute(rw, c) // the payer may be gone
}

func (w *World) press(id, button string) error {
	switch button {
	case "pay":
		return w.Pay(id, Card)
	case "decline":
		return w.Pay(id, "pm_card_chargeDeclined")
	case "3ds":
		return w.Pay(id, "pm_card_authenticationRequired")
	case "sepa":
		return w.Pay(id, SEPA)
	case "authenticate":
		return w.Authenticate(id, true)
	case "refuse":
		return w.Authenticate(id, false)
	case "settle":
		return w.Settle(id, true)
	case "fail":
		return w.Settle(id, false)
	default:
		return fmt.Errorf("stripesim: there is no button %q", button)
	}
}

func (w *World) checkout(id string) (c checkout) {
	_ = w.act(id, func(o *op) error { // it is there
		c = desk{o}.checkout(id)
		return nil
	})
	return c
}

func (o desk) checkout(id string) checkout {
	c := checkout{ID: id, Live: o.mode == Live, Merchant: o.merchant()}
	intent := id
	cs, owned := o.sessions.get(id)
	if owned {
		intent = cs.PaymentIntent.id
		c.Items, c.Total, c.Status = cs.Items, inUnits(cs.AmountTotal, cs.Currency), cs.Status
		c.Cards, c.Debits = cs.takes("card"), cs.takes("sepa_debit")
		if cs.CancelURL != nil {
			c.Cancel = *cs.CancelURL
		}
		if cs.Status == statusComplete {
			c.Back = strings.ReplaceAll(cs.SuccessURL, "{CHECKOUT_SESSION_ID}", url.QueryEscape(id))
		}
	}
	if pi, ok := o.intents.get(intent); ok {
		o.showIntent(&c, pi, owned)
	}
	return c
}

func (o desk) showIntent(c *checkout, pi *paymentIntent, owned bool) {
	c.Asks, c.Settles = pi.is(statusNeedsAction), pi.is(statusProcessing)
	if pi.LastPaymentError != nil {
		c.Problem = pi.LastPaymentError.Message
	}
	if owned {
		return
	}
	c.Total, c.Status = inUnits(pi.Amount, pi.Currency), statusOpen
	c.Cards, c.Debits = slices.Contains(pi.PaymentMethodTypes, "card"), slices.Contains(pi.PaymentMethodTypes, "sepa_debit")
	if !pi.is(statusNeedsMethod, statusNeedsConfirm, statusNeedsAction) {
		c.Status, c.Back = statusComplete, pi.ReturnURL
	}
}

func (o desk) merchant() string {
	profile, _ := o.account.fields["business_profile"].(map[string]any)
	name, _ := profile["name"].(string)
	return name
}

// minorDigits of the currencies that have other than two; UGX has two here, though Stripe
// lists it among those without too.
var minorDigits = map[string]int{
	"bif": 0, "clp": 0, "djf": 0, "gnf": 0, "jpy": 0, "kmf": 0, "krw": 0, "mga": 0, "pyg": 0, "rwf": 0, "vnd": 0, "vuv": 0,
	"xaf": 0, "xof": 0, "xpf": 0, "bhd": 3, "jod": 3, "kwd": 3, "omr": 3, "tnd": 3,
}

// inUnits writes 1999 usd as 19.99 USD.
func inUnits(amount int64, currency string) string {
	digits, other := minorDigits[currency]
	if !other {
		digits = 2
	}
	text := fmt.Sprintf("%0*d", digits+1, amount)
	if digits > 0 {
		text = text[:len(text)-digits] + "." + text[len(text)-digits:]
	}
	return text + " " + strings.ToUpper(currency)
}
