package stripesim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// eventWindow is how far back GET /v1/events reaches.
const eventWindow = 30 * 24 * time.Hour

type event struct {
	ID              string       `json:"id"`
	Object          string       `json:"object"`
	APIVersion      string       `json:"api_version"`
	Created         int64        `json:"created"`
	Data            eventData    `json:"data"`
	Livemode        bool         `json:"livemode"`
	PendingWebhooks int          `json:"pending_webhooks"`
	Request         eventRequest `json:"request"`
	Type            string       `json:"type"`
}

type eventData struct {
	Object             json.RawMessage `json:"object"`
	PreviousAttributes map[string]any  `json:"previous_attributes,omitempty"`
}

type eventRequest struct {
	ID             *string `json:"id"` // null for what nobody requested
	IdempotencyKey *string `json:"idempotency_key"`
}

func eventRoutes() []*route {
	return []*route{
		{
			method: "GET", template: "/v1/events", resource: "events", answers: targetPlainList, run: listEvents,
			params: listParams(params{
				"created": createdParam(), "delivery_success": boolean(), "type": name(5000), "types": array(name(5000), 20),
			}),
		},
		{method: "GET", template: "/v1/events/{id}", resource: "events", run: getEvent},
	}
}

// emit records that an object changed; previous is nil for created and deleted.
func (o *op) emit(typ string, snapshot any, previous map[string]any) {
	e := &event{
		ID: newID("evt_1", 23), Object: "event", APIVersion: Version, Created: o.created(), Livemode: o.mode == Live, Type: typ,
		Data:    eventData{Object: encode(snapshot), PreviousAttributes: previous},
		Request: eventRequest{ID: orNull(o.call.id), IdempotencyKey: orNull(o.idempotencyKey())},
	}
	o.enlist(e)
	o.events.add(e.ID, e.Created, e)
}

// changes compares two objects as JSON and returns the old values of what
// differs, key by key inside hashes, null for keys that are new. It returns nil
// if nothing differs: then there is no event, as at Stripe.
func changes(old, current any) map[string]any {
	oldJSON, newJSON := encode(old), encode(current)
	if bytes.Equal(oldJSON, newJSON) {
		return nil
	}
	return changedKeys(decode(oldJSON), decode(newJSON))
}

func decode(data []byte) map[string]any {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		panic(err) // our own encoding
	}
	return m
}

func changedKeys(old, current map[string]any) map[string]any {
	previous := map[string]any{}
	for key, value := range old {
		now, kept := current[key]
		oldMap, wasMap := value.(map[string]any)
		newMap, isMap := now.(map[string]any)
		switch {
		case wasMap && isMap:
			if nested := changedKeys(oldMap, newMap); len(nested) > 0 {
				previous[key] = nested
			}
		case !kept || !bytes.Equal(encode(value), encode(now)):
			previous[key] = value
		}
	}
	for key := range current {
		if _, had := old[key]; !had {
			previous[key] = nil
		}
	}
	return previous
}

func getEvent(o *op) (any, *apiError) {
	e, ok := o.events.get(o.pathID)
	if !ok || !o.recent(e) {
		return nil, o.missing(http.StatusNotFound, nounEvent, o.pathID, "id")
	}
	return e, nil
}

func (o *op) recent(e *event) bool { return o.created()-e.Created < int64(eventWindow.Seconds()) }

// listEvents knows an event as delivered once all of its endpoints have it.
func listEvents(o *op) (any, *apiError) {
	created := o.in.created()
	types := o.in.texts("types")
	if o.in.has("type") {
		types = append(types, o.in.text("type"))
	}
	return listOf(o, o.events, o.events.all, nounEvent, func(e *event) bool {
		return o.recent(e) && created(e.Created) && matchesType(e.Type, types) &&
			o.in.filter("delivery_success", func(v string) bool { return (v == "true") == (e.PendingWebhooks == 0) })
	}, func(e *event, _ expansion) any { return e })
}

// matchesType knows product.* too; no types at all match everything.
func matchesType(typ string, types []string) bool {
	for _, t := range types {
		family, all := strings.CutSuffix(t, "*")
		if typ == t || all && strings.HasPrefix(typ, family) {
			return true
		}
	}
	return len(types) == 0
}
