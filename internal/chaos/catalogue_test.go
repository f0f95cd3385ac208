package chaos_test

import (
	"encoding/json"
	"maps"

	"github.com/golive-hq/golive/internal/stripesim"
)

type object = map[string]any

const productID = "prod_plans"

// catalogue is what a person has built in test.
type catalogue struct {
	product object
	prices  []object
}

// plans is a product with a default price and two more, which takes five writes.
func plans() *catalogue {
	price := func(id, interval string, amount int, key string) object {
		return object{
			"id": id, "product": productID, "currency": "usd", "unit_amount": amount, "active": true,
			"recurring": object{"interval": interval}, "lookup_key": key,
		}
	}
	return &catalogue{
		product: object{"id": productID, "name": "Plans", "default_price": "price_month"},
		prices:  []object{price("price_month", "month", 1900, "month"), price("price_week", "week", 600, "week"), price("price_year", "year", 19000, "year")},
	}
}

// describe changes what can be changed in place.
func (c *catalogue) describe() {
	c.product["description"] = "Now with more of everything."
	c.prices[2]["nickname"] = "Yearly"
}

// reprice replaces the default price.
func (c *catalogue) reprice() {
	next := maps.Clone(c.prices[0])
	next["id"], next["unit_amount"] = "price_month2", 2400
	c.prices[0]["active"] = false
	delete(c.prices[0], "lookup_key")
	c.prices = append(c.prices, next)
	c.product["default_price"] = next["id"]
}

func (c *catalogue) state() stripesim.State {
	s := stripesim.State{Products: []json.RawMessage{raw(c.product)}}
	for _, p := range c.prices {
		s.Prices = append(s.Prices, raw(p))
	}
	return s
}

func raw(o object) json.RawMessage {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err) // plain values always encode
	}
	return b
}
