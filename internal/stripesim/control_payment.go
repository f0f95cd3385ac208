package stripesim

import (
	"net/http"
	"time"
)

// paymentRoutes are the part of the control API that payments need; see control.
func (c control) paymentRoutes() map[string]func(*http.Request) (any, error) {
	return map[string]func(*http.Request) (any, error){
		"POST /_sim/pay":          c.postPay,
		"POST /_sim/authenticate": c.postEnd(c.sim.Authenticate),
		"POST /_sim/settle":       c.postEnd(c.sim.Settle),
		"POST /_sim/expire":       c.postOn(c.sim.Expire),
		"POST /_sim/disable":      c.postOn(c.sim.Disable),
		"POST /_sim/refund":       c.postRefund,
		"POST /_sim/dispute":      c.postDispute,
		"POST /_sim/decide":       c.postDecide,
		"POST /_sim/payout":       c.postPayout,
		"POST /_sim/adjust":       c.postAdjust,
		"PUT /_sim/booking":       c.putBooking,
		"PUT /_sim/delivery":      c.putDelivery,
		"POST /_sim/deliver":      c.postDeliver,
		"GET /_sim/attempts":      func(*http.Request) (any, error) { return c.sim.Attempts(), nil },
		"GET /_sim/delivered":     func(r *http.Request) (any, error) { return nil, c.sim.Delivered(r.Context()) },
	}
}

func (c control) postPay(r *http.Request) (any, error) {
	act, err := readJSON[struct {
		ID     string `json:"id"`
		Method string `json:"method"`
	}](r)
	if err != nil {
		return nil, err
	}
	return nil, c.sim.Pay(act.ID, act.Method)
}

// postOn needs to know nothing but what it is done to.
func (control) postOn(act func(id string) error) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		on, err := readJSON[struct {
			ID string `json:"id"`
		}](r)
		if err != nil {
			return nil, err
		}
		return nil, act(on.ID)
	}
}

// postEnd is of what ends well or badly.
func (control) postEnd(end func(id string, succeed bool) error) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		act, err := readJSON[struct {
			ID      string `json:"id"`
			Succeed bool   `json:"succeed"`
		}](r)
		if err != nil {
			return nil, err
		}
		return nil, end(act.ID, act.Succeed)
	}
}

func (c control) postRefund(r *http.Request) (any, error) {
	act, err := readJSON[struct {
		ID     string `json:"id"`
		Amount int64  `json:"amount"`
	}](r)
	if err != nil {
		return nil, err
	}
	id, err := c.sim.Refund(act.ID, act.Amount)
	return map[string]string{"id": id}, err
}

func (c control) postDispute(r *http.Request) (any, error) {
	act, err := readJSON[struct {
		ID string `json:"id"`
		Dispute
	}](r)
	if err != nil {
		return nil, err
	}
	id, err := c.sim.Dispute(act.ID, act.Dispute)
	return map[string]string{"id": id}, err
}

func (c control) postDecide(r *http.Request) (any, error) {
	act, err := readJSON[struct {
		ID      string `json:"id"`
		Outcome string `json:"outcome"`
	}](r)
	if err != nil {
		return nil, err
	}
	return nil, c.sim.Decide(act.ID, act.Outcome)
}

// place is an account's mode.
type place struct {
	Account string `json:"account"`
	Mode    Mode   `json:"mode"`
}

func (c control) postPayout(r *http.Request) (any, error) {
	at, err := readJSON[place](r)
	if err != nil {
		return nil, err
	}
	ids, err := c.sim.Payout(at.Account, at.Mode)
	return map[string][]string{"ids": ids}, err
}

func (c control) postAdjust(r *http.Request) (any, error) {
	act, err := readJSON[struct {
		place
		Currency string `json:"currency"`
		Amount   int64  `json:"amount"`
		Type     string `json:"type"`
	}](r)
	if err != nil {
		return nil, err
	}
	id, err := c.sim.Adjust(act.Account, act.Mode, act.Currency, act.Amount, act.Type)
	return map[string]string{"id": id}, err
}

func (c control) putBooking(r *http.Request) (any, error) {
	set, err := readJSON[struct {
		Seconds int64 `json:"seconds"`
	}](r)
	if err != nil {
		return nil, err
	}
	c.sim.SetBookingDelay(time.Duration(set.Seconds) * time.Second)
	return nil, nil
}

func (c control) putDelivery(r *http.Request) (any, error) {
	d, err := readJSON[Delivery](r)
	if err != nil {
		return nil, err
	}
	c.sim.SetDelivery(d)
	return nil, nil
}

func (c control) postDeliver(r *http.Request) (any, error) {
	act, err := readJSON[struct {
		place
		Events []string `json:"events"`
	}](r)
	if err != nil {
		return nil, err
	}
	return c.sim.Deliver(r.Context(), act.Account, act.Mode, act.Events...)
}
