package server

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed playground/dist
var playgroundFiles embed.FS

// GraphiQL brings its fonts inside its style sheet, and needs nothing from elsewhere. It
// styles its parts through the DOM, which no policy forbids; what it would put into a page
// as text (how a dialog hides the scroll bar) is left out.
const playgroundPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; " +
	"img-src 'self' data:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// playground serves GraphiQL from the binary: it works without a network.
func playground() http.Handler {
	dist, err := fs.Sub(playgroundFiles, "playground/dist")
	if err != nil {
		panic(err) // the path is the one that is embedded
	}
	files := http.StripPrefix("/playground/", http.FileServerFS(dist))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", playgroundPolicy)
		switch r.URL.Path {
		case "/playground":
			http.ServeFileFS(w, r, dist, "index.html")
			return
		case "/playground/":
			// The page knows its files by where it is. http.Redirect would leave out the
			// path that a proxy may serve us below.
			w.Header().Set("Location", "../playground")
			w.WriteHeader(http.StatusFound)
			return
		}
		w.Header().Set("Cache-Control", "max-age=3600")
		files.ServeHTTP(w, r)
	})
}
