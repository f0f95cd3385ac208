package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/golive-hq/golive/internal/app"
)

type doctorCmd struct {
	Probe string `placeholder:"URL" help:"Only check that this URL returns 200; a health check for images without a shell."`
}

// Run prints a line per finding and ends with success where there is nothing to
// mend.
func (c *doctorCmd) Run(ctx context.Context, t *terminal) error {
	if c.Probe != "" {
		return probe(ctx, c.Probe)
	}
	healthy := true
	for f := range app.Examine(ctx, os.LookupEnv) {
		sign := t.paint(green, "ok  ")
		if f.Fix {
			sign, healthy = t.paint(red, "FIX "), false
		}
		if err := t.answer(sign + " " + f.Subject + ": " + f.Says); err != nil {
			return err
		}
	}
	if !healthy {
		return errTold
	}
	return nil
}

func probe(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := (&http.Client{Timeout: time.Minute}).Do(req) // ctx ends before
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		says, _ := io.ReadAll(io.LimitReader(res.Body, 1<<10)) // as much of the reason as came
		return fmt.Errorf("%s returned %s: %s", url, res.Status, plain(string(says)))
	}
	return nil
}
