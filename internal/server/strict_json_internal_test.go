package server

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/fault"
)

func TestStrictJSON(t *testing.T) {
	t.Parallel()
	type body struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
	}
	for _, good := range []string{
		`{}`, `{"query":"x","variables":{"a":1,"b":{"a":[{"a":null},{"a":2}]}}}`, `{"other":1}`, ` {"query":"\ud83d\ude00 😀"} `, `{"query":"a\u0000"}`,
	} {
		if err := decodeStrictly([]byte(good), new(body)); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, says := range map[string]string{
		`{"query":"a","query":"b"}`:                       "`query`",
		`{"query":"a","QUERY":"b"}`:                       "`QUERY`",
		`{"Query":"a"}`:                                   "`query`?",
		`{"variables":{"h":1,"h":null}}`:                  "`variables.h`",
		`{"variables":{"h":1,"H":null}}`:                  "`variables.H`",
		`{"variables":{"in":{"a":[{"k":1,"\u006b":2}]}}}`: "`variables.in.a.0.k`",
		`{"variables":{"k":1,"K":2}}`:                     "more than once", // the Kelvin sign
		`{"query":"\ud83d"}`:                              "`query` contains half",
		`{"variables":{"a":["\ude00"]}}`:                  "`variables.a.0`",
		"{\"query\":\"f\xfcr\"}":                          "`query` contains bytes",
		"{\"f\xfcr\":1}":                                  "The body contains bytes",
		"\ufeff{}":                                        "byte order mark",
		"\xff\xfe{\x00}\x00":                              "byte order mark",
		`{"query":"a"`:                                    "isn't a valid JSON",
		`{"query":"a"}{}`:                                 "more than one",
		`{"x":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`: "nested",
		strings.Repeat("[", 200_000):                                      "nested",
	} {
		err := decodeStrictly([]byte(bad), new(body))
		if fault.CodeOf(err) != fault.BadRequest || !strings.Contains(err.Error(), says) {
			t.Errorf("%.80s: %v", bad, err)
		}
	}
}

// Whatever passes means the same to a reader that keeps the first of two names.
func FuzzStrictJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"a":2}`, `{"a":1,"A":2}`, `{"a":{"b":[1,{"c":"\ud83d\ude00"}]}}`, `{"a":"\ud83d"}`, "{\"a\":\"\xff\"}", "\ufeff{}", `[[[[]]]]`, `{"":null,"":0}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var value any
		if (&strictJSON{body: []byte(raw), plain: true}).check() != nil || json.Unmarshal([]byte(raw), &value) != nil {
			return
		}
		if kept, said := fields(value), colons(raw); kept != said {
			t.Errorf("%q says %d names, of which %d are kept", raw, said, kept)
		}
		again, err := json.Marshal(value)
		if strings.Contains(string(again), "\ufffd") && !strings.Contains(strings.ToLower(raw), `\ufffd`) && !strings.Contains(raw, "\ufffd") {
			t.Errorf("%q becomes %q, %v", raw, again, err)
		}
	})
}

// fields counts the fields of all objects in a decoded value.
func fields(v any) (n int) {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			n += 1 + fields(inner)
		}
	case []any:
		for _, inner := range v {
			n += fields(inner)
		}
	}
	return n
}

// colons counts those of a JSON text that stand in no string: one after each name.
func colons(raw string) (n int) {
	inside := false
	for i := 0; i < len(raw); i++ {
		switch {
		case inside && raw[i] == '\\':
			i++
		case raw[i] == '"':
			inside = !inside
		case raw[i] == ':' && !inside:
			n++
		}
	}
	return n
}
