package stripesim

import (
	"maps"
	"unicode/utf8"
)

// Stripe's documented limits of metadata.
const (
	maxMetadataKeys  = 50
	maxMetadataKey   = 40
	maxMetadataValue = 500
)

// Texts of metadata errors, unverified.
const (
	textMetadataKeys  = "Metadata can only have up to %d keys, but received %d keys."
	textMetadataKey   = "Metadata keys can have up to %d characters, but you passed in a key of %d characters. Invalid key: %s"
	textMetadataValue = "Metadata values can have up to %d characters, but you passed in a value that is %d characters. Invalid value: %s"
)

func metadataParam() param { return dict(text(0)).orEmpty() }

// mergeMetadata returns old with the request's keys merged in: an empty value
// removes its key, an empty metadata removes all. old stays untouched.
func (in input) mergeMetadata(old map[string]string) (map[string]string, *apiError) {
	merged := maps.Clone(old)
	if merged == nil || in.cleared("metadata") {
		merged = map[string]string{}
	}
	given := in.object("metadata")
	for _, key := range given.names() {
		value := given.text(key)
		if n := utf8.RuneCountInString(key); n > maxMetadataKey {
			return nil, invalid("", join("metadata", key), textMetadataKey, maxMetadataKey, n, key)
		}
		if n := utf8.RuneCountInString(value); n > maxMetadataValue {
			return nil, invalid("", join("metadata", key), textMetadataValue, maxMetadataValue, n, value)
		}
		if value == "" {
			delete(merged, key)
		} else {
			merged[key] = value
		}
	}
	if len(merged) > maxMetadataKeys {
		return nil, invalid("", "metadata", textMetadataKeys, maxMetadataKeys, len(merged))
	}
	return merged, nil
}
