package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// object is a raw Stripe object; its numbers are json.Number.
type object = map[string]any

// corpusCase is one file of the corpus.
type corpusCase struct {
	// File is the file's name without its ending.
	File string `json:"-"`
	// Name says in a sentence what the case is about.
	Name string `json:"name"`
	// Covers lists fields (product.images), how they change (:changed, :cleared,
	// :replaced), and rule:, lossy: and pain: tags.
	Covers []string `json:"covers"`
	// Sandbox makes test another Stripe account than live.
	Sandbox bool    `json:"sandbox"`
	Phases  []phase `json:"phases"`
}

// phase is one go-live with what happened before it. What it leaves out stays as
// the phase before had it.
type phase struct {
	// Does says what happens where the name of the case does not.
	Does string `json:"does"`
	// Product is the test id of what goes live; the first product where left out.
	Product string `json:"product"`
	Adopt   bool   `json:"adopt"`
	// LoseLinks forgets which live object belongs to which test object.
	LoseLinks bool `json:"lose_links"`
	// Account sets fields of the live account, by dotted path.
	Account object `json:"account"`
	// Hidden are objects that no list shows during the phase, and that are there by
	// their ids: in test by test id, in live as "of price_x"; "*" is all of live.
	Hidden []string `json:"hidden"`
	// Trouble befalls one write of the go-live.
	Trouble *trouble    `json:"trouble"`
	Test    edit        `json:"test"`
	Live    edit        `json:"live"`
	Expect  expectation `json:"expect"`
	// Rollback is how the go-live is taken back where not simply to what was before; a
	// case ends with it.
	Rollback *rollback `json:"rollback"`
}

// rollback is what people do in live before it, and how it must end.
type rollback struct {
	Live edit `json:"live"`
	// Refused maps checks that must refuse to a part of what they say; nothing is written.
	Refused map[string]string `json:"refused"`
	// Notes are parts of what the plan tells, one each.
	Notes []string `json:"notes"`
	// Leaves are the objects in live with the members that matter.
	Leaves []object `json:"leaves"`
}

// trouble is a fault of the simulator's, of the nth write.
type trouble struct {
	Kind string `json:"kind"`
	Nth  int    `json:"nth"`
}

// edit is what people do to a catalogue in Stripe. An object with a new id is
// added, completed with Stripe's defaults; one that is there is patched as by RFC
// 7386. In live, "of price_x" stands for the live id of the test price price_x, as
// the member "of" of a patched price or in the place of an id.
type edit struct {
	Products []object `json:"products"`
	Prices   []object `json:"prices"`
	Gone     []string `json:"gone"`
}

// expectation is how the phase must end.
type expectation struct {
	// Status is COMPLETED where left out.
	Status string `json:"status"`
	// Failed maps the checks that must refuse, and no others, to a part of what
	// they say.
	Failed map[string]string `json:"failed"`
	// Error and Outcome are how a phase fails, VALIDATION and UNCHANGED where left out.
	Error   string `json:"error"`
	Outcome string `json:"outcome"`
	// Changes is the plan in order: "UPDATE product prod_x: name, images". A
	// CREATE names no fields. It is not looked at where left out.
	Changes []string `json:"changes"`
	// Writes counts the calls that change something at Stripe.
	Writes int      `json:"writes"`
	Live   expected `json:"live"`
	// Others are all live prices that belong to no price in test, each with the
	// fields that matter.
	Others []object `json:"others"`
}

// expected maps test ids to "as in test", "absent", or the fields in which the live
// object differs from the test object. In a file it may also be just "as in test".
type expected struct {
	all bool
	by  map[string]any
}

// UnmarshalJSON takes a string or an object.
func (e *expected) UnmarshalJSON(b []byte) error {
	if string(b) == `"as in test"` {
		e.all = true
		return nil
	}
	return decodeExact(b, &e.by)
}

// of returns what is expected of a test object.
func (e *expected) of(testID string) (want any, ok bool) {
	if e.all {
		return "as in test", true
	}
	want, ok = e.by[testID]
	return want, ok
}

// loadCorpus reads all cases, and fails on what it does not know.
func loadCorpus(t *testing.T) []corpusCase {
	t.Helper()
	files, err := filepath.Glob("testdata/corpus/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	cases := make([]corpusCase, len(files))
	for i, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := decodeExact(b, &cases[i]); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		cases[i].File = strings.TrimSuffix(filepath.Base(file), ".json")
	}
	return cases
}

func (p phase) status() string {
	if p.Expect.Status == "" {
		return "COMPLETED"
	}
	return p.Expect.Status
}

// title names a phase in failures.
func (p phase) title(i int) string { return strings.TrimSpace(fmt.Sprintf("phase %d %s", i+1, p.Does)) }

// decodeExact keeps every digit and refuses unknown members.
func decodeExact(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	d.DisallowUnknownFields()
	return d.Decode(into)
}
