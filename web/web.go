// Package web serves the page at /. It imports nothing of ours: what it needs to
// know it is told.
package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the files beside this one
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

//go:embed start.html
var startPage string

//go:embed favicon.svg
var favicon []byte

var (
	start     = template.Must(template.New("start").Parse(startPage))
	styleHash = hashOf(regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(startPage)[1])
)

// Handler serves the start page at /, its icon, and tells of any other path that
// there is nothing. publicURL is the address that callers know the server by; where it is
// "", the page names the one that it was asked for under.
func Handler(publicURL string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/favicon.svg" {
			w.Header().Set("Content-Type", "image/svg+xml")
			_, _ = w.Write(favicon)
			return
		}
		if r.URL.Path != "/" {
			http.Error(w, "There's nothing here. Start at /.", http.StatusNotFound)
			return
		}
		var text bytes.Buffer
		if err := start.Execute(&text, page{address(publicURL, r)}); err != nil {
			http.Error(w, "The page couldn't be shown.", http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'sha256-"+styleHash+"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		_, _ = w.Write(text.Bytes())
	})
}

// page is what the start page shows. It links to what is beside it, wherever that is: a
// proxy may serve all of it below a path.
type page struct{ URL string }

// Path is what a proxy puts before our own paths, "" for nothing.
func (p page) Path() string {
	u, err := url.Parse(p.URL)
	if err != nil {
		return ""
	}
	return u.EscapedPath()
}

// address returns the server's own, without a slash at its end.
func address(publicURL string, r *http.Request) string {
	if publicURL != "" {
		return strings.TrimRight(publicURL, "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// hashOf returns what a content policy calls the text by.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}
