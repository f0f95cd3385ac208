// Package web serves the page, as it was built into dist. It imports nothing of ours: what
// it needs to know it is told.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/andybalholm/brotli"
)

//go:embed all:dist
var dist embed.FS

// policy lets the page load what this server has, and nothing else. Trusted Types keep
// text from becoming script; the page's only policy of them lets the empty text through.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; " +
	"require-trusted-types-for 'script'; trusted-types default"

// noStart is what programs are told that ask for a page.
const noStart = "There's no page for programs here. The API is at /graphql; a browser shows the page at /.\n"

// squeeze is Brotli's quality: above it, the page's files cost seconds for a few per cent.
const squeeze = 9

// file is one of the page's, with its compressed forms once these are made.
type file struct {
	plain    []byte
	kind     string
	gzipped  atomic.Pointer[[]byte]
	brotlied atomic.Pointer[[]byte]
}

// page is the built page: its files by name, and where they are served.
type page struct {
	files map[string]*file
	// assets is /assets/BUILD/, index the document that leads there.
	assets, index string
	packed        sync.WaitGroup
	wantsBrotli   sync.Once
}

// Handler serves the page below the path of publicURL: its document for whatever address a
// browser opens, and its files, whose names stay the same from build to build, below a
// folder named for what is in them.
func Handler(publicURL string) http.Handler {
	return newPage(dist, prefixOf(publicURL))
}

func newPage(from fs.FS, prefix string) *page {
	p := &page{files: map[string]*file{}}
	sum := sha256.New()
	must(fs.WalkDir(from, "dist", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(from, name)
		name = strings.TrimPrefix(name, "dist/")
		sum.Write([]byte(name + "\x00"))
		sum.Write(data)
		p.files[name] = &file{plain: data, kind: kindOf(name)}
		return err
	}))
	p.assets = "/assets/" + hex.EncodeToString(sum.Sum(nil))[:12] + "/"
	if document := p.files["index.html"]; document != nil {
		p.index = strings.ReplaceAll(string(document.plain), `="./`, `="`+prefix+p.assets)
	}
	delete(p.files, "index.html")
	delete(p.files, "BUILT_FROM")
	p.packed.Go(p.pack)
	return p
}

// must holds for files that are part of the program.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// prefixOf is the path that a proxy keeps for us, "" for none.
func prefixOf(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.EscapedPath(), "/")
}

// kindOf names what browsers need to be told; what a machine's own tables say of these
// differs.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	default:
		return mime.TypeByExtension(path.Ext(name))
	}
}

// pack makes the gzipped forms. Until it has, files are served as they are: nobody waits
// for it at a start.
func (p *page) pack() {
	for name, f := range p.files {
		if !compresses(name) {
			continue
		}
		var out bytes.Buffer
		w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
		_, _ = w.Write(f.plain)
		_ = w.Close()
		packed := out.Bytes()
		f.gzipped.Store(&packed)
	}
}

// packBetter makes the forms in Brotli, which cost more: a process that no browser asks
// never makes them.
func (p *page) packBetter() {
	for name, f := range p.files {
		if !compresses(name) {
			continue
		}
		var out bytes.Buffer
		w := brotli.NewWriterLevel(&out, squeeze)
		_, _ = w.Write(f.plain)
		_ = w.Close()
		packed := out.Bytes()
		f.brotlied.Store(&packed)
	}
}

// compresses tells what gets smaller: fonts are compressed already.
func compresses(name string) bool { return path.Ext(name) != ".woff2" }

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, isFile := strings.CutPrefix(r.URL.Path, p.assets)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, noStart, http.StatusNotFound)
	case isFile && p.files[name] != nil:
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		p.send(w, r, p.files[name])
	case r.URL.Path == "/favicon.svg":
		w.Header().Set("Cache-Control", "no-cache")
		p.send(w, r, p.files["favicon.svg"])
	case strings.HasPrefix(r.URL.Path, "/assets/"):
		http.Error(w, "This file belongs to another version. Reload the page.", http.StatusNotFound)
	case WantsDocument(r):
		p.document(w)
	default:
		w.Header().Set("Vary", "Accept")
		http.Error(w, noStart, http.StatusNotFound)
	}
}

// WantsDocument tells a browser that opens an address from a program, or a script of a page.
func WantsDocument(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

func (p *page) document(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept")
	// Without a referrer browsers would say that the sign-out's request comes from nowhere.
	h.Set("Referrer-Policy", "same-origin")
	_, _ = w.Write([]byte(p.index))
}

func (p *page) send(w http.ResponseWriter, r *http.Request, f *file) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	data := f.plain
	if packed := f.gzipped.Load(); packed != nil && accepts(r, "gzip") {
		h.Set("Content-Encoding", "gzip")
		data = *packed
	}
	if accepts(r, "br") {
		p.wantsBrotli.Do(func() { p.packed.Go(p.packBetter) })
		if packed := f.brotlied.Load(); packed != nil {
			h.Set("Content-Encoding", "br")
			data = *packed
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data)
}

// accepts tells whether the caller reads an encoding; one with the quality 0 it does not.
func accepts(r *http.Request, encoding string) bool {
	for one := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(one, ";")
		if strings.TrimSpace(name) == encoding {
			return !noQuality.MatchString(quality)
		}
	}
	return false
}

var noQuality = regexp.MustCompile(`^\s*q=0(\.0*)?\s*$`)
