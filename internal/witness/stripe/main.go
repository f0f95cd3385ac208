// Command stripe judges exchanges with a Stripe by Stripe's own documents: requests
// as stripe-mock does, answers by the OpenAPI document. It reads them from standard
// input, each a JSON object, answers each in turn with a verdict, and ends with its
// input. internal/stripesim/simtest asks it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// exchange is one request and its answer, as simtest writes it.
type exchange struct {
	Method      string `json:"method"`
	Path        string `json:"path"` // escaped
	Query       string `json:"query"`
	ContentType string `json:"contentType"`
	Body        []byte `json:"body"`
	Status      int    `json:"status"`
	AnswerType  string `json:"answerType"`
	Answer      []byte `json:"answer"`
}

// verdict says what is wrong with an exchange, in empty strings that nothing is.
type verdict struct {
	// Refusal is why stripe-mock would refuse a request that was answered 2xx.
	Refusal string `json:"refusal"`
	// Departure is how the answer departs from the document.
	Departure string `json:"departure"`
}

func run(in io.Reader, out io.Writer) error {
	official, err := load(document)
	if err != nil {
		return err
	}
	asked, told := json.NewDecoder(in), json.NewEncoder(out)
	asked.DisallowUnknownFields()
	for {
		var x exchange
		if err := asked.Decode(&x); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read an exchange: %w", err)
		}
		if err := told.Encode(official.judge(x)); err != nil {
			return fmt.Errorf("tell a verdict: %w", err)
		}
	}
}

func (c *contract) judge(x exchange) (v verdict) {
	if x.Status/100 == 2 {
		if err := c.checkRequest(x); err != nil {
			v.Refusal = err.Error()
		}
	}
	if err := c.checkAnswer(x); err != nil {
		v.Departure = err.Error()
	}
	return v
}
