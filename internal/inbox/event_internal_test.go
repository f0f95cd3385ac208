package inbox

import (
	"strings"
	"testing"
)

// However its key is written, what would let a reader pay is left out; all else stays.
func TestVeiled(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{
		`{"note": "kept", "client_secret": "canary"}`,
		`{"note": "kept", "data": [{"object": {"client_secret": "canary"}}]}`,
		`{"note": "kept", "client\u005fsecret": "canary"}`,
		`{"note": "kept", "data": {"\u0063lient_secret": "canary"}}`,
		`{"note": "kept", "data": {"\u0063\u006C\u0069\u0065\u006e\u0074\u005F\u0073\u0065\u0063\u0072\u0065\u0074": "canary"}}`,
	} {
		got, err := veiled([]byte(payload))
		if err != nil || strings.Contains(got, "canary") || !strings.Contains(got, "kept") {
			t.Errorf("%s: %s, %v", payload, got, err)
		}
	}
	for _, payload := range []string{`{"note": "as it  came"}`, `{"note": "\u20ac 5"}`} {
		if got, err := veiled([]byte(payload)); got != payload || err != nil {
			t.Errorf("%s: %s, %v", payload, got, err)
		}
	}
}
