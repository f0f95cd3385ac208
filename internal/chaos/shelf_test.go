package chaos_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"

	"github.com/golive-hq/golive/internal/stripesim"
)

// shelf is what customers can buy: the state of the prices, by id, and the
// product's default price.
type shelf struct {
	prices       map[string]offer
	defaultPrice string
}

// offer is a price as shops look it up.
type offer struct {
	Active    bool
	LookupKey string `json:"lookup_key"`
}

// change is one of Stripe's own events. Those of one request happened at once.
type change struct {
	ID, Type string
	Data     struct{ Object json.RawMessage }
	Request  struct{ ID string }
}

func (sh *shop) stock() (shelf, error) {
	s := shelf{prices: map[string]offer{}}
	state, err := sh.sim.Dump(sh.account.ID, stripesim.Live)
	if err != nil {
		return s, err
	}
	for _, p := range state.Prices {
		s.apply(change{Type: "price.updated", Data: struct{ Object json.RawMessage }{p}})
	}
	for _, p := range state.Products {
		s.apply(change{Type: "product.updated", Data: struct{ Object json.RawMessage }{p}})
	}
	return s, nil
}

func (s *shelf) apply(c change) {
	var o struct {
		offer
		ID           string
		DefaultPrice string `json:"default_price"`
	}
	if err := json.Unmarshal(c.Data.Object, &o); err != nil {
		panic(err) // the simulator's own encoding
	}
	switch c.Type {
	case "price.created", "price.updated":
		s.prices[o.ID] = o.offer
	case "product.created", "product.updated":
		s.defaultPrice = o.DefaultPrice
	}
}

// changes are all that live has seen, the oldest first.
func (sh *shop) changes() []change {
	r := httptest.NewRequest("GET", "/v1/events?limit=100", nil)
	r.Header.Set("Authorization", "Bearer "+sh.account.LiveKey)
	w := httptest.NewRecorder()
	sh.sim.ServeHTTP(w, r)
	var page struct {
		Data    []change
		HasMore bool `json:"has_more"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || page.HasMore {
		panic(fmt.Sprint("the events do not fit on one page, or: ", err))
	}
	slices.Reverse(page.Data)
	return page.Data
}

// shelves goes through every state that live has been in. What was for sale under
// a lookup key before is so in each, and the default price can be bought.
func (v *verdict) shelves(sc *scene) {
	keys := sc.shelf.keys()
	s := shelf{prices: maps.Clone(sc.shelf.prices), defaultPrice: sc.shelf.defaultPrice}
	all := slices.DeleteFunc(sc.changes(), func(c change) bool { return sc.seen[c.ID] })
	for i, c := range all {
		s.apply(c)
		if i+1 < len(all) && all[i+1].Request.ID == c.Request.ID {
			continue // half of what happened at once is no state
		}
		now := s.keys()
		for key := range keys {
			if now[key] != 1 {
				v.say(&v.unsellable, "after %s, %d active prices hold the lookup key %s", c.Type, now[key], key)
			}
		}
		if sc.shelf.defaultPrice != "" && !s.prices[s.defaultPrice].Active {
			v.say(&v.unsellable, "after %s the default price %q is not for sale", c.Type, s.defaultPrice)
		}
	}
}

// keys counts the active prices by lookup key.
func (s *shelf) keys() map[string]int {
	count := map[string]int{}
	for _, p := range s.prices {
		if p.Active && p.LookupKey != "" {
			count[p.LookupKey]++
		}
	}
	return count
}
