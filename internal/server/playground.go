package server

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed playground/dist
var playgroundFiles embed.FS

// GraphiQL styles its parts by attribute and brings its fonts inside its style
// sheet; it needs no more than that, and nothing from elsewhere.
const playgroundPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
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
