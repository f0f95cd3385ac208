package web

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// What a view may weigh, gzipped, in bytes: all that is fetched before it shows, and what is
// fetched later, each by itself.
const (
	firstLoad = 150_000 // products, and a product
	otherView = 160_000
	lazyChunk = 110_000
)

var (
	imported = regexp.MustCompile(`(?:from|import)"\./([^"]+\.js)"`)
	// Where names differ in case only, one gets a number.
	isProduct = regexp.MustCompile(`^Products?\d*\.js$`)
	// What opens over a view is no view of its own.
	isOverlay = regexp.MustCompile(`^Palette\d*\.js$`)
	lazily    = regexp.MustCompile("import\\([`\"]\\./([^`\"]+\\.js)[`\"]\\)")
)

// A phone on a train opens a product in a second or two, and adding a library is a decision.
func TestPageKeepsItsBudget(t *testing.T) {
	t.Parallel()
	views := lazily.FindAllStringSubmatch(string(chunk(t, "index.js")), -1)
	if len(views) < 7 {
		t.Fatalf("index.js leads to %d views, which are at least 7", len(views))
	}
	products := 0
	for _, view := range views {
		if isOverlay.MatchString(view[1]) {
			continue
		}
		load := map[string]int{"index.css": gzipped(t, "index.css")}
		fetched(t, "index.js", load)
		fetched(t, view[1], load)
		sum := 0
		for _, size := range load {
			sum += size
		}
		t.Logf("%s: %d bytes", view[1], sum)
		most := otherView
		if isProduct.MatchString(view[1]) {
			most, products = firstLoad, products+1
		}
		if sum > most {
			t.Errorf("%s weighs %d bytes at its first load, above %d: %v", view[1], sum, most, load)
		}
	}
	if products != 2 {
		t.Errorf("%d views are of products, which are 2: these keep the smaller budget", products)
	}
	chunks, err := filepath.Glob("dist/*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range chunks {
		if size := gzipped(t, filepath.Base(path)); size > lazyChunk {
			t.Errorf("%s weighs %d bytes, above %d", path, size, lazyChunk)
		}
	}
}

// fetched adds a chunk to load, and all that it cannot run without.
func fetched(t *testing.T, name string, load map[string]int) {
	t.Helper()
	if _, known := load[name]; known {
		return
	}
	load[name] = gzipped(t, name)
	for _, needed := range imported.FindAllStringSubmatch(string(chunk(t, name)), -1) {
		fetched(t, needed[1], load)
	}
}

func gzipped(t *testing.T, name string) int {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(chunk(t, name))
	_ = w.Close()
	return out.Len()
}

func chunk(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("dist", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
