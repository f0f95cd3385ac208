package plan_test

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// liveAccount is Stripe's live mode as far as one product goes, without network
// or time: it takes the steps of a plan and refuses what Stripe refuses.
type liveAccount struct {
	live *catalog.Snapshot
	// links are what Golive remembers: test ids to live ids.
	links map[string]string
	made  int
}

func (a *liveAccount) clone() *liveAccount {
	c := &liveAccount{links: maps.Clone(a.links), made: a.made}
	if a.live != nil {
		c.live = &catalog.Snapshot{Product: a.live.Product, Prices: slices.Clone(a.live.Prices)}
		c.live.Product.Metadata = maps.Clone(a.live.Product.Metadata)
	}
	return c
}

// liveID finds a price by its test id.
func (a *liveAccount) liveID(object plan.Object) (string, bool) {
	id, ok := a.links[object.ID]
	return id, ok && object.Resource == catalog.ResourcePrice
}

// apply carries out one step and returns the live id of its object.
func (a *liveAccount) apply(s plan.Step) (string, error) {
	stamp := catalog.Stamp{Tenant: tenantID, TestID: s.TestID, Deployment: "d1"}.String()
	body, err := plan.Fill(strings.ReplaceAll(s.Body, plan.StampPlaceholder, url.QueryEscape(stamp)), a.liveID)
	if err != nil {
		return "", err
	}
	params, err := decodeForm(body)
	if err != nil {
		return "", err
	}
	id, err := a.call(s.Path, params)
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", s.Path, body, err)
	}
	if s.Action == plan.Create {
		a.links[s.TestID] = id
		return id, nil
	}
	return id, a.wanted(s, id)
}

// wanted tells whether the step has had the effect by which others recognise it.
func (a *liveAccount) wanted(s plan.Step, id string) error {
	want, err := plan.FillWant(s.Want, a.liveID)
	if err != nil {
		return err
	}
	if s.Resource == catalog.ResourceProduct && plan.ProductHas(&a.live.Product, want) {
		return nil
	}
	if s.Resource == catalog.ResourcePrice && plan.PriceHas(a.live.Price(id), want) {
		return nil
	}
	return fmt.Errorf("%s %s did not leave %v", s.Path, s.Body, want)
}

func (a *liveAccount) call(path string, params map[string]any) (string, error) {
	kind, id, update := strings.Cut(strings.TrimPrefix(path, "/v1/"), "/")
	switch {
	case kind == "products" && update:
		return id, a.updateProduct(id, params)
	case kind == "products":
		return a.createProduct(params)
	case kind == "prices" && update:
		return id, a.updatePrice(a.live.Price(id), params)
	case kind == "prices":
		return a.createPrice(params)
	}
	return "", errors.New("there is no such call")
}

func (a *liveAccount) createProduct(params map[string]any) (string, error) {
	p := catalog.Product{Active: true}
	if a.live != nil {
		return "", errors.New("the product already exists")
	}
	if err := merge(&p, params); err != nil {
		return "", err
	}
	a.live = &catalog.Snapshot{Product: p}
	return p.ID, nil
}

func (a *liveAccount) updateProduct(id string, params map[string]any) error {
	if a.live == nil || id != a.live.Product.ID {
		return errors.New("no such product")
	}
	if v, given := params["shippable"]; given && v == nil {
		return errors.New("a boolean cannot be unset")
	}
	if err := merge(&a.live.Product, params); err != nil {
		return err
	}
	if chosen := a.live.Product.DefaultPrice; chosen != "" && (a.live.Price(chosen) == nil || !a.live.Price(chosen).Active) {
		return errors.New("the default price is not one that is for sale")
	}
	return nil
}

func (a *liveAccount) createPrice(params map[string]any) (string, error) {
	p := catalog.Price{Active: true}
	if a.live == nil || params["product"] != a.live.Product.ID {
		return "", errors.New("no such product")
	}
	if err := a.moveKey(&p, params); err != nil {
		return "", err
	}
	if err := merge(&p, params); err != nil {
		return "", err
	}
	a.made++
	p.ID = fmt.Sprintf("price_live_%d", a.made)
	a.live.Prices = append(a.live.Prices, p)
	return p.ID, nil
}

// updatable are the parameters that Stripe takes for a price that exists.
var updatable = []string{"active", "currency_options", "lookup_key", "metadata", "nickname", "tax_behavior", "transfer_lookup_key"}

func (a *liveAccount) updatePrice(p *catalog.Price, params map[string]any) error {
	if p == nil {
		return errors.New("no such price")
	}
	for name := range params {
		if !slices.Contains(updatable, name) {
			return fmt.Errorf("%s cannot be changed", name)
		}
	}
	if err := a.moveKey(p, params); err != nil {
		return err
	}
	before := *p
	if err := merge(p, params); err != nil {
		return err
	}
	if settled(before.TaxBehavior) && p.TaxBehavior != before.TaxBehavior {
		return errors.New("a tax behaviour is set once")
	}
	for currency, o := range before.CurrencyOptions {
		if now, kept := p.CurrencyOptions[currency]; kept && settled(o.TaxBehavior) && now.TaxBehavior != o.TaxBehavior {
			return errors.New("an option's tax behaviour is set once")
		}
	}
	if !p.Active && a.live.Product.DefaultPrice == p.ID {
		return errors.New("the default price cannot be archived")
	}
	return nil
}

func settled(taxBehavior string) bool {
	return taxBehavior == "inclusive" || taxBehavior == "exclusive"
}

// moveKey takes a lookup key from the price that has it, where that is asked for.
// That only a price of Golive's may lose one so is Golive's own rule.
func (a *liveAccount) moveKey(p *catalog.Price, params map[string]any) error {
	key, _ := params["lookup_key"].(string)
	holder := a.live.PriceByLookupKey(key)
	switch {
	case holder == nil || holder.ID == p.ID:
		return nil
	case params["transfer_lookup_key"] != true:
		return fmt.Errorf("the lookup key %s is in use", key)
	case holder.Metadata[catalog.StampKey] == "" && !slices.Contains(slices.Collect(maps.Values(a.links)), holder.ID):
		return fmt.Errorf("the lookup key %s is taken from %s, which is not Golive's", key, holder.ID)
	}
	holder.LookupKey = ""
	return nil
}
