package simtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// witness is a child process that knows Stripe's documents: what it is made of
// stays out of this module. It ends with this process, which it sees by the end of
// its input.
type witness struct {
	// asked are yet to be put to it, sent yet to be answered by it, in this order.
	asked, sent chan *question
}

type question struct {
	exchange
	told func(verdict)
}

// exchange is one request and its answer, as the witness reads it.
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

// verdict is what the witness says of an exchange.
type verdict struct {
	// Refusal is why stripe-mock would refuse a request that was answered 2xx.
	Refusal string `json:"refusal"`
	// Departure is how the answer departs from the document.
	Departure string `json:"departure"`
	// failure is why there is no verdict.
	failure error
}

// theWitness is asked by all tests of a process.
var theWitness = sync.OnceValue(func() *witness {
	dir, err := witnessDir()
	if err != nil {
		return newWitness(io.Discard, new(bytes.Buffer), func() error { return err })
	}
	return startWitness(dir)
})

// newWitness writes to in what it is asked, and reads from out what it says. Once it
// says no more, the error of end is the verdict on every exchange.
func newWitness(in io.Writer, out io.Reader, end func() error) *witness {
	// So many that nobody waits while it is compiled for the first time.
	w := &witness{asked: make(chan *question, 1<<16), sent: make(chan *question, 1<<16)}
	go w.ask(in)
	go w.listen(out, end)
	return w
}

// startWitness runs what `go run` keeps in Go's cache: all test binaries share it.
func startWitness(dir string) *witness {
	cmd := exec.Command("go", "run", "./stripe")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off") // a workspace need not know its module
	complaints := new(bytes.Buffer)
	cmd.Stderr = complaints
	in, inErr := cmd.StdinPipe()
	out, outErr := cmd.StdoutPipe()
	err := errors.Join(inErr, outErr, cmd.Start())
	return newWitness(in, out, func() error {
		if err == nil {
			err = cmd.Wait()
		}
		return fmt.Errorf("%w: %s", cmp.Or(err, errEnded), complaints)
	})
}

var errEnded = errors.New("it has ended")

// witnessDir finds the witness' module from a test's folder, upwards. Reading its
// folder makes Go run tests anew, instead of taking their results from its cache,
// once the witness is another.
func witnessDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		found := filepath.Join(dir, "internal", "witness")
		if _, err := os.Stat(filepath.Join(found, "go.mod")); err == nil {
			_, err = os.ReadDir(filepath.Join(found, "stripe"))
			return found, err
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no folder above this test's holds internal/witness")
		}
	}
}

// ask puts questions to the witness. What a dead one does not take, listen answers.
func (w *witness) ask(in io.Writer) {
	written := json.NewEncoder(in)
	for q := range w.asked {
		w.sent <- q
		_ = written.Encode(q.exchange)
	}
}

// listen passes verdicts on, and once there are no more the reason why, for ever.
func (w *witness) listen(out io.Reader, end func() error) {
	read := json.NewDecoder(out)
	for {
		var v verdict
		if v.failure = read.Decode(&v); v.failure != nil {
			break
		}
		(<-w.sent).told(v)
	}
	failure := fmt.Errorf("the witness of Stripe's documents gives no verdict: %w", end())
	for q := range w.sent {
		q.told(verdict{failure: failure})
	}
}
