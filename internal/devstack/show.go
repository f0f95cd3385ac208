package devstack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/golive-hq/golive/internal/app"
)

// running is what one stack leaves for whoever asks about it.
type running struct {
	// API is the address of its API.
	API string
	// Banner is what it told at its start.
	Banner string
}

func (f *folder) remember(r running) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return f.keepSecret("running", string(text)) // the banner has a token
}

func (f *folder) forget() { _ = os.Remove(f.join("running")) } // Show asks whether it runs

// Show writes once more what the stack of this folder has told at its start. Its errors are
// sentences for the person at the terminal.
func Show(ctx context.Context, env app.Lookup, out io.Writer) error {
	home, err := openFolder(env)
	if err != nil {
		return err
	}
	text, err := home.secret("running")
	if err != nil {
		return err
	}
	var r running
	web := &http.Client{Timeout: 5 * time.Second}
	if text == "" || json.Unmarshal([]byte(text), &r) != nil || !ready(ctx, web, r.API+"/healthz") {
		return fmt.Errorf("golive dev isn't running in %s: start it, or name its folder with GOLIVE_DATA_DIR", home.path)
	}
	_, err = io.WriteString(out, r.Banner)
	return err
}
