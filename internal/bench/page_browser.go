package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// browsed is what a browser has told. Figures without a unit are in thousandths, as if of a
// second.
type browsed struct {
	figures map[string][]time.Duration
	shown   map[string]time.Time // by message
	rows    int
}

// pageLine is one line of it.
type pageLine struct {
	Ready  bool
	Figure string
	Values []float64
	Shown  struct {
		Message string
		At      float64
	}
	Remark string
	Rows   int
}

// browser has web/bench/page.mjs do its parts as the shop's owner. ready is called when the
// page shows the deployment.
func (s *shop) browser(ctx context.Context, parts string, products []string, deployment string, ready func()) (*browsed, error) {
	link, err := s.signInLink(ctx)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "node", filepath.Join("bench", "page.mjs"))
	cmd.Dir = "web"
	cmd.Env = append(os.Environ(), "PAGE_URL="+s.api, "PAGE_LINK="+link, "PAGE_SLUG="+s.slug, "PAGE_PARTS="+parts,
		"PAGE_DEPLOYMENT="+deployment, "PAGE_PRODUCTS="+strings.Join(products, ","))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	seen, err := listen(out, ready)
	if ended := cmd.Wait(); ended != nil {
		return nil, fmt.Errorf("web/bench/page.mjs: %w", ended)
	}
	return seen, err
}

func listen(out io.Reader, ready func()) (*browsed, error) {
	b := &browsed{figures: map[string][]time.Duration{}, shown: map[string]time.Time{}}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var line pageLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("%w in %s", err, lines.Text())
		}
		b.hear(line, ready)
	}
	return b, lines.Err()
}

func (b *browsed) hear(line pageLine, ready func()) {
	switch {
	case line.Ready:
		ready()
	case line.Figure != "":
		for _, value := range line.Values {
			b.figures[line.Figure] = append(b.figures[line.Figure], thousandths(line.Figure, value))
		}
		b.rows += line.Rows
	case line.Shown.Message != "":
		b.shown[line.Shown.Message] = time.UnixMicro(int64(line.Shown.At * 1000))
	case line.Remark != "":
		fmt.Fprintln(os.Stderr, "Lighthouse:", line.Remark)
	}
}

// thousandths are milliseconds, points, or the thousandths of what shifts.
func thousandths(figure string, value float64) time.Duration {
	if strings.HasPrefix(figure, "cls ") {
		return time.Duration(value * 1000)
	}
	return time.Duration(value * float64(time.Millisecond))
}

// signInLink signs the owner in, as operators can.
func (s *shop) signInLink(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, s.bin("golive"), "sign-in-link", "owner@"+s.slug+".example")
	cmd.Env = s.env("GOLIVE_ADDR=" + strings.TrimPrefix(s.api, "http://"))
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}
