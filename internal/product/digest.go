package product

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"

	"github.com/golive-hq/golive/internal/catalog"
)

// Digest identifies the content of a snapshot: the SHA-256 of its JSON, in hex.
// Golive's own metadata key does not count, nor does the order of prices, nor
// whether something empty is null.
func Digest(s catalog.Snapshot) string {
	prices := make([]catalog.Price, len(s.Prices))
	for i, p := range s.Prices {
		p.Metadata = withoutStamp(p.Metadata)
		prices[i] = p
	}
	s = catalog.NewSnapshot(s.Product, prices)
	s.Product.Metadata = withoutStamp(s.Product.Metadata)
	if len(s.Product.Images) == 0 {
		s.Product.Images = nil
	}
	if len(s.Product.Features) == 0 {
		s.Product.Features = nil
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // plain values always encode
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// withoutStamp returns a copy: the caller's map belongs to whoever read it.
func withoutStamp(metadata map[string]string) map[string]string {
	own := maps.Clone(metadata)
	if own == nil {
		own = map[string]string{}
	}
	delete(own, catalog.StampKey)
	return own
}
