package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"

	"github.com/golive-hq/golive/internal/catalog"
)

// plan numbers the drafts, each after those it depends on, and hashes the result.
func (d *differ) plan() Plan {
	p := Plan{Changes: d.changes, Links: d.links}
	number := map[*draft]int{}
	var visit func(*draft)
	visit = func(dr *draft) {
		if _, done := number[dr]; done {
			return
		}
		for _, a := range dr.after {
			visit(a)
		}
		number[dr] = len(p.Steps)
		step := dr.Step
		for _, a := range dr.after {
			step.After = append(step.After, number[a])
		}
		p.Steps = append(p.Steps, step)
	}
	for _, dr := range d.drafts {
		visit(dr)
	}
	p.Hash = d.hash(p)
	return p
}

// version names what a plan is based on, and how its hash is taken.
type version string

const (
	// first compared metadata as a whole. People may still hold such hashes, and rows do.
	first version = "v1:"
	// newest knows of metadata only the keys that are ours.
	newest version = "v2:"
)

var hashForm = regexp.MustCompile(`^(v1|v2):[0-9a-f]{32}$`)

// IsHash tells whether text may be the hash of a plan.
func IsHash(text string) bool { return hashForm.MatchString(text) }

// Has tells that a person who saw hash saw this plan, in the version of that hash.
func (p *Plan) Has(hash string) bool { return hash == p.Hash || hash == p.before }

// hash covers every byte that would be written and every object that the
// decision rests on, our own stamps aside.
func (d *differ) hash(p Plan) string {
	type call struct{ Path, Body string }
	basis := struct {
		Calls []call
		Links []Link
		Test  []values
		Live  []values
	}{Links: p.Links, Test: basisOf(&d.in.Test), Live: d.liveBasis()}
	for _, s := range p.Steps {
		path, body := s.Path, s.Body
		if d.version == first {
			path, body = s.v1()
		}
		basis.Calls = append(basis.Calls, call{path, body})
	}
	sum := sha256.Sum256(raw(basis))
	return string(d.version) + hex.EncodeToString(sum[:16])
}

// liveBasis is the live product with the prices that this plan has a say in.
func (d *differ) liveBasis() []values {
	if d.in.Live == nil {
		return nil
	}
	ours := catalog.Snapshot{Product: d.in.Live.Product}
	for i := range d.in.Live.Prices {
		if d.ours(&d.in.Live.Prices[i]) {
			ours.Prices = append(ours.Prices, d.in.Live.Prices[i])
		}
	}
	return basisOf(&ours)
}

func basisOf(s *catalog.Snapshot) []values {
	product := wires(productFields, &s.Product)
	product["id"] = s.Product.ID
	basis := []values{product}
	for i := range s.Prices {
		price := wires(priceFields, &s.Prices[i])
		price["id"] = s.Prices[i].ID
		basis = append(basis, price)
	}
	return basis
}

// Digest identifies the content of a snapshot: what Golive copies, in one line.
func Digest(s *catalog.Snapshot) string {
	b, err := json.Marshal(basisOf(s))
	if err != nil {
		panic(err) // wire values always encode
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
