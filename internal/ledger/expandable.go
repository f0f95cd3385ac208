package ledger

import "encoding/json"

// Expandable is an object that Stripe answers as its id, or whole where that was asked for.
type Expandable[T any] struct {
	ID     string
	Object *T
}

// UnmarshalJSON takes an id, an object or null.
func (e *Expandable[T]) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &e.ID)
	}
	if string(b) == "null" {
		return nil
	}
	var named struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(b, &named); err != nil {
		return err
	}
	e.ID, e.Object = named.ID, new(T)
	return json.Unmarshal(b, e.Object)
}

// MarshalJSON writes the object where there is one, else the id, else null.
func (e Expandable[T]) MarshalJSON() ([]byte, error) {
	switch {
	case e.Object != nil:
		return json.Marshal(e.Object)
	case e.ID != "":
		return json.Marshal(e.ID)
	}
	return []byte("null"), nil
}
