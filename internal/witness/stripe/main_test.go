package main

import (
	"strings"
	"testing"
)

// TestAnswersInTurn: simtest tells by their order which verdict is on what, and by
// its input's end that nobody asks any more.
func TestAnswersInTurn(t *testing.T) {
	t.Parallel()
	in := `{"method": "GET", "path": "/v1/products", "status": 400, "answerType": "text/html"}
		{"method": "GET", "path": "/v1/nothing", "status": 200}
		{"method": "GET", "path": "/v1/products", "query": "limit=five", "status": 204, "answerType": "application/json", "answer": "e30="}`
	var out strings.Builder
	if err := run(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	verdicts := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range []string{`{"refusal":"","departure":"content type`, `{"refusal":"unrecognized`, `{"refusal":"parameters are invalid`} {
		if i >= len(verdicts) || !strings.HasPrefix(verdicts[i], want) {
			t.Errorf("verdict %d of %q is not %s", i, verdicts, want)
		}
	}
}

func TestRefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	for _, in := range []string{`{"verb": "GET"}`, `{"method": "GET"`, `GET /v1/products`} {
		if err := run(strings.NewReader(in), &strings.Builder{}); err == nil {
			t.Errorf("it took %s", in)
		}
	}
}
