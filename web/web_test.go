package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

// built is a page as small as one can be.
func built(prefix string) *page {
	p := newPage(fstest.MapFS{
		"dist/index.html":  {Data: []byte(`<link href="./index.css"><script src="./index.js"></script>`)},
		"dist/index.js":    {Data: []byte(`import "./other.js"`)},
		"dist/index.css":   {Data: []byte(`@font-face{src:url(./inter.woff2)}`)},
		"dist/inter.woff2": {Data: []byte("font")},
		"dist/favicon.svg": {Data: []byte("<svg/>")},
		"dist/BUILT_FROM":  {Data: []byte("sum")},
	}, prefix)
	p.packed.Wait()
	return p
}

func (p *page) ask(method, path string, header map[string]string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var browser = map[string]string{"Accept": "text/html,*/*;q=0.8"}

// A proxy may keep a path for us: the document names its files below it.
func TestDocumentLeadsToItsFiles(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"", "/tools/golive"} {
		p := built(prefix)
		for _, path := range []string{"/", "/t/demo/products", "/?deployment=1"} {
			got := body(t, p.ask(http.MethodGet, path, browser))
			if want := `src="` + prefix + p.assets + `index.js"`; !strings.Contains(got, want) || strings.Contains(got, `"./`) {
				t.Errorf("%s: %s, want %s", path, got, want)
			}
		}
	}
}

// Names stay from build to build, so the folder must not.
func TestFilesLieInTheFolderOfTheirBuild(t *testing.T) {
	t.Parallel()
	p := built("")
	other := newPage(fstest.MapFS{"dist/index.html": {Data: []byte("other")}}, "")
	if p.assets == other.assets {
		t.Error("two builds share a folder")
	}
	for name, kind := range map[string]string{"index.js": "text/javascript; charset=utf-8", "index.css": "text/css; charset=utf-8", "inter.woff2": "font/woff2"} {
		res := p.ask(http.MethodGet, p.assets+name, nil)
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != kind || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, res.StatusCode, res.Header)
		}
	}
	for _, path := range []string{other.assets + "index.js", p.assets + "nothing.js", p.assets + "index.html", p.assets + "BUILT_FROM", p.assets} {
		if res := p.ask(http.MethodGet, path, browser); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

func TestFilesComeCompressedWhereAsked(t *testing.T) {
	t.Parallel()
	p := built("")
	res := p.ask(http.MethodGet, p.assets+"index.js", map[string]string{"Accept-Encoding": "gzip, br"})
	packed, err := gzip.NewReader(bytes.NewBufferString(body(t, res)))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(packed); err != nil || string(text) != `import "./other.js"` {
		t.Errorf("%q %v", text, err)
	}
	if res.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("%v", res.Header)
	}
	// The first who asks for Brotli gets what there is, and whoever comes later gets it.
	if res.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("%v", res.Header)
	}
	p.packed.Wait()
	res = p.ask(http.MethodGet, p.assets+"index.js", map[string]string{"Accept-Encoding": "gzip, deflate, br, zstd"})
	if text, err := io.ReadAll(brotli.NewReader(res.Body)); err != nil || string(text) != `import "./other.js"` || res.Header.Get("Content-Encoding") != "br" {
		t.Errorf("%q %v %v", text, err, res.Header)
	}
	for accepted, want := range map[string]string{"gzip": "gzip", "br;q=0, gzip;q=0.5": "gzip", "br;q=0.1": "br", "identity": "", "": "", "brotli": ""} {
		res := p.ask(http.MethodGet, p.assets+"index.js", map[string]string{"Accept-Encoding": accepted})
		if res.Header.Get("Content-Encoding") != want || res.Header.Get("Content-Length") != strconv.Itoa(len(body(t, res))) {
			t.Errorf("%q: %v", accepted, res.Header)
		}
	}
	if res := p.ask(http.MethodGet, p.assets+"inter.woff2", map[string]string{"Accept-Encoding": "gzip, br"}); res.Header.Get("Content-Encoding") != "" {
		t.Error("a font is compressed twice")
	}
}

// Programs get no page for an address that means nothing, and nobody posts to one.
func TestOnlyBrowsersGetTheDocument(t *testing.T) {
	t.Parallel()
	p := built("")
	if res := p.ask(http.MethodGet, "/t/demo", map[string]string{"Accept": "application/json"}); res.StatusCode != http.StatusNotFound {
		t.Errorf("a program: %d", res.StatusCode)
	}
	if res := p.ask(http.MethodPost, "/", browser); res.StatusCode != http.StatusNotFound {
		t.Errorf("POST: %d", res.StatusCode)
	}
	if res := p.ask(http.MethodGet, "/favicon.svg", nil); res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("the icon: %d %v", res.StatusCode, res.Header)
	}
}

// The page that is built in is whole: everything its document names is there.
func TestBuiltPageIsWhole(t *testing.T) {
	t.Parallel()
	p := newPage(dist, "")
	names := strings.Split(p.index, p.assets)[1:]
	if len(names) < 3 {
		t.Fatalf("the document names %d files", len(names))
	}
	for _, rest := range names {
		name, _, _ := strings.Cut(rest, `"`)
		if p.files[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
}
